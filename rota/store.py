"""What the database knows of the rota."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
from models.errors import UnknownName
from models.words import Cover, ListenerId, ShiftId, SiteId
from rota.shift import Shift


def shifts_now(session: Session, site: SiteId, *, now: datetime) -> tuple[Shift, ...]:
    query = select(tables.Shift).where(
        tables.Shift.site_id == site, tables.Shift.starts_at <= now, tables.Shift.ends_at > now
    )
    return tuple(_shift(row) for row in session.scalars(query))


def shifts_between(session: Session, site: SiteId, *, since: datetime, until: datetime) -> tuple[Shift, ...]:
    """Every shift with at least a moment between ``since`` and ``until``."""
    query = select(tables.Shift).where(
        tables.Shift.site_id == site, tables.Shift.starts_at < until, tables.Shift.ends_at > since
    )
    return tuple(_shift(row) for row in session.scalars(query))


def shifts_not_over(session: Session, site: SiteId, *, now: datetime, of: Collection[ListenerId]) -> tuple[Shift, ...]:
    """Of these Listeners, the next first."""
    shift = tables.Shift
    query = (
        select(shift)
        .where(shift.site_id == site, shift.ends_at > now, shift.listener_id.in_(list(of)))
        .order_by(shift.starts_at, shift.id)
    )
    return tuple(_shift(row) for row in session.scalars(query))


def shift_of(session: Session, site: SiteId, shift: str) -> Shift:
    """UnknownName when it is not there any more."""
    row = session.get(tables.Shift, shift)
    if row is None or row.site_id != site:
        raise UnknownName("shift", shift)
    return _shift(row)


def _shift(row: tables.Shift) -> Shift:
    return Shift(
        id=ShiftId(row.id),
        listener=ListenerId(row.listener_id),
        cover=Cover(row.cover),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        slot=row.slot,
    )
