"""Faults of the line itself, which are about nobody: who is told of several, and that a life comes before them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from escalation import store
from escalation.case import Raised
from escalation.store import Deed, Raise
from escalation.turn import LINE, Turn
from models import tables
from models.words import Cause, EscalationId, SiteId


def raise_or_join(turn: Turn, raising: Raise, same: Select[str | None]) -> tables.Escalation:
    """The escalation with which people are told of a fault; ``same`` are those of this fault so far.

    It joins the open one of the same fault, or one that nobody has acknowledged: whoever takes that one sees both.
    Beside one that somebody has acknowledged it is a new one: they went for something else. ``raising`` is of
    Cause.LINE_BROKEN, and the site is held (escalation.drills.hold).
    """
    before = open_faults(turn.session, raising.site)
    known = set(turn.session.scalars(same))
    told = next((row for row in before if row.id in known), None)
    told = told or next((row for row in before if row.acknowledged_at is None), None)
    is_new = told is None
    told = told or store.insert(turn.session, raising, turn.now)
    turn.note(LINE, Deed.RAISED if is_new else Deed.JOINED, EscalationId(told.id))
    if is_new:
        turn.feed(told, Raised())
    return told


def open_faults(session: Session, site: SiteId, *where: ColumnElement[bool]) -> Collection[tables.Escalation]:
    """Locked, the oldest first."""
    row = tables.Escalation
    faults = row.site_id == site, row.closed_at.is_(None), row.cause == Cause.LINE_BROKEN
    found = select(row).where(*faults, *where).order_by(row.raised_at, row.id)
    return session.scalars(found.with_for_update()).all()
