"""New secrets: what changes, what stays, and what is told to whom."""

import json
import os
import tomllib
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from console.accounts import add_account
from console.accounts_totp import Seal
from models import tables
from models.database import Database
from models.errors import NotAllowed
from models.words import AccountRole, SiteId
from wingline.cli import app
from wingline.rotating import HELD_BY, WHAT_IT_OPENS, Opens
from wingline.settings import SECRETS, read_secrets, renew_secrets

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    monkeypatch.setenv("WINGLINE_DATA", str(folder))
    monkeypatch.setenv("WINGLINE_LOG_LEVEL", "ERROR")
    # Where nothing listens.
    monkeypatch.setenv("WINGLINE_AMI_PORT", "1025")
    assert typed("site", "apply", str(EXAMPLE)).exit_code == 0
    return folder


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def answered(*words: str) -> Any:
    return json.loads(typed(*words, "--json").stdout.splitlines()[-1])


def changed(before: dict[str, str], after: dict[str, str]) -> Collection[str]:
    return {name for name in before if before[name] != after[name]}


def test_only_what_is_named_changes_and_what_a_site_wrote_stays(tmp_path: Path) -> None:
    before = read_secrets(tmp_path)
    file = tmp_path / "secrets.toml"
    file.write_text(file.read_text() + '\n# the pager of the duty governor\npager = "t"\n')

    renew_secrets(tmp_path, ["agi", "speech"])

    after = read_secrets(tmp_path)
    assert changed(before, after) == {"agi", "speech"}
    assert after["pager"] == "t"
    assert "# the pager of the duty governor" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["secrets.toml"]


def test_a_file_that_somebody_wrote_in_another_way_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text("\n".join(f'"{name}" = "{name}-1"' for name in SECRETS))

    with pytest.raises(NotAllowed):
        renew_secrets(tmp_path, ["agi"])
    assert tomllib.loads(file.read_text())["agi"] == "agi-1"


def test_every_secret_that_opens_something_can_be_changed_but_for_the_key_of_the_pairs() -> None:
    assert {one.value for one in Opens} == set(SECRETS) - {"apart"}
    assert set(WHAT_IT_OPENS) == set(HELD_BY) == set(Opens)


def test_all_change_at_once_and_nothing_is_shown(data: Path) -> None:
    before = read_secrets(data)
    said = typed("secrets", "rotate")

    after = read_secrets(data)
    assert changed(before, after) == set(SECRETS) - {"apart"}
    assert "Asterisk is not up" in said.stdout
    assert not [secret for secret in after.values() if secret in said.output]


def test_one_changes_and_the_audit_says_which_and_by_whom(data: Path) -> None:
    before = read_secrets(data)
    facts = answered("secrets", "rotate", "speech")

    assert facts == {"rotated": ["speech"], "asterisk_told": False, "started_again": []}
    assert changed(before, read_secrets(data)) == {"speech"}
    assert "secret_changed" in _audited(data)


def test_a_phone_gets_a_new_secret_and_the_others_keep_theirs(data: Path) -> None:
    def secrets() -> dict[str, str]:
        lines = (line.split() for line in typed("site", "phones").stdout.splitlines())
        return {words[1]: words[3] for words in lines}

    before = secrets()
    facts = answered("secrets", "phones", "A-1-002", "duty_office")

    assert changed(before, secrets()) == {"A-1-002", "duty_office"}
    assert {row["place"]: row["secret"] for row in facts["phones"]} == {
        place: secrets()[place] for place in ("A-1-002", "duty_office")
    }
    assert "phone_secret_changed" in _audited(data)


@pytest.mark.parametrize("words", [(), ("A-1-002", "--all"), ("A-9-999",)])
def test_whose_phone_must_be_said_and_exist(data: Path, words: tuple[str, ...]) -> None:
    assert (data / "wingline.db").exists()
    said = typed("secrets", "phones", *words)

    assert said.exit_code == 1
    assert "Traceback" not in said.output


def test_authenticator_apps_still_open_their_accounts_with_another_key_of_the_console(data: Path) -> None:
    def sealed() -> str:
        with closing(Database(f"sqlite:///{data / 'wingline.db'}")) as database:
            return str(database.do(lambda session: session.scalars(select(tables.Account.totp)).one()))

    with closing(Database(f"sqlite:///{data / 'wingline.db'}")) as database, database.transaction() as session:
        account = add_account(session, SiteId("example"), name="Nurse", password=None, role=AccountRole.STAFF)
        session.get_one(tables.Account, account).totp = Seal(read_secrets(data)["console"]).close("JBSWY3DP")
    before = sealed()
    typed("secrets", "rotate", "console")

    assert sealed() != before
    assert Seal(read_secrets(data)["console"]).open(sealed()) == "JBSWY3DP"


def test_the_list_says_what_each_opens_and_never_what_it_is(data: Path) -> None:
    said = typed("secrets", "list").stdout

    assert [line.split()[0] for line in said.splitlines()] == [one.value for one in Opens]
    assert not [secret for secret in read_secrets(data).values() if secret in said]


def _audited(data: Path) -> str:
    return os.fsdecode((data / "wingline.db").read_bytes()) if data.exists() else ""
