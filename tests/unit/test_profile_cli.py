"""Profiles by command line, and the pages of docs/profiles."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from builders import NOON
from typer.testing import CliRunner, Result

from console.accounts import add_account
from escalation.profile_file import shipped
from escalation.signing import Signature, Version
from ivr.prompts import languages
from models.database import Database
from models.errors import BadProfile, NotAllowed, UnknownName
from models.words import AccountRole, SiteId
from wingline import profile_cli, site_cli
from wingline.doctor.finding import Grade
from wingline.doctor.profiles import judged_versions
from wingline.profile_pages import shipped_pages

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs/site-example.toml"
ADULT = ROOT / "profiles/uk-listener-adult.toml"

app = typer.Typer()
app.add_typer(site_cli.app, name="site")
app.add_typer(profile_cli.app, name="profile")


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def answered(*words: str) -> Any:
    result = typed(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    monkeypatch.setenv("WINGLINE_DATA", str(folder))
    assert typed("site", "apply", str(EXAMPLE)).exit_code == 0
    with_accounts(folder, sam=AccountRole.COORDINATOR, nurse=AccountRole.STAFF)
    return folder


def with_accounts(data: Path, **roles: AccountRole) -> None:
    database = Database(f"sqlite:///{data / 'wingline.db'}")
    with database.transaction() as session:
        for name, role in roles.items():
            add_account(session, SiteId("example"), name=name, password=None, role=role)
    database.close()


def test_the_pages_in_docs_are_those_of_the_profiles() -> None:
    made = shipped_pages(languages()[0].prompts)

    assert set(made) == {f"{name}.md" for name in shipped()}
    for name, text in made.items():
        kept = (ROOT / "docs/profiles" / name).read_text("utf-8")
        assert kept == text, f"docs/profiles/{name} is old: wingline profile pages"


def test_pages_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    assert typed("profile", "pages", str(tmp_path / "pages")).exit_code == 0
    assert {file.name for file in (tmp_path / "pages").iterdir()} == {f"{name}.md" for name in shipped()}


def test_a_profile_is_shown_for_whom_it_is_asked_for() -> None:
    page = typed("profile", "show", "ireland", "--for", "caller").stdout

    assert "You hear first" in page
    assert "For an officer" not in page
    assert set(answered("profile", "show", "ireland")["pages"]) == {"caller", "listener", "officer"}


def test_without_a_name_it_is_the_one_that_counts_here(data: Path) -> None:
    assert data.exists()
    facts = answered("profile", "show")

    assert (facts["profile"], facts["version"]) == ("uk-listener-adult", 0)


def test_a_site_file_brings_its_choices() -> None:
    never = typed("profile", "show", "us-peer", "--site", str(EXAMPLE))

    assert isinstance(never.exception, BadProfile)
    assert "threat-not-prea" in str(never.exception)
    assert typed("profile", "show", "ireland", "--site", str(EXAMPLE)).exit_code == 0


def test_the_difference_between_two_profiles() -> None:
    changes = answered("profile", "difference", "uk-listener-adult", "ireland")["changes"]

    assert set(changes) == {"caller", "listener", "officer"}
    assert typed("profile", "difference", "ireland", "ireland").stdout.strip() == "Nothing that anybody meets."


def test_a_proposal_waits_for_two_signatures(data: Path) -> None:
    assert data.exists()
    said = typed("profile", "propose", str(ADULT), "--by", "sam").stdout

    assert "Version 1 is proposed" in said
    (version,) = answered("profile", "history")["versions"]
    assert (version["state"], version["proposed_by"], version["signed"]) == ("proposed", "sam", {})
    assert "1  uk-listener-adult: proposed" in typed("profile", "history").stdout


@pytest.mark.parametrize(("by", "why"), [("nurse", NotAllowed), ("nobody", UnknownName)])
def test_who_may_not_propose_on_the_console_may_not_here(data: Path, by: str, why: type[Exception]) -> None:
    assert data.exists()

    assert isinstance(typed("profile", "propose", str(ADULT), "--by", by).exception, why)
    assert answered("profile", "history")["versions"] == []


def test_nothing_is_signed_on_the_command_line() -> None:
    assert "sign" not in {command.name for command in profile_cli.app.registered_commands}


def test_a_file_that_is_no_text_is_refused(data: Path) -> None:
    file = data / "ours.toml"
    file.write_bytes(b"\xff\xfe")

    assert isinstance(typed("profile", "propose", str(file), "--by", "sam").exception, BadProfile)


# ---- what the preflight says


WARD, OKORO = Signature("Ward", NOON, "a" * 64), Signature("Okoro", NOON, "a" * 64)


def a_version(content: str = "a" * 64, scheme: Signature = OKORO) -> Version:
    return Version(
        number=1,
        name="ours",
        hash=content,
        proposed_by="sam",
        proposed_at=NOON,
        prison=WARD,
        scheme=scheme,
        in_force_from=NOON,
    )


@pytest.mark.parametrize(
    ("known", "grade", "says"),
    [
        ([], Grade.WARNING, "nobody has signed"),
        ([a_version()], Grade.OK, "ours, version 1, signed"),
        ([a_version(content="b" * 64)], Grade.FAILED, "version 1 is not what was signed"),
        ([a_version(scheme=WARD)], Grade.FAILED, "version 1 is not what was signed"),
    ],
)
def test_the_preflight_says_whether_the_profile_was_signed(known: list[Version], grade: Grade, says: str) -> None:
    found = judged_versions(known, NOON + timedelta(hours=1))

    assert found.grade is grade
    assert says in found.says
