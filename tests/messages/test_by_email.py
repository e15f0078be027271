"""Letters through a real mail server, with and without TLS and login."""

import ssl
from zoneinfo import ZoneInfo

import pytest
from message_builders import a_contact, a_message

from escalation import by_email
from escalation.by_email import ByEmail, Encryption
from escalation.contacts import Contact, Way
from escalation.messages import Fault, Message
from escalation.sending import AT_MOST, in_time
from tests.fakes.certificates import Certificates
from tests.fakes.mail_server import LOGIN, PASSWORD, MailServer, a_mail_server

pytestmark = pytest.mark.anyio

ZONE = ZoneInfo("Europe/London")
DUTY = a_contact(way=Way.EMAIL, address="duty@example.net")


def through(
    server: MailServer,
    trust: ssl.SSLContext,
    encryption: Encryption = Encryption.NONE,
    *,
    password: str | None = None,
) -> ByEmail:
    to = by_email.MailServer(
        host="localhost",
        port=server.port,
        encryption=encryption,
        sender="wingline@prison.example",
        login=LOGIN if password is not None else None,
        secret="mail" if password is not None else None,
    )
    return ByEmail(to, {"mail": password} if password else {}, trust, ZONE)


def about(contact: Contact = DUTY) -> Message:
    return a_message(contact, location="B-2-014" if contact.tells_location else None)


async def test_a_letter_says_that_somebody_is_needed_and_neither_who_nor_where(certificates: Certificates) -> None:
    async with a_mail_server() as server:
        assert await through(server, certificates.trusts).send(about()) is None

    (letter,) = server.letters
    assert letter["To"] == "duty@example.net"
    assert letter["Subject"] == "Wingline: somebody needs you (life)"
    assert letter.get_content() == (
        "Wingline: somebody needs you. Answer the phone or open the console.\n"
        "Somebody is in danger.\n"
        "Raised at 12:00 on 2026-03-10.\n"
    )
    assert letter["Message-ID"] == "<msg-1@prison.example>"
    assert letter["Auto-Submitted"] == "auto-generated"


async def test_a_contact_that_is_told_locations_reads_it(certificates: Certificates) -> None:
    told = a_contact(way=Way.EMAIL, address="duty@example.net", tells_location=True)
    async with a_mail_server() as server:
        await through(server, certificates.trusts).send(about(told))

    assert "Where: B-2-014.\n" in server.letters[0].get_content()


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
async def test_encrypted_and_logged_in(certificates: Certificates, encryption: Encryption) -> None:
    shown = {str(encryption): certificates.server}
    async with a_mail_server(**shown, login=encryption is Encryption.STARTTLS) as server:
        password = PASSWORD if encryption is Encryption.STARTTLS else None
        sender = through(server, certificates.trusts, encryption, password=password)

        assert await sender.answers(DUTY) is None
        assert server.letters == []
        assert await sender.send(about()) is None
    assert len(server.letters) == 1


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
async def test_nothing_is_said_to_a_server_that_this_machine_does_not_trust(
    certificates: Certificates, encryption: Encryption
) -> None:
    shown = {str(encryption): certificates.server}
    async with a_mail_server(**shown) as server:
        sender = through(server, ssl.create_default_context(), encryption)

        assert await sender.send(about()) is Fault.NOT_TRUSTED
        assert await sender.answers(DUTY) is Fault.NOT_TRUSTED
    assert server.letters == []


async def test_without_starttls_nothing_leaves_that_was_to_be_encrypted(certificates: Certificates) -> None:
    async with a_mail_server() as server:
        sender = through(server, certificates.trusts, Encryption.STARTTLS)

        assert await sender.send(about()) is Fault.NOT_TRUSTED
    assert server.letters == []


@pytest.mark.parametrize(("password", "fault"), [("wrong", Fault.WRONG_SECRET), ("", Fault.NO_SECRET)])
async def test_a_password_that_is_wrong_or_missing(certificates: Certificates, password: str, fault: Fault) -> None:
    async with a_mail_server(starttls=certificates.server, login=True) as server:
        sender = through(server, certificates.trusts, Encryption.STARTTLS, password=password)

        assert await sender.send(about()) is fault
        assert await sender.answers(DUTY) is fault


@pytest.mark.parametrize(
    ("says", "fault"), [("451 come back later", Fault.NOT_NOW), ("550 nobody of that name", Fault.REFUSED)]
)
async def test_what_the_server_refuses_now_or_for_good(certificates: Certificates, says: str, fault: Fault) -> None:
    async with a_mail_server() as server:
        sender = through(server, certificates.trusts)
        server.to_recipients.append(says)
        assert await sender.send(about()) is fault
        server.to_data.append(says)
        assert await sender.send(about()) is fault
        assert await sender.send(about()) is None

    assert len(server.letters) == 1


async def test_a_server_that_hangs_is_left(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AT_MOST, Way.EMAIL, AT_MOST[Way.EMAIL] / 80)
    async with a_mail_server() as server:
        server.hangs = True

        assert await in_time(Way.EMAIL, through(server, certificates.trusts).send(about())) is Fault.TIMED_OUT
    assert server.letters == []


async def test_a_port_where_nobody_is(certificates: Certificates) -> None:
    async with a_mail_server() as server:
        sender = through(server, certificates.trusts)

    assert await sender.send(about()) is Fault.NOT_REACHED
    assert await sender.answers(DUTY) is Fault.NOT_REACHED
