"""Accounts by command line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from models.database import Database
from models.tables import Account, Invitation
from wingline.cli import app

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"
CODE = re.compile("([A-Z2-9]{4}-){5}[A-Z2-9]{4}")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    monkeypatch.setenv("WINGLINE_DATA", str(folder))
    monkeypatch.setenv("WINGLINE_CONSOLE_ADDRESS", "https://wingline.example")
    assert CliRunner().invoke(app, ["site", "apply", str(EXAMPLE)]).exit_code == 0
    return folder


def wingline(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def answered(*words: str) -> Any:
    return json.loads(wingline("accounts", *words, "--json").stdout.splitlines()[-1])


def test_an_invitation_is_shown_once_with_where_to_use_it(data: Path) -> None:
    said = wingline("accounts", "invite", "Night orderly", "--role", "staff").stdout
    code = said.splitlines()[0]

    assert CODE.fullmatch(code)
    assert "https://wingline.example/sign-in/first" in said
    assert code.encode() not in (data / "wingline.db").read_bytes()
    assert "Night orderly: staff, nothing opens it yet, invited until 20" in wingline("accounts", "list").stdout


def test_what_is_listed_is_the_same_as_json() -> None:
    answered("invite", "Dr Owen", "--role", "scheme_partner")

    (one,) = answered("list")["accounts"]
    assert one["invited_until"] is not None
    assert {name: one[name] for name in one if name != "invited_until"} == {
        "name": "Dr Owen",
        "role": "scheme_partner",
        "password": False,
        "app": False,
        "passkeys": 0,
        "directory": False,
        "signed_in": 0,
        "seen_at": None,
    }


def test_a_reset_makes_another_code_and_the_one_before_is_gone(data: Path) -> None:
    first = answered("invite", "Dr Owen", "--role", "staff")["code"]
    second = answered("reset", "Dr Owen")["code"]
    database = Database(f"sqlite:///{data / 'wingline.db'}")
    with database.transaction() as session:
        assert session.query(Invitation).count() == 1
    database.close()

    assert first != second


def test_an_account_that_was_ended_is_gone_and_its_name_is_free() -> None:
    answered("invite", "Dr Owen", "--role", "staff")

    assert answered("end", "Dr Owen") == {"ended": "Dr Owen"}
    assert wingline("accounts", "list").stdout == "There are no accounts.\n"
    assert answered("invite", "Dr Owen", "--role", "coordinator")["name"] == "Dr Owen"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("end", "nobody"), "there is no account called 'nobody'"),
        (("reset", "nobody"), "there is no account called 'nobody'"),
        (("invite", " ", "--role", "staff"), "1 to 60 characters"),
        (("invite", "x" * 61, "--role", "staff"), "1 to 60 characters"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = wingline("accounts", *words)

    assert answer.exit_code == 1
    assert said in answer.output + capsys.readouterr().err


def test_a_name_is_one_persons() -> None:
    answered("invite", "Dr Owen", "--role", "staff")

    assert wingline("accounts", "invite", "Dr Owen", "--role", "governor").exit_code == 1


def test_the_command_of_before_invites_too_and_makes_a_password_only_where_that_is_enough(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CODE.fullmatch(wingline("site", "account", "nurse", "--role", "staff").stdout.splitlines()[0])
    monkeypatch.setenv("WINGLINE_SECOND_FACTOR", "off")
    assert "signs in with the password" in wingline("site", "account", "demo", "--role", "staff").stdout

    database = Database(f"sqlite:///{data / 'wingline.db'}")
    with database.transaction() as session:
        has_password = {row.name: row.password is not None for row in session.query(Account)}
    database.close()
    assert has_password == {"nurse": False, "demo": True}


@pytest.mark.parametrize("address", ["http://wingline.example", "https://wingline.example/console", "wingline.example"])
def test_an_address_that_browsers_would_not_trust_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINGLINE_CONSOLE_ADDRESS", address)

    assert wingline("accounts", "list").exit_code == 1


def test_who_comes_by_the_prisons_directory_gets_no_code(data: Path) -> None:
    assert wingline("accounts", "invite", "Dr Owen", "--role", "staff", "--oidc", "owen-7").exit_code == 1
    with (data / "site.toml").open("a") as file:
        file.write('[oidc]\nissuer = "https://login.example"\nclient = "wingline"\nsecret = "directory"\n')

    assert answered("invite", "Dr Owen", "--role", "staff", "--oidc", "owen-7") == {"name": "Dr Owen"}
    assert "Dr Owen: staff, directory\n" in wingline("accounts", "list").stdout
    assert wingline("accounts", "invite", "another", "--role", "staff", "--oidc", "owen-7").exit_code == 1
    assert b"owen-7" not in (data / "wingline.db").read_bytes()
