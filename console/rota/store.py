"""What the pages of the rota read of the database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.listeners.addresses import Addresses
from models import tables
from models.errors import UnknownName
from models.words import ListenerId, RotaState, SiteId
from rota import site_rota, swaps
from rota.changes import Made, last_made
from rota.local_time import instant
from rota.people import zone_of
from rota.problem import Problem
from rota.scheme import Scheme
from rota.shift import Shift
from rota.site_rota import Draft, problem_of
from rota.slot import Slot
from rota.store import shifts_between
from rota.swaps import Around, OpenSwap

AHEAD_DAYS = 28
# More drafts than these are old ones.
MOST_DRAFTS = 10


@dataclass(frozen=True, slots=True)
class Looking:
    """Which rota is looked at, and when."""

    site: SiteId
    scheme: Scheme
    addresses: Addresses
    now: datetime


@dataclass(frozen=True, slots=True)
class Addressed:
    """Listeners by their code names, and the addresses of their pages."""

    names: Mapping[ListenerId, str]
    addresses: Mapping[ListenerId, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMade:
    """A draft, by whom and when it was made, and what it was to favour."""

    id: str
    since: datetime
    until: datetime
    made_at: datetime
    made_by: str
    favours: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFacts:
    """``ahead`` is what is to be filled in the next four weeks, whichever week is shown."""

    problem: Problem
    ahead: Problem
    seats: tuple[Shift, ...]
    people: Addressed
    swaps: tuple[OpenSwap, ...]
    drafts: tuple[DraftMade, ...]
    changes: tuple[Made, ...]

    @property
    def names(self) -> Mapping[ListenerId, str]:
        return self.people.names


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFacts:
    """A draft, and the same days as they are published now."""

    draft: Draft
    made: DraftMade
    problem: Problem
    names: Mapping[ListenerId, str]


def week_facts(session: Session, look: Looking, monday: date | None) -> WeekFacts:
    """Of this week when no Monday is given."""
    site, now = look.site, look.now
    zone = zone_of(session, site)
    today = now.astimezone(zone).date()
    first = monday or today - timedelta(days=today.weekday())
    return WeekFacts(
        problem=problem_of(session, site, look.scheme, since=first, days=7),
        # The night that runs began yesterday.
        ahead=problem_of(session, site, look.scheme, since=today - timedelta(days=1), days=AHEAD_DAYS + 1),
        seats=seats_from(session, site, zone, first),
        people=addressed(session, look),
        swaps=swaps.open_swaps(session, site, now=now),
        drafts=drafts_of(session, site),
        changes=last_made(session, site, now=now),
    )


def addressed(session: Session, look: Looking) -> Addressed:
    names = names_of(session, look.site)
    return Addressed(names, {listener: look.addresses.of(listener) for listener in names})


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
    slot = site_rota.slot_named(session, site, scheme, name, day)
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
    draft = site_rota.draft(session, site, rota)
    return DraftFacts(
        draft=draft,
        made=_made(session.get_one(tables.Rota, draft.id)),
        problem=site_rota.problem_of_draft(session, site, scheme, draft),
        names=names_of(session, site),
    )


def seats_from(session: Session, site: SiteId, zone: ZoneInfo, first: date, days: int = 7) -> tuple[Shift, ...]:
    """Of the shifts that begin on these local days."""
    begins, ends = (instant(first + timedelta(days=after), time(), zone) for after in (0, days))
    shifts = shifts_between(session, site, since=begins, until=ends)
    return tuple(sorted((one for one in shifts if one.starts_at >= begins), key=lambda one: (one.starts_at, one.id)))


def drafts_of(session: Session, site: SiteId) -> tuple[DraftMade, ...]:
    """The newest first."""
    rows = session.scalars(
        select(tables.Rota)
        .where(tables.Rota.site_id == site, tables.Rota.state == RotaState.DRAFT.value)
        .order_by(tables.Rota.made_at.desc(), tables.Rota.id)
        .limit(MOST_DRAFTS)
    )
    return tuple(_made(row) for row in rows)


def _made(row: tables.Rota) -> DraftMade:
    return DraftMade(
        id=row.id, since=row.since, until=row.until, made_at=row.made_at, made_by=row.made_by, favours=row.favours
    )
