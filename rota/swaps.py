"""A Listener asks to be relieved of a shift, another says yes, and the rules decide again each time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
from models.clock import new_id
from models.errors import Cannot, NotAllowed, UnknownName
from models.phrases import Phrase, phrase
from models.words import Cover, ListenerId, SiteId, SwapEnd
from rota.checks import Duties
from rota.problem import Assigned, Problem
from rota.rules import Rule
from rota.scheme import Scheme
from rota.site_rota import as_slot, problem_of
from rota.slot import Slot
from rota.store import shift_of

_ENDED: Mapping[SwapEnd, Phrase] = {
    SwapEnd.DONE: phrase("cannot change the swap: it is done"),
    SwapEnd.REFUSED: phrase("cannot change the swap: it was refused"),
    SwapEnd.WITHDRAWN: phrase("cannot change the swap: it was withdrawn"),
    SwapEnd.NOT_NEEDED: phrase("cannot change the swap: it is not needed any more"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSwap:
    """A shift that somebody wants to be relieved of; ``accepted_by`` waits for a coordinator."""

    id: str
    shift: str
    asked_by: ListenerId
    accepted_by: ListenerId | None
    cover: Cover
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Around:
    """A shift, and what else is on the rota in the days about it, without the one who has it."""

    problem: Problem
    slot: Slot
    others: frozenset[Assigned]

    def why_not(self, listener: ListenerId) -> tuple[Rule, ...]:
        """Every hard rule between this Listener and the shift; somebody unknown is not certified."""
        person = self.problem.person.get(listener)
        if person is None:
            return (Rule.NOT_CERTIFIED,)
        return Duties(self.problem, self.others).why_not(person, self.slot)


def around(session: Session, site: SiteId, scheme: Scheme, shift_id: str) -> Around:
    """UnknownName when there is no such shift any more."""
    shift = shift_of(session, site, shift_id)
    day: date = shift.starts_at.date() - timedelta(days=1)
    problem = problem_of(session, site, scheme, since=day, days=3)
    others = frozenset(one for one in problem.published if (one.slot, one.listener) != (shift.slot, shift.listener))
    slot = problem.slot.get(shift.slot or "")
    if slot is None:
        # Written by hand: one seat, for whoever keeps the rules.
        slot = as_slot(shift, problem.zone, scheme.limits)
        theirs = [one for one in problem.standing.get(shift.listener, ()) if one.id != shift.id]
        problem = problem.with_slot(slot, standing={**problem.standing, shift.listener: theirs})
    return Around(problem, slot, others)


def open_swaps(session: Session, site: SiteId, *, now: datetime) -> tuple[OpenSwap, ...]:
    """Those whose shift has not begun, the next first."""
    rows = session.execute(
        select(tables.Swap, tables.Shift)
        .join(tables.Shift, tables.Shift.id == tables.Swap.shift_id)
        .where(tables.Shift.site_id == site, tables.Swap.ended_at.is_(None), tables.Shift.starts_at > now)
        .order_by(tables.Shift.starts_at, tables.Swap.id)
    )
    return tuple(
        OpenSwap(
            id=swap.id,
            shift=shift.id,
            asked_by=ListenerId(swap.asked_by),
            accepted_by=ListenerId(swap.accepted_by) if swap.accepted_by else None,
            cover=Cover(shift.cover),
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
        )
        for swap, shift in rows
    )


def ask(session: Session, site: SiteId, shift_id: str, *, now: datetime) -> str:
    """For whoever has the shift; the swap's id. Asked twice, it is the same swap."""
    shift = shift_of(session, site, shift_id)
    if shift.starts_at <= now:
        raise Cannot(phrase("cannot ask for a swap: the shift has begun; ask the coordinator, or go off duty"))
    already = session.scalar(
        select(tables.Swap.id).where(tables.Swap.shift_id == shift_id, tables.Swap.ended_at.is_(None))
    )
    if already:
        return already
    swap = new_id("swap")
    session.add(tables.Swap(id=swap, shift_id=shift_id, asked_by=shift.listener, asked_at=now))
    session.flush()
    return swap


def accept(session: Session, around: Around, swap_id: str, listener: ListenerId, *, now: datetime) -> tuple[Rule, ...]:
    """Notes who would take it; the rules that forbid it, and then nothing is noted."""
    swap = _open(session, swap_id)
    if swap.accepted_by not in {None, listener}:
        raise Cannot(phrase("cannot accept the swap: somebody has accepted it already"))
    if swap.asked_by == listener:
        raise Cannot(phrase("cannot accept the swap: it is your own shift; withdraw the swap to keep it"))
    forbidden = around.why_not(listener)
    if not forbidden:
        swap.accepted_by, swap.accepted_at = listener, now
        session.flush()
    return forbidden


def approve(session: Session, around: Around, swap_id: str, *, who: str, now: datetime) -> None:
    """The shift changes hands. NotAllowed when a rule has come between since it was accepted."""
    swap = _open(session, swap_id)
    if swap.accepted_by is None:
        raise Cannot(phrase("cannot approve the swap: nobody has accepted it yet"))
    forbidden = around.why_not(ListenerId(swap.accepted_by))
    if forbidden:
        words: Sequence[str] = [rule.value.replace("_", " ") for rule in forbidden]
        raise NotAllowed("approve the swap", f"it would break: {', '.join(words)}; refuse it, or suggest somebody else")
    shift = session.get_one(tables.Shift, swap.shift_id)
    shift.listener_id, shift.checked_in_at, shift.late_at = swap.accepted_by, None, None
    _end(swap, SwapEnd.DONE, who=who, now=now)
    session.flush()


def refuse(session: Session, swap_id: str, *, who: str, now: datetime) -> None:
    _end(_open(session, swap_id), SwapEnd.REFUSED, who=who, now=now)
    session.flush()


def withdraw(session: Session, swap_id: str, *, now: datetime) -> None:
    _end(_open(session, swap_id), SwapEnd.WITHDRAWN, who=None, now=now)
    session.flush()


def _open(session: Session, swap_id: str) -> tables.Swap:
    swap = session.get(tables.Swap, swap_id, with_for_update=True)
    if swap is None:
        raise UnknownName("swap", swap_id)
    if swap.end is not None:
        raise Cannot(_ENDED[SwapEnd(swap.end)])
    return swap


def _end(swap: tables.Swap, end: SwapEnd, *, who: str | None, now: datetime) -> None:
    swap.ended_at, swap.end, swap.decided_by = now, end.value, who
