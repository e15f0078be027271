"""Drills: rows that somebody asked for or that the plan made due, each begun once, and never beside a crisis.

A drill is an escalation without a call. The real phones ring and the real clocks run, but no location is opened,
because nobody called. It gives way at once when a real escalation begins.
"""

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from escalation import store
from escalation.case import Closed, Raised
from escalation.store import Deed, Raise
from escalation.timetable import day_that_began
from escalation.turn import LINE, Turn
from models import audit, clock, tables
from models.errors import Cannot
from models.phrases import phrase
from models.words import Cause, EscalationId, Instant, SiteId

DrillId = NewType("DrillId", str)

# What could not begin for so long does not begin any more: nobody expects it at that hour.
WITHIN = timedelta(hours=1)
BY_PLAN = "plan"
ASKED = "drill asked for"


class Kind(StrEnum):
    """Whether the plan of the site file made it due, or somebody asked."""

    PLANNED = "planned"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Plan:
    """Once a month, from this day of it on (1 to 28) at this time of the site's own clocks."""

    day: int
    at: time
    zone: ZoneInfo


def month_due(plan: Plan, now: Instant) -> str | None:
    """``2026-03`` while the drill of that month may begin: at its time, on its day or on a later one."""
    day = day_that_began(plan.at, plan.zone, now, within=WITHIN)
    return f"{day:%Y-%m}" if day is not None and day.day >= plan.day else None


def hold(session: Session, site: SiteId, *, skip: bool = False) -> bool:
    """One act at a time for a site; False when ``skip`` and somebody else has it. Rows that name it need not wait."""
    held = select(tables.Site.id).where(tables.Site.id == site).with_for_update(key_share=True, skip_locked=skip)
    return session.scalar(held) is not None


def ask(session: Session, site: SiteId, by: str, now: Instant) -> DrillId:
    """The line begins it as soon as no escalation is open. NotAllowed while a drill waits or runs."""
    hold(session, site)
    if _waiting(session, site, now) is not None:
        raise Cannot(
            phrase("cannot start a drill: one has been asked for already, and begins when no escalation is open")
        )
    if Cause.DRILL in _open_causes(session, site):
        raise Cannot(phrase("cannot start a drill: one is running; it ends when it is closed like a real one"))
    drill = DrillId(clock.new_id("drill"))
    session.add(tables.Drill(id=drill, site_id=site, kind=Kind.BY_HAND, asked_at=now, asked_by=by))
    audit.note(session, by, ASKED, drill, now)
    return drill


def begin_next(turn: Turn, raising: Raise, plan: Plan | None) -> EscalationId | None:
    """Begins what is due, in the transaction that says so: a node that dies has begun it wholly, or not at all."""
    session, site = turn.session, raising.site
    if not hold(session, site, skip=True):
        # Another node is at it.
        return None
    open_causes = _open_causes(session, site)
    if open_causes - _ABOUT_NOBODY:
        # Begun in the same moment as a real one, neither saw the other.
        _give_way(turn, site)
    if open_causes:
        return None
    drill = _waiting(session, site, turn.now) or _planned(session, site, plan, turn.now)
    if drill is None:
        return None
    row = store.insert(session, raising, turn.now)
    drill.escalation_id = row.id
    turn.note(drill.asked_by, Deed.RAISED, EscalationId(row.id))
    turn.feed(row, Raised())
    return EscalationId(row.id)


def give_way_to(turn: Turn, raising: Raise) -> None:
    """Of what is about to be raised; only a call is real."""
    if raising.call is not None:
        _give_way(turn, raising.site)


def _give_way(turn: Turn, site: SiteId) -> None:
    """Closes drills: their phones are wanted for a real one."""
    drills = (*_open_at(site), tables.Escalation.cause == Cause.DRILL)
    for row in turn.session.scalars(select(tables.Escalation).where(*drills).with_for_update()).all():
        turn.feed(row, Closed(LINE, spoken=True))


_ABOUT_NOBODY = frozenset({Cause.DRILL, Cause.LINE_BROKEN})


def _open_at(site: SiteId) -> tuple[ColumnElement[bool], ...]:
    return tables.Escalation.site_id == site, tables.Escalation.closed_at.is_(None)


def _open_causes(session: Session, site: SiteId) -> frozenset[Cause]:
    return frozenset(Cause(cause) for cause in session.scalars(select(tables.Escalation.cause).where(*_open_at(site))))


def _waiting(session: Session, site: SiteId, now: Instant) -> tables.Drill | None:
    row = tables.Drill
    waits = row.site_id == site, row.escalation_id.is_(None), row.asked_at > now - WITHIN
    return session.scalar(select(row).where(*waits).order_by(row.asked_at, row.id).limit(1))


def _planned(session: Session, site: SiteId, plan: Plan | None, now: Instant) -> tables.Drill | None:
    month = month_due(plan, now) if plan else None
    if month is None or session.get(tables.Drill, f"drill-{site}-{month}") is not None:
        return None
    row = tables.Drill(
        id=f"drill-{site}-{month}", site_id=site, kind=Kind.PLANNED, asked_at=now, asked_by=BY_PLAN
    )  # fmt: skip
    session.add(row)
    return row
