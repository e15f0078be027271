"""Forgets what has been kept for as long as its columns say (domain.md 6, layer 7).

Which columns there are is read from the tables: a new one that says how long it is kept is forgotten by what is here.
``models/overdue.py`` proves it by other code.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import JSON, Column, ColumnElement, ForeignKey, String, Table, cast, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from models import audit
from models.keeping import PERIODS, keepings, longest
from models.months import month_of
from models.tables import (
    AS_A_COUNT,
    DAYS_90,
    SERVING,
    YEARS_2,
    Base,
    Call,
    CallCount,
    Drill,
    Escalation,
    HeardAlarm,
    Listener,
    NightlyCall,
    Offer,
    Rota,
    Site,
    StandingChange,
    Talk,
)
from models.words import Standing

Gone = Mapping[str, int]
# By table: which of its rows are over.
Clocks = Mapping[str, ColumnElement[bool]]


def forget_what_is_due(session: Session, now: datetime) -> Gone:
    """How many rows of each table went, or lost what was due.

    Shorter keepings come first, and what refers to a row before the row: nothing waits for the next time.
    """
    gone: dict[str, int] = {}
    _count_calls(session, now)
    for kept in (DAYS_90, SERVING):
        clocks = _clocks(session, kept, now)
        for table in reversed(Base.metadata.sorted_tables):
            if kept in keepings(table):
                gone[table.name] = gone.get(table.name, 0) + _forget(session, table, kept, clocks)
    gone["acts"] = audit.forget_before(session, now - PERIODS[YEARS_2])
    return {table: count for table, count in gone.items() if count}


def _forget(session: Session, table: Table, kept: str, clocks: Clocks) -> int:
    due = _over(table, kept, clocks)
    if longest(table) == kept:
        _let_go(session, table, due)
        return len(session.execute(delete(table).where(due).returning(*table.primary_key)).all())
    columns = [column for column in table.columns if column.info["kept"] == kept]
    some_left = or_(*(_holds_something(column) for column in columns))
    emptied = update(table).where(due, some_left).values({column.name: _nothing(column) for column in columns})
    return len(session.execute(emptied.returning(*table.primary_key)).all())


def _let_go(session: Session, table: Table, due: ColumnElement[bool]) -> None:
    """Rows of somebody else that may do without this one: a swap of another Listener's, a rule of another's."""
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            for key in column.foreign_keys:
                if column.nullable and key.column.table is table:
                    theirs = column.in_(select(key.column).where(due))
                    session.execute(update(other).where(theirs).values({column.name: None}))


def _holds_something(column: Column[object]) -> ColumnElement[bool]:
    if isinstance(column.type, JSON):
        return cast(column, String).not_in(("{}", "[]", "null"))
    return column.is_not(None)


def _nothing(column: Column[object]) -> object:
    if column.nullable:
        return None
    return [] if column.default is not None else {}


# ---- whose time is over


def _over(table: Table, kept: str, clocks: Clocks) -> ColumnElement[bool]:
    """Rows whose time is over: by a clock of their own, or because a row that they belong to is."""
    if table.name in clocks:
        return clocks[table.name]
    parents = [
        column.in_(select(key.column).where(_over(key.column.table, kept, clocks)))
        for column in table.columns
        for key in column.foreign_keys
        if _belongs(column, key, kept)
    ]
    if not parents:
        raise LookupError(f"models/retention.py does not know from when the time of {table.name} counts")
    return or_(*parents)


def _belongs(column: Column[object], key: ForeignKey, kept: str) -> bool:
    theirs = {AS_A_COUNT: DAYS_90}.get(key.column.info["kept"], key.column.info["kept"])
    return not column.nullable and column.info["kept"] == theirs == kept


def _clocks(session: Session, kept: str, now: datetime) -> Clocks:
    if kept == DAYS_90:
        before = now - PERIODS[DAYS_90]
        return {
            "calls": _calls(now),
            "escalations": Escalation.closed_at < before,
            "drills": Drill.asked_at < before,
            "nightly_calls": NightlyCall.began_at < before,
            "alarms": HeardAlarm.ended_at < before,
        }
    # Asked before anything goes: what says that they left goes with them.
    left = session.scalars(select(Listener.id).where(_left_long_ago(now))).all()
    return {"listeners": Listener.id.in_(left), "rotas": Rota.until < now - PERIODS[SERVING]}


def _calls(now: datetime) -> ColumnElement[bool]:
    """A call whose escalation is still open, or younger, is kept until that goes."""
    younger = Escalation.closed_at.is_(None) | (Escalation.closed_at >= now - PERIODS[DAYS_90])
    held = exists().where(Escalation.call_id == Call.id, younger)
    return (Call.ended_at < now - PERIODS[DAYS_90]) & ~held


def _left_long_ago(now: datetime) -> ColumnElement[bool]:
    """Twelve months after somebody last left the scheme; a call that is still kept says which Listeners were in it."""
    came_back = StandingChange.at >= now - PERIODS[SERVING]
    theirs = StandingChange.listener_id == Listener.id
    has_left = exists().where(theirs, StandingChange.became == Standing.LEFT.value, ~came_back)
    in_a_call = (exists().where(table.listener_id == Listener.id) for table in (Offer, Talk))
    return (Listener.standing == Standing.LEFT.value) & has_left & ~exists().where(theirs, came_back) & ~or_(*in_a_call)


def _count_calls(session: Session, now: datetime) -> None:
    """Of calls that go, a month's count remains: a quarter is longer than 90 days, and its report comes after it."""
    due = select(Call.site_id, Call.began_at, Call.listening, Site.zone).join(Site).where(_calls(now))
    # Another node that is at it too waits here, and then finds none of them.
    for site, began_at, listening, zone in session.execute(due.with_for_update(of=Call)).all():
        key = (site, month_of(began_at, zone))
        row = session.get(CallCount, key, with_for_update=True)
        if row is None:
            row = CallCount(site_id=site, month=key[1], calls=0, listened=0)
            session.add(row)
        row.calls += 1
        row.listened += listening
        session.flush()
