"""Who may sign in: accounts and their passwords."""

from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import audit
from models.clock import new_id, now
from models.errors import NotAllowed
from models.tables import Account
from models.words import AccountId, AccountRole, SiteId

SHORTEST_PASSWORD = 12
_HASHER = PasswordHasher()
# Checked when there is no such account, so that the time of an answer does not say which names exist.
_NOBODYS_PASSWORD = _HASHER.hash("nobody signs in with this")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The account at the other end of a request."""

    account: AccountId
    name: str
    role: AccountRole


def add_account(session: Session, site: SiteId, *, name: str, password: str, role: AccountRole) -> AccountId:
    if len(password) < SHORTEST_PASSWORD:
        raise NotAllowed("add the account", f"the password has fewer than {SHORTEST_PASSWORD} characters")
    if not name.strip() or len(name) > 60:
        raise NotAllowed("add the account", "its name must have 1 to 60 characters")
    if session.scalar(select(Account.id).where(Account.name == name)):
        raise NotAllowed("add the account", "another account has this name")
    account = AccountId(new_id("account"))
    session.add(Account(id=account, site_id=site, name=name, password=_HASHER.hash(password), role=role))
    return account


def stored_password(session: Session, site: SiteId, name: str) -> tuple[SignedIn | None, str]:
    account = session.scalar(select(Account).where(Account.name == name, Account.site_id == site))
    if account is None:
        return None, _NOBODYS_PASSWORD
    return _signed_in(account), account.password


def password_is_right(stored: str, given: str) -> bool:
    """Slow on purpose (argon2): call it off the event loop."""
    try:
        return _HASHER.verify(stored, given)
    except VerifyMismatchError:
        return False


def account_of(session: Session, site: SiteId, account: AccountId) -> SignedIn | None:
    row = session.get(Account, account)
    return _signed_in(row) if row is not None and row.site_id == site else None


def record(session: Session, who: SignedIn, what: str) -> None:
    audit.note(session, who.name, what, None, now())


def _signed_in(account: Account) -> SignedIn:
    return SignedIn(account=AccountId(account.id), name=account.name, role=AccountRole(account.role))
