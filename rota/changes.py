"""What people changed of the published rota, act by act, so that an act can be taken back while that makes sense.

An act is taken back as a whole or not at all: when nothing of it has begun, its seats are still as it left them, and
the rules allow what was there before.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import tables
from models.clock import new_id
from models.errors import Cannot, UnknownName
from models.phrases import phrase
from models.words import Cover, ListenerId, SiteId
from rota.checks import Broken
from rota.moving import Change, Seat, free_cover, why_not
from rota.problem import Problem
from rota.scheme import Scheme
from rota.seats import hold, problem_over, seat_of, shift_from, write
from rota.shift import Shift
from rota.site_rota import By
from rota.slot import one_slot

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Doing:
    """What somebody does, by the word for it in the audit."""

    what: str
    by: By


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatThen:
    """A seat that an act filled or emptied."""

    listener: ListenerId
    put_in: bool
    cover: Cover
    starts_at: datetime
    ends_at: datetime
    slot: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One act on the rota; ``what`` is the word by which the audit knows it."""

    id: str
    at: datetime
    who: str
    what: str
    seats: tuple[SeatThen, ...]


def note(session: Session, site: SiteId, doing: Doing, *, out: Iterable[Shift] = (), put: Iterable[Shift] = ()) -> None:
    """Notes an act that can be taken back, and forgets those that cannot be any more."""
    left, filled = tuple(out), tuple(put)
    _forget_begun(session, site, doing.by.at)
    if any(shift.starts_at <= doing.by.at for shift in (*left, *filled)):
        return
    act = new_id("change")
    for put_in, shifts in ((False, left), (True, filled)):
        session.add_all(_row(site, act, doing, shift, put_in=put_in) for shift in shifts)
    session.flush()


def last_made(session: Session, site: SiteId, *, now: datetime) -> tuple[Made, ...]:
    """The newest first; those of which nothing has begun."""
    change = tables.SeatChange
    acts: defaultdict[str, list[tables.SeatChange]] = defaultdict(list)
    query = select(change).where(change.site_id == site).order_by(change.at.desc(), change.act, change.put_in)
    for row in session.scalars(query):
        acts[row.act].append(row)
    open_ones = (rows for rows in acts.values() if all(row.starts_at > now for row in rows))
    return tuple(_made(rows) for rows in open_ones)[:MOST_SHOWN]


def take_back(session: Session, site: SiteId, scheme: Scheme, act: str, *, now: datetime) -> Sequence[Broken]:
    """The rules that forbid it, and then nothing changes. UnknownName when it has been taken back already.

    NotAllowed when a shift of it has begun, or a seat of it is not as the act left it.
    """
    hold(session, site)
    change = tables.SeatChange
    rows = session.scalars(select(change).where(change.site_id == site, change.act == act)).all()
    if not rows:
        raise UnknownName("change", act)
    made = _made(rows)
    if any(seat.starts_at <= now for seat in made.seats):
        raise Cannot(phrase("cannot take the change back: a shift of it has begun"))
    problem = problem_over(session, site, scheme, (seat.starts_at for seat in made.seats))
    back = _backwards(session, site, problem, made)
    forbidden = why_not(problem, back)
    if not forbidden:
        write(session, site, problem, back)
        session.execute(delete(change).where(change.act == act))
    return forbidden


def _backwards(session: Session, site: SiteId, problem: Problem, made: Made) -> Change:
    out = []
    for seat in made.seats:
        if not seat.put_in:
            continue
        shift = shift_from(session, site, seat.listener, seat.starts_at, seat.ends_at)
        if shift is None or shift.slot != seat.slot:
            raise Cannot(phrase("cannot take the change back: somebody has changed that seat meanwhile"))
        out.append(seat_of(problem, shift))
    left = {(seat.slot.id, seat.listener) for seat in out}
    others = [one for one in problem.published if (one.slot, one.listener) not in left]
    put = []
    for seat in made.seats:
        if seat.put_in:
            continue
        if seat.slot is not None and seat.slot not in problem.slot:
            raise Cannot(phrase("cannot take the change back: the site file does not ask for that shift any more"))
        slot = problem.slot.get(seat.slot or "") or one_slot(
            made.id, (seat.starts_at, seat.ends_at), problem.zone, problem.limits.night
        )
        cover = seat.cover if seat.slot is None else free_cover(slot, others, seat.cover)
        put.append(Seat(slot, seat.listener, cover))
    return Change(out=tuple(out), put=tuple(put))


def _forget_begun(session: Session, site: SiteId, now: datetime) -> None:
    change = tables.SeatChange
    begun = select(change.act).where(change.site_id == site, change.starts_at <= now)
    session.execute(delete(change).where(change.act.in_(begun)), execution_options={"synchronize_session": False})


def _row(site: SiteId, act: str, doing: Doing, shift: Shift, *, put_in: bool) -> tables.SeatChange:
    return tables.SeatChange(
        id=new_id("seat"),
        act=act,
        at=doing.by.at,
        who=doing.by.who,
        what=doing.what,
        site_id=site,
        listener_id=shift.listener,
        put_in=put_in,
        cover=shift.cover.value,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        slot=shift.slot,
    )


def _made(rows: Sequence[tables.SeatChange]) -> Made:
    seats = tuple(
        SeatThen(
            listener=ListenerId(row.listener_id),
            put_in=row.put_in,
            cover=Cover(row.cover),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            slot=row.slot,
        )
        for row in rows
    )
    first = rows[0]
    return Made(id=first.act, at=first.at, who=first.who, what=first.what, seats=seats)
