"""What the database knows of the rota."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
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


def _shift(row: tables.Shift) -> Shift:
    return Shift(
        id=ShiftId(row.id),
        listener=ListenerId(row.listener_id),
        cover=Cover(row.cover),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
