"""Where a seat can go: to somebody else, to an empty seat, or in exchange for another; and why not elsewhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from console.language import Cannot, _, n_
from console.rota.days import BY_HAND, Clock, ShownShift, shown
from console.rota.desk import day_from
from console.rota.store import Addressed, Looking, addressed, listener_called, slot_called
from console.rota.wording import REASONS, RULES, Done, day, hours, long, title
from models.words import Cover, ListenerId
from rota.checks import Broken
from rota.moving import Change, Seat, swapped, to_listener, to_slot, why_not
from rota.problem import Problem
from rota.seats import problem_over, seat_of
from rota.shift import Shift
from rota.slot import Slot, day_in
from rota.stand_ins import StandIn, stand_ins
from rota.store import shift_of, shifts_between

# So far before and after the shift other shifts are offered.
NEAR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Target:
    """``to`` is what the form sends; ``refused`` says why it cannot be, and is empty where it can."""

    to: str
    label: str
    more: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Targets:
    can: tuple[Target, ...]
    cannot: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMove:
    """A seat that is to go somewhere else."""

    shift: str
    at: ShownShift
    code_name: str
    address: str
    backup: bool
    others: Targets
    empty: Targets
    swaps: Targets


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFacts:
    """``shifts``: what others have in the days around, and has not begun."""

    shift: Shift
    problem: Problem
    shifts: Sequence[Shift]
    people: Addressed


def move_facts(session: Session, look: Looking, shift_id: str) -> MoveFacts:
    """UnknownName when it is not there any more."""
    shift = shift_of(session, look.site, shift_id)
    around = shift.starts_at - NEAR, shift.starts_at + NEAR
    others = shifts_between(session, look.site, since=max(around[0], look.now), until=around[1])
    return MoveFacts(
        shift=shift,
        problem=problem_over(session, look.site, look.scheme, around),
        shifts=[one for one in others if one.starts_at > look.now and one.listener != shift.listener],
        people=addressed(session, look),
    )


def move_of(facts: MoveFacts, clock: Clock) -> ShownMove:
    problem, seat = facts.problem, seat_of(facts.problem, facts.shift)
    return ShownMove(
        shift=facts.shift.id,
        at=shown(_named(problem, seat.slot), (), clock),
        code_name=facts.people.names[seat.listener],
        address=facts.people.addresses[seat.listener],
        backup=seat.cover is Cover.BACKUP,
        others=_sorted(_others(problem, seat)),
        empty=_sorted(_empty(problem, seat, clock)),
        swaps=_sorted(_swaps(facts, seat, clock)),
    )


def planned(session: Session, look: Looking, shift: Shift, to: str) -> tuple[Problem, Change, Done]:
    """What a form asks for: ``listener:`` and a code name, ``slot:`` and its name, or ``shift:`` and its id."""
    kind, _colon, which = to.partition(":")
    match kind:
        case "listener":
            problem = problem_over(session, look.site, look.scheme, [shift.starts_at])
            listener = listener_called(session, look.site, which)
            return problem, to_listener(seat_of(problem, shift), listener), Done.SEAT_PASSED_ON
        case "slot":
            problem = problem_over(session, look.site, look.scheme, [shift.starts_at, _begins(session, look, which)])
            if which == shift.slot:
                raise Cannot(_("cannot move the shift: the Listener is on that shift already"))
            return problem, to_slot(problem, seat_of(problem, shift), problem.slot[which]), Done.SHIFT_MOVED
        case "shift":
            other = shift_of(session, look.site, which)
            if other.listener == shift.listener:
                raise Cannot(_("cannot move the shift: the Listener has both shifts"))
            problem = problem_over(session, look.site, look.scheme, [shift.starts_at, other.starts_at])
            return problem, swapped(seat_of(problem, shift), seat_of(problem, other)), Done.SEATS_SWAPPED
        case _:
            raise Cannot(_("cannot move the shift: choose where it is to go"))


def refusal(forbidden: Iterable[Broken], names: Mapping[ListenerId, str]) -> str:
    """Who cannot, and by which rules; in the words that give nothing away."""
    found: dict[str, list[str]] = {}
    for one in forbidden:
        found.setdefault(names.get(one.listener, _("somebody who has left")), []).append(RULES[one.rule])
    return "; ".join(f"{name}: {', '.join(dict.fromkeys(rules))}" for name, rules in found.items())


def _others(problem: Problem, seat: Seat) -> Iterator[Target]:
    """The best first, as where a seat is empty; then those whom a rule stops."""
    left = [one for one in problem.published if (one.slot, one.listener) != (seat.slot.id, seat.listener)]
    ranked = [one for one in stand_ins(problem, left, seat.slot) if one.listener != seat.listener]
    best = {one.listener: one for one in ranked}
    rest = sorted((person.called, person.id) for person in problem.people if person.id not in best)
    for listener in [*best, *(listener for _name, listener in rest)]:
        if listener == seat.listener:
            continue
        called = problem.person[listener].called
        forbidden = why_not(problem, to_listener(seat, listener))
        more = _why(best[listener]) if listener in best else ""
        yield Target(f"listener:{called}", called, more, _rules(problem, forbidden, listener))


def _empty(problem: Problem, seat: Seat, clock: Clock) -> Iterator[Target]:
    taken = [one.slot for one in problem.published]
    for slot in problem.slots:
        is_near = abs(slot.starts_at - seat.slot.starts_at) <= NEAR
        if not is_near or slot.starts_at <= clock.now or taken.count(slot.id) >= slot.seats or slot == seat.slot:
            continue
        forbidden = why_not(problem, to_slot(problem, seat, slot))
        yield Target(f"slot:{slot.id}", _when(slot, clock), refused=_rules(problem, forbidden, seat.listener))


def _swaps(facts: MoveFacts, seat: Seat, clock: Clock) -> Iterator[Target]:
    """The nearest in time first."""
    problem, names = facts.problem, facts.people.names

    def nearness(shift: Shift) -> tuple[timedelta, datetime, str]:
        return abs(shift.starts_at - seat.slot.starts_at), shift.starts_at, names[shift.listener]

    for shift in sorted(facts.shifts, key=nearness):
        other = seat_of(problem, shift)
        forbidden = why_not(problem, swapped(seat, other))
        if (other.slot.id, other.cover) == (seat.slot.id, seat.cover):
            # Nothing would change.
            continue
        label = f"{names[shift.listener]}, {_when(_named(problem, other.slot), clock)}"
        more = _("backup") if other.cover is Cover.BACKUP else ""
        if other.slot.id == seat.slot.id:
            more = _("the two change who is rung first")
        yield Target(f"shift:{shift.id}", label, more, refusal(forbidden, names))


def _rules(problem: Problem, forbidden: Sequence[Broken], listener: ListenerId) -> str:
    """Without the name where it is about nobody else."""
    if all(one.listener == listener for one in forbidden):
        return ", ".join(dict.fromkeys(RULES[one.rule] for one in forbidden))
    return refusal(forbidden, {person.id: person.called for person in problem.people})


def _why(one: StandIn) -> str:
    nights = n_("%(count)s night", "%(count)s nights", one.nights)
    return title(", ".join([*(REASONS[reason] for reason in one.reasons), long(one.minutes), nights]))


def _named(problem: Problem, slot: Slot) -> Slot:
    return slot if slot.id in problem.slot else replace(slot, name=_(BY_HAND))


def _when(slot: Slot, clock: Clock) -> str:
    return f"{title(slot.name)}, {day(clock.day_of(slot.starts_at))}, {hours(slot.starts_at, slot.ends_at, clock.zone)}"


def _sorted(some: Iterable[Target]) -> Targets:
    found = tuple(some)
    return Targets(tuple(one for one in found if not one.refused), tuple(one for one in found if one.refused))


def _begins(session: Session, look: Looking, slot: str) -> datetime:
    return slot_called(session, look.site, look.scheme, slot, day_from(day_in(slot))).starts_at
