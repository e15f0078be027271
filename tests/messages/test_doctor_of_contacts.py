"""The doctor asks each contact's server before it is needed, and sends nothing."""

from pathlib import Path

import pytest

from tests.fakes.http_server import an_http_server
from tests.fakes.mail_server import a_mail_server
from wingline.doctor.contacts import contacts
from wingline.doctor.finding import Finding, Grade
from wingline.settings import Settings
from wingline.site import read_site

# One of apprise's plug-ins imports a module that Python 3.13 has not.
pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")]

EXAMPLE = (Path(__file__).parents[2] / "docs" / "site-example.toml").read_text("utf-8")
CONTACTS = """
[mail]
host = "localhost"
port = {mail}
encryption = "none"
sender = "wingline@example.net"

[[contacts]]
name = "duty"
post = "duty_office"
way = "email"
address = "duty@example.net"
tells_location = false

[[contacts]]
name = "screen"
post = "control_room"
way = "webhook"
address = "http://localhost:{hook}/"
secret = "screen_key"
tells_location = true

[[contacts]]
name = "pager"
post = "healthcare"
way = "apprise"
address = "{scheme}://{{secret}}@ntfy.example.net/w"
secret = "pager_token"
tells_location = false

[rota]
"""
SECRETS = 'screen_key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"\npager_token = "tk"\n'


async def found(data: Path, *, mail: int, hook: int, scheme: str = "ntfys") -> dict[str, Finding]:
    settings = Settings(data=data)
    more = CONTACTS.format(mail=mail, hook=hook, scheme=scheme)
    settings.site_file.write_text(EXAMPLE.replace("\n[rota]\n", more), "utf-8")
    findings = await contacts(settings, read_site(settings.site_file))
    return {finding.says.split(" ")[0]: finding for finding in findings}


async def test_all_is_well_and_nothing_was_sent(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text(SECRETS)
    async with a_mail_server() as mail:
        with an_http_server() as hook:
            findings = await found(tmp_path, mail=mail.port, hook=hook.port)

    assert {name: finding.grade for name, finding in findings.items()} == dict.fromkeys(
        ("duty", "screen", "pager"), Grade.OK
    )
    assert (mail.letters, hook.posted) == ([], [])


async def test_what_would_not_be_reached_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text(SECRETS)
    findings = await found(tmp_path, mail=9, hook=9, scheme="pigeon")

    assert {finding.grade for finding in findings.values()} == {Grade.FAILED}
    assert "nobody answers there" in findings["duty"].says
    assert "nobody answers there" in findings["screen"].says
    assert "look at the address" in findings["pager"].do


async def test_a_missing_secret_is_named_and_stops_nothing(tmp_path: Path) -> None:
    async with a_mail_server() as mail:
        with an_http_server() as hook:
            findings = await found(tmp_path, mail=mail.port, hook=hook.port)

    assert findings["duty"].grade is Grade.OK
    assert "secret is missing" in findings["screen"].says
    assert "secrets.toml" in findings["pager"].do
