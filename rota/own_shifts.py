"""What a Listener does with their own part of the rota by phone: next shifts, check-in, swaps, cover."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
from models.words import Cover, ListenerId, SiteId
from rota import swaps
from rota.checks import Duties
from rota.people import zone_of
from rota.problem import Problem
from rota.rules import Rule
from rota.scheme import Scheme
from rota.site_rota import problem_of, write_shift
from rota.slot import Slot, day_in
from rota.why_not import unfilled

LOOK_AHEAD_DAYS = 14
# So long before a shift somebody may say that they are there.
EARLY = timedelta(minutes=30)
# And so long after its beginning the coordinator and the backup are told that nobody has.
LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnShift:
    """One of a Listener's shifts that is not over."""

    id: str
    cover: Cover
    starts_at: datetime
    ends_at: datetime
    checked_in: bool
    swap: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTake:
    """A shift that this Listener could have: somebody's swap, or an empty seat of a slot."""

    starts_at: datetime
    ends_at: datetime
    swap: str | None = None
    shift: str | None = None
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class Late:
    """A first cover who has not signed on, and the backups behind them."""

    shift: str
    listener: ListenerId
    backups: tuple[ListenerId, ...]


def next_shifts(session: Session, listener: ListenerId, *, now: datetime, most: int = 3) -> tuple[OwnShift, ...]:
    rows = session.scalars(
        select(tables.Shift)
        .where(tables.Shift.listener_id == listener, tables.Shift.ends_at > now)
        .order_by(tables.Shift.starts_at)
        .limit(most)
    ).all()
    asked = select(tables.Swap.shift_id, tables.Swap.id).where(
        tables.Swap.shift_id.in_([row.id for row in rows]), tables.Swap.ended_at.is_(None)
    )
    swap_of = {row.shift_id: row.id for row in session.execute(asked)}
    return tuple(
        OwnShift(
            id=row.id,
            cover=Cover(row.cover),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            checked_in=row.checked_in_at is not None,
            swap=swap_of.get(row.id),
        )
        for row in rows
    )


def check_in(session: Session, listener: ListenerId, *, now: datetime) -> bool:
    """Says that they are there for a shift that runs or is about to begin; whether there is one."""
    row = session.scalar(
        select(tables.Shift)
        .where(tables.Shift.listener_id == listener, tables.Shift.starts_at <= now + EARLY, tables.Shift.ends_at > now)
        .order_by(tables.Shift.starts_at)
        .limit(1)
    )
    if row is None:
        return False
    row.checked_in_at = row.checked_in_at or now
    session.flush()
    return True


def late_ones(session: Session, site: SiteId, *, now: datetime) -> tuple[Late, ...]:
    """First covers whose shift began and who have not signed on; each is told of once (``late_at`` is set)."""
    running = session.scalars(
        select(tables.Shift).where(
            tables.Shift.site_id == site, tables.Shift.starts_at <= now, tables.Shift.ends_at > now
        )
    ).all()
    backups = tuple(ListenerId(row.listener_id) for row in running if row.cover == Cover.BACKUP)
    late = [
        row
        for row in running
        if row.cover == Cover.FIRST
        and row.checked_in_at is None
        and row.late_at is None
        and row.starts_at + LATE <= now
    ]
    for row in late:
        row.late_at = now
    session.flush()
    return tuple(Late(row.id, ListenerId(row.listener_id), backups) for row in late)


def to_take(
    session: Session, site: SiteId, scheme: Scheme, listener: ListenerId, *, now: datetime
) -> tuple[ToTake, ...]:
    """Swaps and empty seats of the next two weeks that this Listener could have without breaking a rule."""
    found = [
        ToTake(starts_at=swap.starts_at, ends_at=swap.ends_at, swap=swap.id, shift=swap.shift)
        for swap in swaps.open_swaps(session, site, now=now)
        if swap.accepted_by is None
        and swap.asked_by != listener
        and not swaps.around(session, site, scheme, swap.shift).why_not(listener)
    ]
    # The night that runs began yesterday.
    yesterday = _today(session, site, now) - timedelta(days=1)
    problem = problem_of(session, site, scheme, since=yesterday, days=LOOK_AHEAD_DAYS + 1)
    person = problem.person.get(listener)
    if person is not None:
        duties = Duties(problem, problem.published)
        empty = (one.slot for one in unfilled(problem, sorted(problem.published)) if one.slot.ends_at > now)
        found += [
            ToTake(starts_at=slot.starts_at, ends_at=slot.ends_at, slot=slot.id)
            for slot in empty
            if not duties.why_not(person, slot)
        ]
    return tuple(sorted(found, key=lambda one: one.starts_at))


def take(session: Session, site: SiteId, scheme: Scheme, listener: ListenerId, slot_id: str) -> tuple[Rule, ...]:
    """An empty seat; the rules that forbid it, and then nothing changes. FULL when somebody was quicker."""
    # Whoever writes a seat holds the site, so that two do not take the last one.
    session.execute(select(tables.Site.id).where(tables.Site.id == site).with_for_update(key_share=True))
    day = date.fromisoformat(day_in(slot_id))
    problem = problem_of(session, site, scheme, since=day - timedelta(days=1), days=3)
    slot, person = problem.slot.get(slot_id), problem.person.get(listener)
    if slot is None or person is None:
        return (Rule.NOT_CERTIFIED,) if person is None else (Rule.FULL,)
    duties = Duties(problem, problem.published)
    forbidden = duties.why_not(person, slot)
    if not forbidden:
        write_shift(session, site, slot, listener, _free_cover(problem, slot))
        session.flush()
    return forbidden


def _free_cover(problem: Problem, slot: Slot) -> Cover:
    firsts = sum(one.slot == slot.id and one.cover is Cover.FIRST for one in problem.published)
    return Cover.FIRST if firsts < slot.first else Cover.BACKUP


def _today(session: Session, site: SiteId, now: datetime) -> date:
    return now.astimezone(zone_of(session, site)).date()
