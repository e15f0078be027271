"""The nightly call of the line to itself: how far it came, and who is told when a link of the chain does not hold.

How the call is made is in wingline/nightly_call.py. Its own rows are gone afterwards; what is kept is one row that
says which link broke.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from escalation.drills import Kind, hold
from escalation.faults import raise_or_join
from escalation.store import Raise
from escalation.timetable import day_that_began
from escalation.turn import Turn
from models import clock, tables
from models.errors import NotAllowed
from models.words import Cause, EscalationId, Instant, SiteId

NightlyId = NewType("NightlyId", str)

# It waits so long for a moment in which nobody is on the line; a night without one is left out.
WITHIN = timedelta(hours=3)
# A call that has said nothing for so long has died. Its own patience is shorter.
AT_MOST = timedelta(minutes=6)


class Link(StrEnum):
    """The links of the chain, in their order."""

    PHONES = "phones"  # three phones of its own register with Asterisk
    ANSWERED = "answered"  # the short code is answered
    NOTICE = "notice"  # the notice is heard
    OFFERED = "offered"  # the Listener's phone rings
    CLAIMED = "claimed"  # with key 1 the Listener has the call
    BRIDGED = "bridged"  # the Listener hears the caller's voice
    HEARD = "heard"  # the machine hears a dangerous sentence
    PROMPTED = "prompted"  # the Listener hears the prompt
    KEYED = "keyed"  # the Listener's key is read back
    CALLER_TOLD = "caller_told"  # the caller hears that staff are told
    STAFF_RUNG = "staff_rung"  # the phone of staff rings
    STAFF_TOLD = "staff_told"  # the phone of staff says what it is about
    ACKNOWLEDGED = "acknowledged"  # key 1 counts
    LISTENER_TOLD = "listener_told"  # the Listener hears that somebody comes
    CLOSED = "closed"  # the escalation is closed
    LET_GO = "let_go"  # both have hung up, and the call is over
    FINISHED = "finished"  # the call of the line to itself came to an end


@dataclass(frozen=True, slots=True)
class Nightly:
    """One call of the line to itself; ``broken`` is None when every link held."""

    id: NightlyId
    kind: Kind
    began_at: Instant
    ended_at: Instant | None
    broken: Link | None


def begin_planned(session: Session, site: SiteId, at: time, *, zone: ZoneInfo, now: Instant) -> NightlyId | None:
    """Begun by the node that asks first; None when it is not time, was begun already, or somebody is on the line."""
    day = day_that_began(at, zone, now, within=WITHIN)
    if day is None or not hold(session, site, skip=True):
        return None
    new = NightlyId(f"nightly-{site}-{day}")
    if session.get(tables.NightlyCall, new) is not None or _is_running(session, site) or _is_in_use(session, site):
        return None
    return _begin(session, site, new, Kind.PLANNED, now)


def begin_by_hand(session: Session, site: SiteId, now: Instant) -> NightlyId:
    hold(session, site)
    if _is_running(session, site):
        raise NotAllowed("make the nightly call", "one is being made; look again in a few minutes")
    return _begin(session, site, NightlyId(clock.new_id("nightly")), Kind.BY_HAND, now)


def end(session: Session, ending: NightlyId, broken: Link | None, now: Instant) -> None:
    """Nothing when it has been given up already."""
    row = tables.NightlyCall
    still_open = row.id == ending, row.ended_at.is_(None)
    session.execute(update(row).where(*still_open).values(ended_at=now, broken=broken))


def give_up(session: Session, site: SiteId, now: Instant) -> bool:
    """Whether a call had to be ended that did not end itself."""
    row = tables.NightlyCall
    lost = row.site_id == site, row.ended_at.is_(None), row.began_at <= now - AT_MOST
    ended = session.execute(update(row).where(*lost).values(ended_at=now, broken=Link.FINISHED).returning(row.id))
    return ended.first() is not None


def tell_of_broken(turn: Turn, raising: Raise) -> EscalationId | None:
    """Coordinator and technicians are told once, however many nights it is broken; by hand, whoever asked knows.

    ``raising`` is of Cause.LINE_BROKEN.
    """
    session, site = turn.session, raising.site
    row = tables.NightlyCall
    untold = row.site_id == site, row.kind == Kind.PLANNED, row.broken.is_not(None), row.escalation_id.is_(None)
    broken = session.scalars(select(row).where(*untold).with_for_update(skip_locked=True)).all()
    if not broken or not hold(session, site, skip=True):
        return None
    told = raise_or_join(turn, raising, select(row.escalation_id).where(row.site_id == site))
    for one in broken:
        one.escalation_id = told.id
    return EscalationId(told.id)


def latest(session: Session, site: SiteId, most: int = 1) -> Sequence[Nightly]:
    """The last ones, the newest first."""
    row = tables.NightlyCall
    rows = session.scalars(select(row).where(row.site_id == site).order_by(row.began_at.desc()).limit(most))
    return [
        Nightly(NightlyId(one.id), Kind(one.kind), one.began_at, one.ended_at, Link(one.broken) if one.broken else None)
        for one in rows
    ]


def _begin(session: Session, site: SiteId, new: NightlyId, kind: Kind, now: Instant) -> NightlyId:
    session.add(tables.NightlyCall(id=new, site_id=site, kind=kind, began_at=now))
    session.flush()
    return new


def _is_running(session: Session, site: SiteId) -> bool:
    row = tables.NightlyCall
    return bool(session.scalar(select(exists().where(row.site_id == site, row.ended_at.is_(None)))))


def _is_in_use(session: Session, site: SiteId) -> bool:
    """The machine may have to listen to somebody, and staff may have to be rung: then it is no time for a test."""
    call = exists().where(tables.Call.site_id == site, tables.Call.ended_at.is_(None))
    crisis = exists().where(
        tables.Escalation.site_id == site,
        tables.Escalation.closed_at.is_(None),
        tables.Escalation.cause != Cause.LINE_BROKEN,
    )
    return bool(session.scalar(select(call | crisis)))
