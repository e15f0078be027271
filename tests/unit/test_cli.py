"""The command line without a line: what it says to a newcomer, and that it never shows a traceback."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from wingline.cli import app
from wingline.settings import Settings
from wingline.up import AlreadyUp, NoSite, only_one, run_up

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    monkeypatch.setenv("WINGLINE_DATA", str(folder))
    monkeypatch.setenv("WINGLINE_LOG_LEVEL", "ERROR")
    # Where nothing listens.
    for name in ("AMI", "AGI", "SPEECH", "CONSOLE"):
        monkeypatch.setenv(f"WINGLINE_{name}_PORT", "1025")
    return folder


def wingline(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_up_without_a_site_says_exactly_what_to_type(data: Path) -> None:
    with pytest.raises(NoSite) as told:
        asyncio.run(run_up(Settings(data=data)))

    assert "wingline site apply docs/site-example.toml" in str(told.value)
    assert "make run" in str(told.value)


def test_what_goes_wrong_is_a_message_and_exit_code_1() -> None:
    ended = wingline("site", "apply", "nowhere.toml")

    assert ended.exit_code == 1
    assert "there is no such file" in ended.stderr
    assert "Traceback" not in ended.output


def test_a_setting_that_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINGLINE_SIP_PORT", "80")

    ended = wingline("migrate")

    assert ended.exit_code == 1
    assert "WINGLINE_SIP_PORT" in ended.stderr


def test_check_says_what_the_file_would_do_and_changes_nothing(data: Path) -> None:
    said = wingline("site", "check", str(EXAMPLE))

    assert "adds 3 Listeners: Heron, Kestrel, Wren" in said.stdout
    assert not data.exists()


def test_a_file_applied_twice_adds_nothing_the_second_time() -> None:
    wingline("site", "apply", str(EXAMPLE))

    again = wingline("site", "apply", str(EXAMPLE))

    assert again.exit_code == 0
    assert "adds" not in again.stdout


def test_phones_lists_what_to_type_into_each() -> None:
    wingline("site", "apply", str(EXAMPLE))

    listed = wingline("site", "phones").stdout.splitlines()

    assert len(listed) == 16 + 4
    assert sum(line.startswith("listener") for line in listed) == 3


def test_where_a_password_is_enough_it_is_shown_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINGLINE_SECOND_FACTOR", "off")
    wingline("site", "apply", str(EXAMPLE))

    made = wingline("site", "account", "nurse", "--role", "staff")
    again = wingline("site", "account", "nurse", "--role", "staff")

    assert "signs in with the password" in made.stdout
    assert again.exit_code == 1
    assert "another account has this name" in again.stderr


@pytest.mark.slow
def test_doctor_without_a_line_says_how_to_start_it() -> None:
    wingline("site", "apply", str(EXAMPLE))

    ended = wingline("doctor", "--json")
    found = json.loads(ended.stdout.splitlines()[-1])

    assert ended.exit_code == 1
    assert not found["well"]
    by_name = {one["name"]: one for one in found["findings"]}
    assert by_name["line"]["do"] == "start it with make run"
    assert by_name["database"]["grade"] == "ok"


def test_doctor_without_a_site_says_so() -> None:
    ended = wingline("doctor")

    assert ended.exit_code == 1
    assert "wingline site apply FILE" in ended.stdout


def test_only_one_up_holds_a_data_folder(data: Path) -> None:
    with only_one(data), pytest.raises(AlreadyUp, match="already up"), only_one(data):
        pytest.fail("two at once")
