"""Who is sent messages and through which mail server, as the site file says it."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from escalation.by_email import Encryption, MailServer
from escalation.contacts import SECRET_PLACE, Contact, Way
from models.words import Post
from wingline.settings import LOOPBACK, SECRETS

# A name in secrets.toml, or the path of a file that holds nothing else.
SecretName = Annotated[str, Field(pattern="^([a-z0-9_]{3,40}|/.+)$")]
_MAIL_ADDRESS = r"^[^@\s<>,;:\"]+@[A-Za-z0-9.-]+$"


class ContactPart(BaseModel):
    """``tells_location`` has no default: nobody's cell leaves the building because a line was forgotten."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=40)]
    post: Post
    way: Way
    address: Annotated[str, Field(min_length=1, max_length=500)]
    tells_location: bool
    secret: SecretName | None = None

    def contact(self) -> Contact:
        return Contact(
            name=self.name,
            post=self.post,
            way=self.way,
            address=self.address,
            tells_location=self.tells_location,
            secret=self.secret,
        )


class MailPart(BaseModel):
    """The prison's mail server; what encrypts the way to it is said, never assumed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, Field(pattern="^[A-Za-z0-9.:-]+$")]
    port: Annotated[int, Field(ge=1, le=65535)]
    encryption: Encryption
    sender: Annotated[str, Field(pattern=_MAIL_ADDRESS)]
    login: str | None = None
    secret: SecretName | None = None

    def server(self) -> MailServer:
        return MailServer(
            host=self.host,
            port=self.port,
            encryption=self.encryption,
            sender=self.sender,
            login=self.login,
            secret=self.secret,
        )


def contact_complaints(
    contacts: Sequence[ContactPart], mail: MailPart | None, posts: Collection[Post]
) -> Iterator[str]:
    names = [contact.name for contact in contacts]
    if len(names) != len(set(names)):
        yield "contacts: a name is used twice"
    for contact in contacts:
        where = f"contacts.{contact.name}"
        if contact.post not in posts:
            yield f"{where}.post: {contact.post} is not among the posts of this site"
        yield from (
            f"{where}.{complaint}" for complaint in (*_of_address(contact, mail), *secret_complaints(contact.secret))
        )
    if mail is not None:
        yield from (f"mail.{complaint}" for complaint in (*_of_login(mail), *secret_complaints(mail.secret)))


def secrets_of(contacts: Sequence[ContactPart], mail: MailPart | None, known: dict[str, str]) -> dict[str, str]:
    """Those that are there. One that is missing stops no line: the doctor names it, and each try fails for it."""
    names = {part.secret for part in (*contacts, mail) if part is not None and part.secret is not None}
    found = {name: secret_called(name, known) for name in names}
    return {name: secret for name, secret in found.items() if secret}


def secret_called(name: str, known: Mapping[str, str]) -> str | None:
    if not name.startswith("/"):
        return known.get(name)
    try:
        return Path(name).read_text("utf-8").strip()
    except OSError:
        return None


def _of_address(contact: ContactPart, mail: MailPart | None) -> Iterator[str]:
    match contact.way:
        case Way.EMAIL:
            yield from _of_email(contact, mail)
        case Way.WEBHOOK:
            yield from _of_webhook(contact)
        case Way.APPRISE:
            yield from _of_apprise(contact)


def _of_email(contact: ContactPart, mail: MailPart | None) -> Iterator[str]:
    if not re.match(_MAIL_ADDRESS, contact.address):
        yield "address: this is no email address; duty@example.net is one"
    if contact.secret is not None:
        yield "secret: an email has none; the mail server's password goes under [mail]"
    if mail is None:
        yield "way: email needs a part [mail], like in docs/site-example.toml"


def _of_webhook(contact: ContactPart) -> Iterator[str]:
    address = urlsplit(contact.address)
    here = address.scheme == "http" and address.hostname in LOOPBACK
    if not address.hostname or not (address.scheme == "https" or here):
        yield "address: a webhook is https://…; http:// only to a program on this machine"
    if address.username or address.password:
        yield "address: no name or password belongs in it; what proves that it is us is the signature"
    if contact.secret is None:
        yield "secret: a webhook is signed; name the key (docs/messages.md says how to make one)"


def _of_apprise(contact: ContactPart) -> Iterator[str]:
    has_place = SECRET_PLACE in contact.address
    if "://" not in contact.address and contact.address != SECRET_PLACE:
        yield f"address: this is no address of apprise; ntfys://ntfy.example.net/topic is one, {SECRET_PLACE} another"
    if has_place and contact.secret is None:
        yield f"secret: {SECRET_PLACE} in the address needs its name"
    if contact.secret is not None and not has_place:
        yield f"address: say with {SECRET_PLACE} where the secret goes"


def secret_complaints(name: str | None) -> Iterator[str]:
    if name in SECRETS:
        yield f"secret: {name} is one of Wingline's own and opens other doors; give this one a name of its own"


def _of_login(mail: MailPart) -> Iterator[str]:
    if (mail.login is None) != (mail.secret is None):
        yield "login: login and secret go together"
    if mail.encryption is Encryption.NONE and mail.host not in LOOPBACK:
        yield 'encryption: "none" is for a server on this machine; use "starttls" or "tls"'
