"""What the pages of the rota read of the database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
from models.errors import UnknownName
from models.words import Cover, ListenerId, RotaState, SiteId
from rota import site_rota, swaps
from rota.local_time import instant
from rota.people import zone_of
from rota.problem import Problem
from rota.scheme import Scheme
from rota.site_rota import Draft, problem_of
from rota.slot import Slot, slots_of
from rota.swaps import Around, OpenSwap

AHEAD_DAYS = 28
# More drafts than these are old ones.
MOST_DRAFTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenSeat:
    """A row of ``shifts``; ``slot`` is empty for one that a coordinator wrote by hand."""

    shift: str
    slot: str | None
    listener: ListenerId
    cover: Cover
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMade:
    """A draft, by whom and when it was made."""

    id: str
    since: datetime
    until: datetime
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFacts:
    """``ahead`` is what is to be filled in the next four weeks, whichever week is shown."""

    problem: Problem
    ahead: Problem
    seats: tuple[TakenSeat, ...]
    names: Mapping[ListenerId, str]
    swaps: tuple[OpenSwap, ...]
    drafts: tuple[DraftMade, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFacts:
    """A draft, and the same days as they are published now."""

    draft: Draft
    made: DraftMade
    problem: Problem
    names: Mapping[ListenerId, str]


def week_facts(session: Session, site: SiteId, scheme: Scheme, monday: date | None, *, now: datetime) -> WeekFacts:
    """Of this week when no Monday is given."""
    zone = zone_of(session, site)
    today = now.astimezone(zone).date()
    first = monday or today - timedelta(days=today.weekday())
    return WeekFacts(
        problem=problem_of(session, site, scheme, since=first, days=7),
        ahead=problem_of(session, site, scheme, since=today, days=AHEAD_DAYS),
        seats=_seats(session, site, zone, first),
        names=names_of(session, site),
        swaps=swaps.open_swaps(session, site, now=now),
        drafts=_drafts(session, site),
    )


def names_of(session: Session, site: SiteId) -> Mapping[ListenerId, str]:
    """Also of those who have left: what they did stays on the rota."""
    rows = session.execute(select(tables.Listener.id, tables.Listener.code_name).where(tables.Listener.site_id == site))
    return {ListenerId(row.id): row.code_name for row in rows}


def listener_called(session: Session, site: SiteId, code_name: str) -> ListenerId:
    found = [listener for listener, name in names_of(session, site).items() if name == code_name]
    if not found:
        raise UnknownName("Listener", code_name)
    return found[0]


def slot_called(session: Session, site: SiteId, scheme: Scheme, name: str, day: date) -> Slot:
    """UnknownName when no pattern asks for it on that day."""
    found = slots_of(scheme.patterns, day, 1, zone_of(session, site), scheme.limits.night)
    slot = next((slot for slot in found if slot.id == name), None)
    if slot is None:
        raise UnknownName("shift", name)
    return slot


def problem_about(session: Session, site: SiteId, scheme: Scheme, day: date) -> Problem:
    """The same three days that are looked at when the seat is taken, without those who have left."""
    problem = problem_of(session, site, scheme, since=day - timedelta(days=1), days=3)
    known = frozenset(one for one in problem.published if one.listener in problem.person)
    return replace(problem, published=known)


def swap_about(
    session: Session, site: SiteId, scheme: Scheme, swap_id: str, *, now: datetime
) -> tuple[OpenSwap, Around]:
    """UnknownName when it has ended or its shift has begun."""
    found = next((swap for swap in swaps.open_swaps(session, site, now=now) if swap.id == swap_id), None)
    if found is None:
        raise UnknownName("swap", swap_id)
    return found, swaps.around(session, site, scheme, found.shift)


def draft_facts(session: Session, site: SiteId, scheme: Scheme, rota: str) -> DraftFacts:
    draft, zone = site_rota.draft(session, site, rota), zone_of(session, site)
    first, last = draft.since.astimezone(zone).date(), draft.until.astimezone(zone).date()
    return DraftFacts(
        draft=draft,
        made=_made(session.get_one(tables.Rota, draft.id)),
        problem=problem_of(session, site, scheme, since=first, days=(last - first).days),
        names=names_of(session, site),
    )


def _seats(session: Session, site: SiteId, zone: ZoneInfo, monday: date) -> tuple[TakenSeat, ...]:
    begins, ends = (instant(monday + timedelta(days=days), time(), zone) for days in (0, 7))
    rows = session.scalars(
        select(tables.Shift)
        .where(tables.Shift.site_id == site, tables.Shift.starts_at >= begins, tables.Shift.starts_at < ends)
        .order_by(tables.Shift.starts_at, tables.Shift.id)
    )
    return tuple(
        TakenSeat(
            shift=row.id,
            slot=row.slot,
            listener=ListenerId(row.listener_id),
            cover=Cover(row.cover),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
        for row in rows
    )


def _drafts(session: Session, site: SiteId) -> tuple[DraftMade, ...]:
    """The newest first."""
    rows = session.scalars(
        select(tables.Rota)
        .where(tables.Rota.site_id == site, tables.Rota.state == RotaState.DRAFT.value)
        .order_by(tables.Rota.made_at.desc(), tables.Rota.id)
        .limit(MOST_DRAFTS)
    )
    return tuple(_made(row) for row in rows)


def _made(row: tables.Rota) -> DraftMade:
    return DraftMade(id=row.id, since=row.since, until=row.until, made_at=row.made_at, made_by=row.made_by)
