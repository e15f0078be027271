"""The part [oidc] of a site file, and what it becomes."""

from pathlib import Path

import pytest

from models.errors import BadSite
from models.words import AccountRole
from wingline.settings import Settings
from wingline.signing_in import signing_in_of
from wingline.site import SiteFile, read_site

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"
RIGHT = """
[oidc]
issuer = "https://login.example/staff"
client = "wingline"
secret = "directory"
role_claim = "groups"
second_factor = "mfa"
roles = { staff = "wl-staff", scheme_partner = "wl-partner" }
"""


def a_site(folder: Path, oidc: str) -> SiteFile:
    file = folder / "site.toml"
    file.write_text(EXAMPLE.read_text() + oidc)
    return read_site(file)


def test_a_directory_is_read_with_its_secret(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text('directory = "known to both"\n')
    settings = Settings(data=tmp_path, console_address="https://wingline.example", session_idle_minutes=10)
    rules = signing_in_of(settings, a_site(tmp_path, RIGHT))

    assert rules.directory is not None
    assert rules.directory.secret == "known to both"  # noqa: S105 - of this test
    assert rules.directory.roles == {AccountRole.STAFF: "wl-staff", AccountRole.SCHEME_PARTNER: "wl-partner"}
    assert rules.directory.second_factor == "mfa"
    assert "known to both" not in repr(rules)
    assert rules.idle_of(AccountRole.GOVERNOR).total_seconds() == 600
    assert rules.idle_of(AccountRole.STAFF) == rules.at_most


def test_without_its_secret_there_is_no_way_by_it_and_the_line_starts(tmp_path: Path) -> None:
    assert signing_in_of(Settings(data=tmp_path), a_site(tmp_path, RIGHT)).directory is None


def test_what_the_command_line_keeps_is_what_the_console_looks_for(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text('directory = "known to both"\n')
    site = a_site(tmp_path, RIGHT)
    directory = signing_in_of(Settings(data=tmp_path), site).directory

    assert site.oidc is not None
    assert directory is not None
    assert site.oidc.hash_of("owen-7") == directory.hash_of("owen-7") != directory.hash_of("owen-8")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("https://login.example/staff", "http://login.example/staff", "oidc.issuer"),
        ("https://login.example/staff", "login.example", "oidc.issuer"),
        ('role_claim = "groups"', "", "role_claim and [oidc.roles] go together"),
        ('secret = "directory"', 'secret = "console"', "is one of Wingline's own"),
        ("scheme_partner =", "partner =", "oidc.roles"),
        ('"mfa"', '""', "oidc.second_factor"),
    ],
)
def test_what_is_wrong_is_said_by_its_name(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    with pytest.raises(BadSite, match=said.replace("[", r"\[")):
        a_site(tmp_path, RIGHT.replace(right, wrong))
