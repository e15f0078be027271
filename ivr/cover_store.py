"""What the database knows of empty places on the rota, and of who was asked by phone to fill them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import tables
from models.clock import new_id
from models.words import Cover, CoverEnd, ListenerId, SiteId
from rota import own_shifts
from rota.gaps import Urgency, gaps_ahead
from rota.people import zone_of
from rota.scheme import Scheme
from rota.site_rota import problem_of, slot_named
from rota.slot import day_in
from rota.stand_ins import stand_ins
from rota.why_not import unfilled

# Before the name of the shift whose first cover has not signed on; no name of a slot looks like it.
LATE = "late:"
# For less than this nobody is rung any more.
WORTH_A_RING = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Need:
    """An empty place; ``slot`` is what a ring for it is kept under. ``best_first`` can fill it by the rota's rules."""

    slot: str
    starts_at: datetime
    best_first: tuple[ListenerId, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked for what already (``before``), and what rings now."""

    before: frozenset[tuple[str, ListenerId]]
    slots_now: frozenset[str]
    listeners_now: frozenset[ListenerId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What one Listener is asked to fill; ``late`` is behind a first cover who has not signed on."""

    listener: ListenerId
    slot: str
    starts_at: datetime
    ends_at: datetime
    late: bool


def needs(session: Session, site: SiteId, scheme: Scheme, *, now: datetime) -> tuple[Need, ...]:
    return (*_late(session, site, now), *_empty(session, site, scheme, now))


def asked(session: Session, site: SiteId, needs: Sequence[Need]) -> Asked:
    """A ring that came to nothing by our own fault, or because somebody was quicker, does not count."""
    about = tables.CoverOffer.slot.in_([need.slot for need in needs]) | tables.CoverOffer.ended_at.is_(None)
    rows = session.scalars(select(tables.CoverOffer).where(tables.CoverOffer.site_id == site, about)).all()
    now = [row for row in rows if row.ended_at is None]
    return Asked(
        before=frozenset((row.slot, ListenerId(row.listener_id)) for row in rows if row.end != CoverEnd.LOST),
        slots_now=frozenset(row.slot for row in now),
        listeners_now=frozenset(ListenerId(row.listener_id) for row in now),
    )


def begin(session: Session, site: SiteId, slot: str, listener: ListenerId, *, now: datetime) -> str:
    """The ring's id, which is also its leg's."""
    cover = new_id("cover")
    session.add(tables.CoverOffer(id=cover, site_id=site, slot=slot, listener_id=listener, rang_at=now))
    session.flush()
    return cover


def end(session: Session, cover: str, *, how: CoverEnd, now: datetime) -> None:
    """One that has ended stays as it ended."""
    still_open = tables.CoverOffer.id == cover, tables.CoverOffer.ended_at.is_(None)
    session.execute(update(tables.CoverOffer).where(*still_open).values(ended_at=now, end=how.value))


def end_forgotten(session: Session, site: SiteId, *, rang_before: datetime, now: datetime) -> None:
    """What a line that died rang for, and nobody ended."""
    forgotten = (
        tables.CoverOffer.site_id == site,
        tables.CoverOffer.ended_at.is_(None),
        tables.CoverOffer.rang_at < rang_before,
    )
    session.execute(update(tables.CoverOffer).where(*forgotten).values(ended_at=now, end=CoverEnd.LOST.value))


def place_of(session: Session, site: SiteId, scheme: Scheme, cover: str) -> Place | None:
    """None when it was ended, or when the shift is not there any more."""
    row = session.get(tables.CoverOffer, cover)
    if row is None or row.ended_at is not None:
        return None
    late = row.slot.startswith(LATE)
    span = _late_span(session, row.slot) if late else _slot_span(session, site, scheme, row.slot)
    if span is None:
        return None
    starts_at, ends_at = span
    return Place(listener=ListenerId(row.listener_id), slot=row.slot, starts_at=starts_at, ends_at=ends_at, late=late)


def _late(session: Session, site: SiteId, now: datetime) -> list[Need]:
    """Of each first cover who has not signed on, the backups who have not either."""
    own_shifts.late_ones(session, site, now=now)
    running = session.scalars(
        select(tables.Shift)
        .where(tables.Shift.site_id == site, tables.Shift.starts_at <= now, tables.Shift.ends_at > now)
        .order_by(tables.Shift.starts_at, tables.Shift.id)
    ).all()
    late = (row for row in running if row.cover == Cover.FIRST and row.late_at and not row.checked_in_at)
    found = []
    for row in late:
        behind = _behind(row, running)
        if not any(backup.checked_in_at for backup in behind):
            backups = tuple(ListenerId(backup.listener_id) for backup in behind)
            found.append(Need(f"{LATE}{row.id}", row.starts_at, backups))
    return found


def _behind(first: tables.Shift, running: Sequence[tables.Shift]) -> list[tables.Shift]:
    """Those of the same slot; where the rota was written by hand, all who are backup now."""
    backups = [row for row in running if row.cover == Cover.BACKUP]
    return [row for row in backups if row.slot and row.slot == first.slot] or backups


def _empty(session: Session, site: SiteId, scheme: Scheme, now: datetime) -> list[Need]:
    today = now.astimezone(zone_of(session, site)).date()
    problem = problem_of(session, site, scheme, since=today - timedelta(days=1), days=3)
    gaps = gaps_ahead(unfilled(problem, sorted(problem.published)), now=now)
    near = (gap.empty.slot for gap in gaps if gap.urgency is not Urgency.SEEN)
    return [
        Need(slot.id, slot.starts_at, tuple(one.listener for one in stand_ins(problem, problem.published, slot)))
        for slot in near
        if slot.ends_at - now > WORTH_A_RING
    ]


def _late_span(session: Session, name: str) -> tuple[datetime, datetime] | None:
    row = session.get(tables.Shift, name.removeprefix(LATE))
    return (row.starts_at, row.ends_at) if row else None


def _slot_span(session: Session, site: SiteId, scheme: Scheme, name: str) -> tuple[datetime, datetime] | None:
    slot = slot_named(session, site, scheme, name, date.fromisoformat(day_in(name)))
    return (slot.starts_at, slot.ends_at) if slot else None
