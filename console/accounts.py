"""Who may sign in: accounts and their passwords."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from zxcvbn import zxcvbn

from console.language import _
from models import audit
from models.clock import new_id, now
from models.errors import NotAllowed
from models.tables import Account, Passkey, Site
from models.words import AccountId, AccountRole, SiteId

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
# Of zxcvbn's 0 to 4: 3 is more than 100 million tries away from who knows the lists of passwords that people take.
HARD_ENOUGH = 3
# zxcvbn takes longer with each character: this many say whether one is easily found.
_LOOKED_AT = 40
_WORDS_OF_THE_PLACE = (
    "wingline",
    "listener",
    "listeners",
    "samaritans",
    "prison",
    "coordinator",
    "governor",
)
# In the audit, for a name that no account has: the name itself may be a password, typed into the wrong field.
NOBODY = "unknown"
_HASHER = PasswordHasher()
# Checked when there is no such account, so that the time of an answer does not say which names exist.
_NOBODYS_PASSWORD = _HASHER.hash("nobody signs in with this")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The account at the other end of a request."""

    account: AccountId
    name: str
    role: AccountRole


@dataclass(frozen=True, slots=True)
class Known:
    """What an account is checked against."""

    who: SignedIn | None
    password: str
    # Sealed, as it is kept.
    totp: str | None = None
    has_passkey: bool = False


def add_account(session: Session, site: SiteId, *, name: str, password: str | None, role: AccountRole) -> AccountId:
    """Without a password it is for who is invited, or comes by the prison's directory."""
    prison = session.get(Site, site)
    if prison is None:
        raise NotAllowed("add the account", "the site is not in the database; wingline site apply FILE")
    complaint = password_complaint(password, name, prison.name) if password is not None else None
    if complaint:
        raise NotAllowed("add the account", complaint)
    if not name.strip() or len(name) > 60:
        raise NotAllowed("add the account", "its name must have 1 to 60 characters")
    if session.scalar(select(Account.id).where(Account.name == name)):
        raise NotAllowed("add the account", "another account has this name")
    account = AccountId(new_id("account"))
    kept = hash_of(password) if password is not None else None
    session.add(Account(id=account, site_id=site, name=name, password=kept, role=role))
    session.flush()
    return account


def password_complaint(password: str, name: str, prison: str) -> str | None:
    """Nothing, when the account of this name may have it (OWASP ASVS 5.0, 6.2.1, 6.2.4, 6.2.9, 6.2.11 and 6.2.12)."""
    if len(password) < SHORTEST_PASSWORD:
        return _("the password has fewer than %(count)s characters", count=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        return _("the password has more than %(count)s characters", count=LONGEST_PASSWORD)
    if zxcvbn(password[:_LOOKED_AT], [name, *_words_of(prison), *_WORDS_OF_THE_PLACE])["score"] < HARD_ENOUGH:
        return _("the password is easily found by trying: take three words that do not belong together")
    return None


def _words_of(prison: str) -> Iterator[str]:
    """Of its name, each and together."""
    words = re.findall(r"\w+", prison)
    yield "".join(words)
    yield from words


def hash_of(password: str) -> str:
    """Slow on purpose (argon2): call it off the event loop."""
    return _HASHER.hash(password)


def known_as(session: Session, site: SiteId, name: str) -> Known:
    account = session.scalar(select(Account).where(Account.name == name, Account.site_id == site))
    if account is None:
        return Known(None, _NOBODYS_PASSWORD)
    has_passkey = session.scalar(select(exists().where(Passkey.account_id == account.id))) or False
    return Known(signed_in(account), account.password or _NOBODYS_PASSWORD, account.totp, has_passkey)


def password_is_right(stored: str, given: str) -> bool:
    """Slow on purpose (argon2): call it off the event loop."""
    try:
        return _HASHER.verify(stored, given) and stored != _NOBODYS_PASSWORD
    except VerifyMismatchError:
        return False


def record(session: Session, who: SignedIn, what: str) -> None:
    audit.note(session, who.name, what, None, now())


def signed_in(account: Account) -> SignedIn:
    return SignedIn(account=AccountId(account.id), name=account.name, role=AccountRole(account.role))
