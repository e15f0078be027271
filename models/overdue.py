"""Proves what is gone: counts what is still there although its time is over.

Written beside ``models/retention.py`` and not with it, so that it finds what that forgets to forget: it walks from
every row to what its time counts from, and asks of each column whether it still holds something.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, String, Table, and_, cast, func, or_, select, union_all
from sqlalchemy.orm import Session

from models import audit, retention
from models.clock import of_database
from models.database import Database
from models.keeping import PERIODS, keepings
from models.tables import (
    DAYS_90,
    SERVING,
    YEARS_2,
    Act,
    Base,
    Call,
    Drill,
    Escalation,
    HeardAlarm,
    Listener,
    NightlyCall,
    Offer,
    Rota,
    StandingChange,
    Talk,
)
from models.words import Standing

# Who forgets, and the word for it in the audit.
BY_ITSELF = "wingline"
PURGED = "purged"
# The line looks every hour whether a day has passed; what is due in between is not late.
EVERY = timedelta(hours=23, minutes=30)
NOT_LATE = timedelta(hours=26)
# An entry further in the future was made while the clock was wrong: nothing waits for that day to come.
AHEAD = timedelta(hours=1)

_NOTHING = ("{}", "[]", "null", "")


@dataclass(frozen=True, slots=True)
class Overdue:
    """``rows`` of a table whose columns of one class (site, listener, ...) and keeping should be empty or gone."""

    table: str
    holds: str
    kept: str
    rows: int


@dataclass(frozen=True, slots=True)
class Purge:
    """What went, and what is still there although it should have gone."""

    gone: retention.Gone
    overdue: tuple[Overdue, ...]

    @property
    def in_a_line(self) -> str:
        return f"{sum(self.gone.values())} gone, {sum(one.rows for one in self.overdue)} overdue"


def purge(database: Database, now: datetime) -> Purge:
    """Forgets what is due, sweeps the files, and notes in the audit what the proof says."""
    gone = database.do(lambda session: retention.forget_what_is_due(session, now))
    database.sweep()

    def prove(session: Session) -> Purge:
        done = Purge(gone, overdue(session, now))
        audit.note(session, BY_ITSELF, PURGED, done.in_a_line, now)
        return done

    return database.do(prove)


def last_purged(session: Session, now: datetime | None = None) -> datetime | None:
    """``now`` is the database's if it is not given."""
    latest = (now or of_database(session)) + AHEAD
    return session.scalar(select(func.max(Act.at)).where(Act.what == PURGED, Act.at <= latest))


def is_due(session: Session, now: datetime) -> bool:
    last = last_purged(session, now)
    return last is None or last <= now - EVERY


def overdue(session: Session, now: datetime) -> tuple[Overdue, ...]:
    """Nothing, when all is well."""
    found = []
    for table in Base.metadata.sorted_tables:
        for kept in sorted(keepings(table) & PERIODS.keys()):
            old = _is_older(table, kept, now - PERIODS[kept])
            for holds in sorted({column.info["holds"] for column in table.columns if column.info["kept"] == kept}):
                rows = session.scalar(select(func.count()).select_from(table).where(old, _is_full(table, holds, kept)))
                found.append(Overdue(table.name, holds, kept, rows or 0))
    return tuple(one for one in found if one.rows)


def _is_full(table: Table, holds: str, kept: str) -> ColumnElement[bool]:
    columns = (column for column in table.columns if (column.info["holds"], column.info["kept"]) == (holds, kept))
    return or_(*(func.coalesce(cast(column, String), "").not_in(_NOTHING) for column in columns))


# ---- from when the time of a row counts


def _is_older(table: Table, kept: str, moment: datetime) -> ColumnElement[bool]:
    ends = [_led_to(way, _ENDS[way.end][1](moment)) for way in _ways(table) if _ENDS[way.end][0] == kept]
    if not ends:
        raise LookupError(f"models/overdue.py does not know from when the time of {table.name} counts")
    return or_(*ends)


@dataclass(frozen=True, slots=True)
class _Way:
    """Over columns that are never empty, each the key of the next table, to what the time counts from."""

    steps: tuple[Column[object], ...]
    end: str


def _ways(table: Table, so_far: tuple[Column[object], ...] = ()) -> Iterator[_Way]:
    if table.name in _ENDS:
        yield _Way(so_far, table.name)
        return
    for column in table.columns:
        for key in column.foreign_keys:
            if not column.nullable:
                yield from _ways(key.column.table, (*so_far, column))


def _led_to(way: _Way, end: ColumnElement[bool]) -> ColumnElement[bool]:
    for column in reversed(way.steps):
        (key,) = column.foreign_keys
        end = column.in_(select(key.column).where(end))
    return end


def _call_over(moment: datetime) -> ColumnElement[bool]:
    """A call that an escalation has to do with is over with the last of these."""
    its_escalations = Escalation.call_id == Call.id
    last = select(func.max(Escalation.closed_at)).where(its_escalations).scalar_subquery()
    is_open = select(Escalation.id).where(its_escalations, Escalation.closed_at.is_(None)).exists()
    return and_(~is_open, Call.ended_at < moment, func.coalesce(last, Call.ended_at) < moment)


def _listener_over(moment: datetime) -> ColumnElement[bool]:
    """As long as a call that is kept says that they were in it, they wait for that."""
    last = select(func.max(StandingChange.at)).where(StandingChange.listener_id == Listener.id).scalar_subquery()
    in_calls = union_all(select(Offer.listener_id), select(Talk.listener_id))
    return and_(Listener.standing == Standing.LEFT.value, last < moment, Listener.id.not_in(in_calls))


# By table: the keeping that counts from there, and what was over before a moment.
_ENDS: Mapping[str, tuple[str, Callable[[datetime], ColumnElement[bool]]]] = {
    "calls": (DAYS_90, _call_over),
    "escalations": (DAYS_90, lambda moment: Escalation.closed_at < moment),
    "drills": (DAYS_90, lambda moment: Drill.asked_at < moment),
    "nightly_calls": (DAYS_90, lambda moment: NightlyCall.began_at < moment),
    "alarms": (DAYS_90, lambda moment: HeardAlarm.ended_at < moment),
    "listeners": (SERVING, _listener_over),
    "rotas": (SERVING, lambda moment: Rota.until < moment),
    "acts": (YEARS_2, lambda moment: Act.at < moment),
}
