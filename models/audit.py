"""The audit: who opened or changed what, as a chain of entries that can only grow (domain.md 6, layer 7).

An entry holds an account's name or a part of Wingline, a fixed word, and an id; never anything that was said.
Its hash covers the hash of the entry before it, so that ``audit_check.broken`` finds what was done to the chain.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from models.errors import OurFault
from models.tables import Act, AuditAnchor, UtcDateTime

KEPT = timedelta(days=730)
# Two keys of PostgreSQL's advisory locks. Shifts and migrations lock by other, hashed keys.
CHAIN_LOCK = 50001
FORGET_LOCK = 50002


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: the hash of this entry covers it and all before it."""

    number: int
    hash: str


BEGINNING = Link(0, "0" * 64)
# No entry was made then, so one that says so has been changed.
UNREADABLE = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Deed:
    """What an entry tells: a moment, an account's name or a part of Wingline, a fixed word, an id."""

    at: datetime
    who: str
    what: str
    about: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One act as it stands in the table, right or wrong."""

    number: int
    deed: Deed
    previous: str
    hash: str

    @property
    def link(self) -> Link:
        return Link(self.number, self.hash)


@dataclass(frozen=True, slots=True)
class Chain:
    """What is kept, in the order of the numbers; ``anchors`` say where what was forgotten had ended."""

    anchors: tuple[Link, ...]
    entries: tuple[Entry, ...]

    @property
    def start(self) -> Link:
        return max(self.anchors, key=lambda anchor: anchor.number, default=BEGINNING)


class InSavepoint(OurFault):
    def __init__(self, what: str) -> None:
        super().__init__(f"{what!r} was noted inside a savepoint, which may be taken back while the entry stays")


def hash_of(previous: str, number: int, deed: Deed) -> str:
    """SHA-256 of a JSON list, as docs/audit.md writes it down: another program can make the same."""
    moment = deed.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = [previous, number, moment, deed.who, deed.what, deed.about]
    return sha256(json.dumps(fields).encode("ascii")).hexdigest()


def note(session: Session, who: str, what: str, about: str | None, at: datetime) -> None:
    """Adds an entry at the end of this transaction: it is there if and only if what it tells of is."""
    if session.in_nested_transaction():
        raise InSavepoint(what)
    session.info.setdefault("noted", []).append(Deed(at, who, what, about))


def write_noted(session: Session) -> None:
    """Called once before the commit.

    Whoever holds the chain's lock waits for nobody any more, so that it can be part of no deadlock.
    """
    noted: list[Deed] = session.info.pop("noted", [])
    if not noted:
        return
    # Whatever else this transaction waits for comes before the lock.
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        # Whoever stands still with the lock in hand loses it: everybody else waits for it.
        let_go = func.set_config("idle_in_transaction_session_timeout", "2s", True)
        session.execute(select(let_go, func.pg_advisory_xact_lock(CHAIN_LOCK)))
    end = end_of(session)
    for deed in noted:
        entry = next_entry(end, deed)
        session.add(_row(entry))
        end = entry.link
    session.flush()


def next_entry(end: Link, deed: Deed) -> Entry:
    number = end.number + 1
    return Entry(number, deed, end.hash, hash_of(end.hash, number, deed))


def end_of(session: Session, *, before: datetime | None = None) -> Link:
    """The last entry, or the last from before a moment."""
    asked = select(Act.id, Act.hash).order_by(Act.id.desc()).limit(1)
    last = session.execute(asked if before is None else asked.where(Act.at < before)).first()
    return Link(*last) if last is not None else Chain(_anchors(session), ()).start


def read_chain(session: Session, *, after: Link | None = None) -> Chain:
    """Everything that is kept; or, for who has checked as far as a link, the rest, with the link for an anchor."""
    at = type_coerce(Act.at, NullType)
    asked = select(Act.id, at, Act.who, Act.what, Act.about, Act.previous, Act.hash).order_by(Act.id)
    rows = session.execute(asked if after is None else asked.where(Act.id > after.number))
    entries = tuple(
        Entry(number, Deed(_moment(at), _word(who), _word(what), _word_or_none(about)), _word(previous), _word(end))
        for number, at, who, what, about, previous, end in rows
    )
    return Chain(_anchors(session) if after is None else (after,), entries)


def forget_before(session: Session, moment: datetime) -> int:
    """How many entries went: those older than ``moment`` and than two years, from the beginning of the chain.

    An anchor keeps number and hash of the last that went, so that the rest can still be checked. The database's clock
    decides with us, because its trigger refuses whatever is younger than two years.
    """
    if session.get_bind().dialect.name == "postgresql" and not session.scalar(
        select(func.pg_try_advisory_xact_lock(FORGET_LOCK))
    ):
        # Another node is at it.
        return 0
    database_now: datetime = session.scalars(select(type_coerce(func.now(), UtcDateTime))).one()
    cut = min(moment, database_now - KEPT)
    first_kept = session.scalar(select(Act.id).where(Act.at >= cut).order_by(Act.id).limit(1))
    older = Act.id < first_kept if first_kept is not None else Act.at < cut
    last = session.execute(select(Act.id, Act.hash).where(older).order_by(Act.id.desc()).limit(1)).first()
    if last is None:
        return 0
    anchor = Link(*last)
    session.add(AuditAnchor(number=anchor.number, hash=anchor.hash))
    session.flush()
    gone = session.execute(delete(Act).where(Act.id <= anchor.number).returning(Act.id)).all()
    session.execute(delete(AuditAnchor).where(AuditAnchor.number < anchor.number))
    return len(gone)


def _anchors(session: Session) -> tuple[Link, ...]:
    rows = session.execute(select(AuditAnchor.number, AuditAnchor.hash).order_by(AuditAnchor.number))
    return tuple(Link(number, its_hash) for number, its_hash in rows)


def _moment(stored: object) -> datetime:
    """As it stands: PostgreSQL gives a moment, SQLite whatever text somebody left there."""
    if isinstance(stored, datetime):
        return stored
    try:
        return datetime.fromisoformat(str(stored)).replace(tzinfo=UTC)
    except ValueError:
        return UNREADABLE


def _word(stored: object) -> str:
    """SQLite would keep bytes in a column of text; no entry was made with any."""
    return stored if isinstance(stored, str) else repr(stored)


def _word_or_none(stored: object) -> str | None:
    return None if stored is None else _word(stored)


def _row(entry: Entry) -> Act:
    deed = entry.deed
    facts = {"at": deed.at, "who": deed.who, "what": deed.what, "about": deed.about}
    return Act(id=entry.number, **facts, previous=entry.previous, hash=entry.hash)
