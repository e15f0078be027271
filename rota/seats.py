"""Seats of the published rota in the database: read, moved, and found again by who has them when."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import tables
from models.errors import UnknownName
from models.words import ListenerId, SiteId
from rota.moving import Change, Seat
from rota.people import zone_of
from rota.problem import Problem
from rota.scheme import Scheme
from rota.shift import Shift
from rota.site_rota import as_slot, problem_of, write_shift
from rota.store import shifts_between


def hold(session: Session, site: SiteId) -> None:
    """Whoever writes a seat holds the site, so that two do not take the last one."""
    session.execute(select(tables.Site.id).where(tables.Site.id == site).with_for_update(key_share=True))


def problem_over(session: Session, site: SiteId, scheme: Scheme, moments: Iterable[datetime]) -> Problem:
    """The local days of all these moments and one on each side, without the shifts of those who have left."""
    zone = zone_of(session, site)
    days = sorted(moment.astimezone(zone).date() for moment in moments)
    first, last = days[0] - timedelta(days=1), days[-1] + timedelta(days=1)
    problem = problem_of(session, site, scheme, since=first, days=(last - first).days + 1)
    return replace(problem, published=frozenset(one for one in problem.published if one.listener in problem.person))


def seat_of(problem: Problem, shift: Shift) -> Seat:
    """Of a shift that no pattern asks for, the span is its own slot."""
    slot = problem.slot.get(shift.slot or "") or as_slot(shift, problem.zone, problem.limits)
    return Seat(slot, shift.listener, shift.cover)


def shift_from(
    session: Session, site: SiteId, listener: ListenerId, starts_at: datetime, ends_at: datetime
) -> Shift | None:
    """What this Listener has from then until then; they have one at a time."""
    some = shifts_between(session, site, since=starts_at, until=ends_at)
    return next(
        (one for one in some if (one.listener, one.starts_at, one.ends_at) == (listener, starts_at, ends_at)), None
    )


def write(
    session: Session, site: SiteId, problem: Problem, change: Change
) -> tuple[tuple[Shift, ...], tuple[Shift, ...]]:
    """The rows that are gone, and those that are new. What was asked for about a seat that is left goes with it.

    UnknownName when somebody does not have their seat any more.
    """
    gone = tuple(_there(session, site, seat) for seat in change.out)
    # First of all: the database lets nobody be in two places at once, not even for a moment (migration 0003).
    session.execute(delete(tables.Shift).where(tables.Shift.id.in_([shift.id for shift in gone])))
    for seat in change.put:
        slot = seat.slot if seat.slot.id in problem.slot else replace(seat.slot, id="")
        write_shift(session, site, slot, seat.listener, seat.cover)
    session.flush()
    return gone, tuple(_there(session, site, seat) for seat in change.put)


def _there(session: Session, site: SiteId, seat: Seat) -> Shift:
    found = shift_from(session, site, seat.listener, seat.slot.starts_at, seat.slot.ends_at)
    if found is None:
        raise UnknownName("seat", seat.slot.id)
    return found
