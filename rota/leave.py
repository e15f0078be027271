"""A Listener cannot be on duty for a while, and says so: leave, work, worship, an appointment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from models import tables
from models.clock import new_id
from models.errors import Cannot, UnknownName
from models.phrases import phrase
from models.words import AbsenceKind, ListenerId, ShiftId
from rota.person import Span


@dataclass(frozen=True, slots=True)
class Leave:
    """A time in which a Listener cannot be on duty."""

    id: str
    kind: AbsenceKind
    starts_at: datetime
    ends_at: datetime


def leave_ahead(session: Session, listener: ListenerId, now: datetime) -> tuple[Leave, ...]:
    """What is not over, the soonest first."""
    theirs = tables.Absence.listener_id == listener, tables.Absence.ends_at > now
    rows = session.scalars(select(tables.Absence).where(*theirs).order_by(tables.Absence.starts_at, tables.Absence.id))
    return tuple(Leave(row.id, AbsenceKind(row.kind), row.starts_at, row.ends_at) for row in rows)


def take_back_leave(session: Session, listener: ListenerId, leave: str) -> None:
    """UnknownName when it is not there any more. Shifts that it freed stay free: somebody else may have them by now."""
    row = session.get(tables.Absence, leave)
    if row is None or row.listener_id != listener:
        raise UnknownName("leave", leave)
    session.delete(row)
    session.flush()


def free(session: Session, listener: ListenerId, *, now: datetime) -> Sequence[ShiftId]:
    """Every shift of theirs that is not over: somebody who may not take calls is on duty in none."""
    return _taken_away(session, tables.Shift.listener_id == listener, tables.Shift.ends_at > now)


def take_leave(
    session: Session, listener: ListenerId, kind: AbsenceKind, span: Span, *, now: datetime
) -> Sequence[ShiftId]:
    """Notes it, and frees the shifts in it that have not begun; their seats are gaps from then on.

    NotAllowed for a span without an end, or that ends before it begins.
    """
    if span.until is None or span.until <= span.since:
        raise Cannot(phrase("cannot note the leave: it must end, and after it begins"))
    session.add(
        tables.Absence(
            id=new_id("absence"), listener_id=listener, kind=kind.value, starts_at=span.since, ends_at=span.until
        )
    )
    session.flush()
    return _taken_away(
        session,
        tables.Shift.listener_id == listener,
        tables.Shift.starts_at > now,
        tables.Shift.starts_at < span.until,
        tables.Shift.ends_at > span.since,
    )


def _taken_away(session: Session, *which: ColumnElement[bool]) -> Sequence[ShiftId]:
    freed = [ShiftId(shift) for shift in session.scalars(select(tables.Shift.id).where(*which))]
    session.execute(delete(tables.Shift).where(tables.Shift.id.in_(freed)))
    return freed
