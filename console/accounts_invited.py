"""Making and ending accounts: by a code that lets somebody in once, from the command line alone."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import choice

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from console.accounts import SignedIn, add_account, signed_in
from models import audit
from models.errors import NotAllowed, UnknownName
from models.tables import Account, Invitation, Passkey, SignIn
from models.words import AccountId, AccountRole, Instant, SiteId
from rota.site_rota import By

LASTS = timedelta(hours=24)
# Without letters and digits that look alike when they are read from paper: 24 of these are 118 bits.
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_GROUPS, _GROUP = 6, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAccount:
    """An account as the command line lists it: never a secret."""

    name: str
    role: AccountRole
    password: bool
    app: bool
    passkeys: int
    directory: bool
    invited_until: Instant | None
    signed_in: int
    seen_at: Instant | None


def invite(session: Session, site: SiteId, name: str, role: AccountRole, by: By) -> str:
    """A new account, and the code for whoever it is for."""
    account = add_account(session, site, name=name, password=None, role=role)
    audit.note(session, by.who, "account_invited", account, by.at)
    return _new_code(session, account, by)


def comes_by_directory(session: Session, site: SiteId, name: str, subject: str, by: By) -> None:
    """The prison's directory opens the account, and no code; ``subject`` is a hash of who that is."""
    row = _account(session, site, name)
    if session.scalar(select(Account.id).where(Account.directory == subject)):
        raise NotAllowed("add the account", "another account is this person's in the directory")
    session.execute(delete(Invitation).where(Invitation.account_id == row.id))
    row.directory = subject
    audit.note(session, by.who, "account_comes_by_directory", row.id, by.at)


def reset(session: Session, site: SiteId, name: str, by: By) -> str:
    """Nothing opens it any more but the code that comes back: for a lost phone, or a password that others know."""
    row = _account(session, site, name)
    _end_all(session, AccountId(row.id))
    row.password = row.totp = row.totp_used = row.directory = None
    audit.note(session, by.who, "account_reset", row.id, by.at)
    return _new_code(session, AccountId(row.id), by)


def end(session: Session, site: SiteId, name: str, by: By) -> None:
    """Gone, with all that opened it; whoever is signed in with it is not any more."""
    row = _account(session, site, name)
    _end_all(session, AccountId(row.id))
    session.delete(row)
    audit.note(session, by.who, "account_ended", row.id, by.at)


def accounts_of(session: Session, site: SiteId, now: Instant) -> tuple[KnownAccount, ...]:
    rows = session.scalars(select(Account).where(Account.site_id == site).order_by(Account.name))
    return tuple(_known(session, row, now) for row in rows)


def invited(session: Session, site: SiteId, code: str, now: Instant) -> SignedIn | None:
    """Whose code this is; nobody when there is none, or its time is over."""
    found = select(Account).join(Invitation).where(Invitation.hash == hash_of_code(code), Invitation.ends_at > now)
    row = session.scalar(found.where(Account.site_id == site))
    return signed_in(row) if row is not None else None


def use_code(session: Session, site: SiteId, code: str, now: Instant) -> Account | None:
    """Once: the row goes, and of two who try it at once one finds nothing."""
    used = delete(Invitation).where(Invitation.hash == hash_of_code(code), Invitation.ends_at > now)
    account = session.scalar(used.returning(Invitation.account_id))
    row = session.get(Account, account) if account else None
    return row if row is not None and row.site_id == site else None


def hash_of_code(code: str) -> str:
    """However it was typed: small letters, spaces, hyphens."""
    return sha256("".join(one for one in code.upper() if one.isalnum()).encode()).hexdigest()


def _new_code(session: Session, account: AccountId, by: By) -> str:
    code = "-".join("".join(choice(LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    session.add(
        Invitation(hash=hash_of_code(code), account_id=account, made_at=by.at, made_by=by.who, ends_at=by.at + LASTS)
    )
    return code


def _account(session: Session, site: SiteId, name: str) -> Account:
    row = session.scalar(select(Account).where(Account.site_id == site, Account.name == name))
    if row is None:
        raise UnknownName("account", name)
    return row


def _end_all(session: Session, account: AccountId) -> None:
    for table in (SignIn, Passkey, Invitation):
        session.execute(delete(table).where(table.account_id == account))


def _known(session: Session, row: Account, now: Instant) -> KnownAccount:
    open_ = SignIn.account_id == row.id, SignIn.ends_at > now
    count, seen_at = session.execute(select(func.count(), func.max(SignIn.seen_at)).where(*open_)).one()
    invitation = select(Invitation.ends_at).where(Invitation.account_id == row.id, Invitation.ends_at > now)
    return KnownAccount(
        name=row.name,
        role=AccountRole(row.role),
        password=row.password is not None,
        app=row.totp is not None,
        passkeys=session.scalar(select(func.count()).where(Passkey.account_id == row.id)) or 0,
        directory=row.directory is not None,
        invited_until=session.scalar(invitation),
        signed_in=count,
        seen_at=seen_at,
    )
