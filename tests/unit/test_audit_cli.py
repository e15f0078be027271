"""The audit by command line, as a coordinator prints it and a monitoring board checks it."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from models import audit
from models.clock import now
from models.database import Database
from wingline.audit_files import settle_heads
from wingline.cli import app

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"
SITE = "example"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site of whose audit three entries were written the day before yesterday; the line has made its heads."""
    folder = tmp_path / "site"
    monkeypatch.setenv("WINGLINE_DATA", str(folder))
    monkeypatch.setenv("WINGLINE_LOG_LEVEL", "ERROR")
    assert wingline("site", "apply", str(EXAMPLE)).exit_code == 0
    then = now() - timedelta(days=2)
    with closing(Database(f"sqlite:///{folder / 'wingline.db'}")) as database:
        for what in ("raised", "acknowledged", "closed"):
            with database.transaction() as session:
                audit.note(session, "nurse", what, "esc-1", then)
        for at in (now() - timedelta(days=1), now()):
            with database.transaction() as session:
                settle_heads(session, folder, site=SITE, zone="Europe/London", now=at)
    return folder


def wingline(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def answered(*words: str) -> Any:
    return json.loads(wingline(*words, "--json").stdout.splitlines()[-1])


def somebody_does(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "wingline.db")) as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            file.execute(statement)
        file.commit()


def for_the_board(data: Path) -> tuple[str, str, str, str]:
    """Head and key as the board has them: what the commands printed, in files of its own."""
    board = data.parent / "board"
    board.mkdir()
    (board / "mail.head").write_text(wingline("audit", "head").stdout)
    (board / "key.pem").write_text(wingline("audit", "key").stdout)
    return "--heads", str(board), "--key", str(board / "key.pem")


def test_an_audit_that_nobody_has_been_at_is_whole() -> None:
    ended = wingline("audit", "verify")

    assert ended.exit_code == 0
    assert "3 entries, 1 to 3. 2 heads were held against them.\nNothing is wrong." in ended.stdout
    assert answered("audit", "verify")["whole"]


def test_what_was_changed_is_named_with_exit_code_1(data: Path) -> None:
    somebody_does(data, "UPDATE acts SET who = 'robin' WHERE id = 2")
    ended = wingline("audit", "verify")

    assert ended.exit_code == 1
    assert "WRONG: entry 2 was changed" in ended.stdout
    assert answered("audit", "verify")["findings"] == [
        {"wrong": "changed", "first": 2, "last": 2, "what": "entry 2 was changed"}
    ]


def test_what_the_board_holds_finds_an_end_that_was_cut_off(data: Path) -> None:
    board = for_the_board(data)
    somebody_does(data, "DELETE FROM acts WHERE id = 3")
    for head in (data / "audit").iterdir():
        head.unlink()

    assert answered("audit", "verify", *board)["findings"][0]["wrong"] == "cut off"


def test_the_newest_head_is_none_that_was_signed_while_the_clock_was_ahead(data: Path) -> None:
    before, ahead = answered("audit", "head"), now() + timedelta(days=40)
    with closing(Database(f"sqlite:///{data / 'wingline.db'}")) as database, database.transaction() as session:
        assert settle_heads(session, data, site=SITE, zone="Europe/London", now=ahead)
    day = (ahead - timedelta(days=1)).date().isoformat()

    assert answered("audit", "head") == before
    # Whoever asks for one by its day gets what lies there.
    assert answered("audit", "head", "--date", day)["day"] == day


def test_heads_that_somebody_took_away_are_missed(data: Path) -> None:
    for head in (data / "audit").iterdir():
        head.unlink()
    ended = wingline("audit", "verify")

    assert ended.exit_code == 1
    assert "there is no head of" in ended.stdout
    assert "Without a head nobody can see that the end was cut off" in ended.stdout


def test_what_the_board_holds_fits_while_nobody_has_been_at_the_audit(data: Path) -> None:
    assert wingline("audit", "verify", *for_the_board(data)).exit_code == 0


def test_a_machine_with_another_key_does_not_convince_the_board(data: Path) -> None:
    board = for_the_board(data)
    (data / "audit-key.pem").unlink()
    wingline("audit", "key")

    assert wingline("audit", "verify", *board).exit_code == 0
    assert answered("audit", "verify")["findings"][0]["wrong"] == "unknown key"


def test_a_head_is_printed_with_what_it_is_for() -> None:
    said = wingline("audit", "head").stdout
    yesterday = (now().astimezone(ZoneInfo("Europe/London")).date() - timedelta(days=1)).isoformat()

    assert f"Day: {yesterday}\nLast entry: 3\n" in said
    assert "every entry up to it" in said
    assert answered("audit", "head", "--date", yesterday)["last"] == 3


def test_a_day_without_a_head_is_said() -> None:
    ended = wingline("audit", "head", "--date", "2020-01-01")

    assert ended.exit_code == 1
    assert "there is none of that day" in ended.stderr


def test_entries_are_shown_from_a_day_on() -> None:
    tomorrow = (now() + timedelta(days=2)).date().isoformat()

    assert [one["what"] for one in answered("audit", "show")["entries"]] == ["raised", "acknowledged", "closed"]
    assert "nurse: acknowledged  esc-1" in wingline("audit", "show").stdout
    assert answered("audit", "show", "--since", tomorrow)["entries"] == []


@pytest.mark.parametrize(
    ("words", "advice"),
    [(("--key", "nowhere.pem"), "is not the public key of an audit"), (("--heads", "nowhere"), "there is no folder")],
)
def test_what_is_given_wrongly_is_said(words: tuple[str, str], advice: str) -> None:
    assert advice in wingline("audit", "verify", *words).stderr
