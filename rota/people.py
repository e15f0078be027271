"""What the database knows of Listeners, as the rota sees them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models import tables
from models.words import RECURRING_MODULES, ListenerId, MovementKind, SiteId, Standing, WingId, WishKind
from rota.away import Moved, away
from rota.person import Load, Person, Span, WeeklyWish
from rota.slot import Slot

LOOK_BACK = timedelta(days=28)


def people_of(
    session: Session, site: SiteId, *, before: Mapping[ListenerId, Load], new_since: datetime
) -> tuple[Person, ...]:
    """Every Listener who is or may again be one; ``new_since``: certified later, and without experience, is new."""
    letters = dict(session.execute(select(tables.Wing.id, tables.Wing.letter).where(tables.Wing.site_id == site)).all())
    away_by, leave_by, wishes_by = _movements(session, site), _leave(session, site), _wishes(session, site)
    trained = trained_until(session, site)
    gone = (Standing.LEFT.value, Standing.APPLIED.value)
    rows = session.scalars(
        select(tables.Listener)
        .where(tables.Listener.site_id == site, tables.Listener.standing.not_in(gone))
        .order_by(tables.Listener.id)
    )
    return tuple(
        Person(
            id=ListenerId(row.id),
            name=row.code_name,
            wing=WingId(letters[row.wing_id]),
            certified=_certified(row, trained.get(row.id)),
            cleared=True,
            reachable=row.phone_id is not None,
            experienced=row.experienced,
            new=not row.experienced and row.certified_from is not None and row.certified_from > new_since,
            away=away(away_by[row.id]),
            leave=tuple(leave_by[row.id]),
            wishes=tuple(wishes_by[row.id]),
            weekly_minutes=row.weekly_minutes,
            before=before.get(ListenerId(row.id), Load()),
        )
        for row in rows
    )


def pairs_apart(session: Session, site: SiteId) -> frozenset[frozenset[ListenerId]]:
    """Two Listeners between whom there is a keep-apart rule, whatever its kind."""
    rows = session.execute(
        select(tables.KeepApart.listener_id, tables.KeepApart.other_listener_id)
        .join(tables.Listener, tables.Listener.id == tables.KeepApart.listener_id)
        .where(tables.Listener.site_id == site, tables.KeepApart.other_listener_id.is_not(None))
    )
    return frozenset(frozenset({ListenerId(one), ListenerId(other)}) for one, other in rows if other)


def loads(duties: Mapping[ListenerId, Iterable[Slot]]) -> Mapping[ListenerId, Load]:
    return {
        listener: Load(
            sum(slot.minutes for slot in slots), sum(slot.night for slot in slots), sum(slot.weekend for slot in slots)
        )
        for listener, slots in ((listener, tuple(some)) for listener, some in duties.items())
    }


def in_force_until(certified_until: datetime | None, training_until: datetime | None) -> datetime | None:
    """A certificate counts no longer than the recurring training behind it."""
    return min((end for end in (certified_until, training_until) if end is not None), default=None)


def _certified(row: tables.Listener, training_until: datetime | None) -> Span | None:
    if row.standing != Standing.CERTIFIED or row.certified_from is None:
        return None
    return Span(row.certified_from, in_force_until(row.certified_until, training_until))


def trained_until(session: Session, site: SiteId) -> Mapping[str, datetime]:
    """The earliest end of what has to be done again."""
    rows = session.execute(
        select(tables.Training.listener_id, func.min(tables.Training.valid_until))
        .where(tables.Training.listener_id.in_(_ours(site)), tables.Training.module.in_(RECURRING_MODULES))
        .group_by(tables.Training.listener_id)
    )
    return {listener: until for listener, until in rows if until}


def _ours(site: SiteId) -> Select[str]:
    return select(tables.Listener.id).where(tables.Listener.site_id == site)


def _movements(session: Session, site: SiteId) -> Mapping[str, list[Moved]]:
    found: defaultdict[str, list[Moved]] = defaultdict(list)
    for row in session.scalars(select(tables.Movement).where(tables.Movement.listener_id.in_(_ours(site)))):
        found[row.listener_id].append(Moved(row.since, MovementKind(row.kind), row.until))
    return found


def _leave(session: Session, site: SiteId) -> Mapping[str, list[Span]]:
    found: defaultdict[str, list[Span]] = defaultdict(list)
    for row in session.scalars(select(tables.Absence).where(tables.Absence.listener_id.in_(_ours(site)))):
        found[row.listener_id].append(Span(row.starts_at, row.ends_at))
    return found


def _wishes(session: Session, site: SiteId) -> Mapping[str, list[WeeklyWish]]:
    found: defaultdict[str, list[WeeklyWish]] = defaultdict(list)
    for row in session.scalars(select(tables.Wish).where(tables.Wish.listener_id.in_(_ours(site)))):
        starts, ends = time.fromisoformat(row.starts), time.fromisoformat(row.ends)
        wish = WeeklyWish(kind=WishKind(row.kind), weekday=row.weekday, starts=starts, ends=ends)
        found[row.listener_id].append(wish)
    return found


def zone_of(session: Session, site: SiteId) -> ZoneInfo:
    return ZoneInfo(session.get_one(tables.Site, site).zone)
