"""Messages by email, through the one mail server that the site names."""

import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from escalation.contacts import Contact
from escalation.message_words import subject, text
from escalation.messages import Fault, Message
from escalation.sending import fault_of


class Encryption(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """``secret`` names the password that goes with ``login``."""

    host: str
    port: int
    encryption: Encryption
    sender: str
    login: str | None = None
    secret: str | None = None


class ByEmail:
    def __init__(self, server: MailServer, secrets: Mapping[str, str], trust: ssl.SSLContext, zone: ZoneInfo) -> None:
        self._server = server
        self._secrets = secrets
        self._trust = trust
        self._zone = zone

    async def send(self, message: Message) -> Fault | None:
        try:
            async with self._connected() as smtp:
                await smtp.send_message(self._letter(message))
        except (SMTPException, OSError) as error:
            return _fault_of(error)
        except _NoSecretError:
            return Fault.NO_SECRET
        return None

    async def answers(self, contact: Contact) -> Fault | None:
        del contact  # every contact has the same server
        try:
            async with self._connected() as smtp:
                await smtp.noop()
        except (SMTPException, OSError) as error:
            return _fault_of(error)
        except _NoSecretError:
            return Fault.NO_SECRET
        return None

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage()
        letter["From"] = self._server.sender
        letter["To"] = message.contact.address
        letter["Subject"] = subject(message)
        letter["Date"] = format_datetime(message.made_at)
        # The same at every try, so that a mail program shows a double once.
        letter["Message-ID"] = f"<{message.id}@{self._server.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter["Importance"] = "high"
        letter.set_content(text(message, self._zone))
        return letter

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SMTP]:
        server = self._server
        password = self._secrets.get(server.secret or "")
        if server.login and password is None:
            raise _NoSecretError
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.encryption is Encryption.TLS,
            start_tls=server.encryption is Encryption.STARTTLS,
            tls_context=self._trust,
            username=server.login,
            password=password if server.login else None,
            # Not asked of the DNS, which may be what is broken.
            local_hostname=socket.gethostname(),
            # The outbox ends a try that takes too long.
            timeout=None,
        )
        try:
            await smtp.connect()
            yield smtp
            # What the server has taken it has taken, however it says goodbye.
            with contextlib.suppress(SMTPException, OSError):
                await smtp.quit()
        finally:
            smtp.close()


class _NoSecretError(Exception):
    """The password that the site file names is not there."""


def _fault_of(error: SMTPException | OSError) -> Fault:
    match error:
        case SMTPRecipientsRefused():
            return _fault_in(error.recipients[0].code)
        case SMTPAuthenticationError() if error.code >= 500:
            return Fault.WRONG_SECRET
        case SMTPResponseException():
            return _fault_in(error.code)
        case OSError():
            return fault_of(error)
        case _:
            # It has no STARTTLS, or no login that we know.
            return Fault.NOT_TRUSTED


def _fault_in(code: int) -> Fault:
    return Fault.REFUSED if code >= 500 else Fault.NOT_NOW
