"""Moving seats of the published rota: which rules a change would break, before anything of it is written."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.words import Cover, ListenerId
from rota.checks import Broken, Duties
from rota.discretion import one_of_each_pair
from rota.problem import Assigned, Problem
from rota.rules import Rule
from rota.slot import Slot


@dataclass(frozen=True, slots=True)
class Seat:
    """A place on a shift, and the Listener who has it."""

    slot: Slot
    listener: ListenerId
    cover: Cover


@dataclass(frozen=True, slots=True)
class Change:
    """What one act does: seats that are left, and seats that are filled."""

    out: tuple[Seat, ...] = ()
    put: tuple[Seat, ...] = ()

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple({seat.slot.id: seat.slot for seat in (*self.out, *self.put)}.values())


def to_listener(seat: Seat, listener: ListenerId) -> Change:
    """The same seat for somebody else."""
    return Change(out=(seat,), put=(Seat(seat.slot, listener, seat.cover),))


def to_slot(problem: Problem, seat: Seat, slot: Slot) -> Change:
    """The same Listener on another shift."""
    return Change(out=(seat,), put=(Seat(slot, seat.listener, free_cover(slot, problem.published)),))


def swapped(one: Seat, other: Seat) -> Change:
    """Two who have each other's seat from then on; on one shift they change who is rung first."""
    return Change(
        out=(one, other), put=(Seat(one.slot, other.listener, one.cover), Seat(other.slot, one.listener, other.cover))
    )


def free_cover(slot: Slot, assigned: Iterable[Assigned], wished: Cover = Cover.FIRST) -> Cover:
    """``wished`` where such a seat is free, else the other."""
    taken = Counter(one.cover for one in assigned if one.slot == slot.id)
    free = {Cover.FIRST: slot.first - taken[Cover.FIRST], Cover.BACKUP: slot.backup - taken[Cover.BACKUP]}
    other = Cover.BACKUP if wished is Cover.FIRST else Cover.FIRST
    return wished if free[wished] > 0 or free[other] <= 0 else other


def why_not(problem: Problem, change: Change) -> Sequence[Broken]:
    """Every rule that the change would break, and for whom; none when it can be done.

    Of two who are kept apart one is named (rota.discretion). Who is unknown here is not certified.
    """
    duties = Duties(problem, (one for one in problem.published if one.listener in problem.person))
    alone = set(_new_and_alone(duties, change.slots))
    for seat in change.out:
        duties.take(seat.listener, seat.slot)
    twice = [seat for seat in change.put if seat.listener in {person.id for person in duties.on(seat.slot)}]
    if twice:
        return tuple(Broken(Rule.ON_IT, seat.slot.id, seat.listener) for seat in twice)
    for seat in change.put:
        duties.give(seat.listener, seat.slot)
    found = [one for seat in change.put for one in _rules(problem, duties, seat)]
    found += [one for one in _new_and_alone(duties, change.slots) if one not in alone and one not in found]
    return tuple(one_of_each_pair(problem, found))


def _rules(problem: Problem, duties: Duties, seat: Seat) -> Iterator[Broken]:
    person = problem.person.get(seat.listener)
    if person is None:
        yield Broken(Rule.NOT_CERTIFIED, seat.slot.id, seat.listener)
        return
    duties.take(person.id, seat.slot)
    yield from (Broken(rule, seat.slot.id, person.id) for rule in duties.why_not(person, seat.slot))
    duties.give(person.id, seat.slot)


def _new_and_alone(duties: Duties, slots: Iterable[Slot]) -> Iterator[Broken]:
    """Who stays behind: somebody new must not be left alone."""
    for slot in slots:
        on = duties.on(slot)
        if on and all(person.new for person in on):
            yield from (Broken(Rule.NEW_ALONE, slot.id, person.id) for person in on)
