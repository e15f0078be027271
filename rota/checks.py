"""Which hard rules a rota breaks, and which a Listener would break by taking one more shift."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from models.words import ListenerId
from rota.person import Person
from rota.problem import Assigned, Problem
from rota.rules import Rule, stands_in_the_way, too_near
from rota.slot import Slot

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Broken:
    rule: Rule
    slot: str
    listener: ListenerId


class Duties:
    """Who has which shift, looked at from both sides; ``standing`` duties of the problem count too."""

    def __init__(self, problem: Problem, assigned: Iterable[Assigned]) -> None:
        self._problem = problem
        self._on: defaultdict[str, set[ListenerId]] = defaultdict(set)
        self._of: defaultdict[ListenerId, dict[str, Slot]] = defaultdict(dict)
        for listener, slots in problem.standing.items():
            self._of[listener] = {slot.id: slot for slot in slots}
        for one in assigned:
            self.give(one.listener, problem.slot[one.slot])

    def give(self, listener: ListenerId, slot: Slot) -> None:
        self._on[slot.id].add(listener)
        self._of[listener][slot.id] = slot

    def take(self, listener: ListenerId, slot: Slot) -> None:
        self._on[slot.id].discard(listener)
        self._of[listener].pop(slot.id, None)

    def on(self, slot: Slot) -> Sequence[Person]:
        """Those whom the problem knows; who has left is nobody here any more."""
        person = self._problem.person
        return [person[listener] for listener in sorted(self._on[slot.id]) if listener in person]

    def of(self, listener: ListenerId) -> Sequence[Slot]:
        return sorted(self._of[listener].values(), key=lambda slot: (slot.starts_at, slot.id))

    def why_not(self, person: Person, slot: Slot) -> tuple[Rule, ...]:
        """Every rule that stands between this Listener and a seat of this shift; none when they can have it."""
        rules = [rule for rule in [stands_in_the_way(person, slot, self._problem.zone)] if rule]
        if person.id in self._on[slot.id]:
            return (*rules, Rule.ON_IT)
        return (*rules, *self._by_their_other_shifts(person, slot), *self._by_who_is_on(person, slot))

    def _by_their_other_shifts(self, person: Person, slot: Slot) -> Iterator[Rule]:
        limits, others = self._problem.limits, [one for one in self.of(person.id) if one.id != slot.id]
        if any(too_near(one, slot, timedelta()) for one in others):
            yield Rule.TWO_PLACES
        elif any(too_near(one, slot, limits.rest) for one in others):
            yield Rule.REST
        if (
            slot.night
            and longest_run({one.day for one in others if one.night} | {slot.day}, slot.day) > limits.nights_in_a_row
        ):
            yield Rule.NIGHTS_IN_A_ROW
        if busiest_week([*others, slot], slot.day) > weekly_cap(person, self._problem):
            yield Rule.WEEKLY_MINUTES

    def _by_who_is_on(self, person: Person, slot: Slot) -> Iterator[Rule]:
        # Kept apart is not being there together: at the same time anywhere, since one room serves the whole night.
        together = (
            other
            for pair in self._problem.apart
            if person.id in pair
            for other in pair - {person.id}
            if any(too_near(one, slot, timedelta()) for one in self._of[other].values())
        )
        if next(together, None):
            yield Rule.KEPT_APART
        others = [one for one in self.on(slot) if one.id != person.id]
        if len(others) >= slot.seats:
            yield Rule.FULL
        elif not person.experienced and sum(not one.experienced for one in others) >= slot.seats - slot.experienced:
            yield Rule.NEEDS_EXPERIENCED
        if person.new and all(one.new for one in others):
            yield Rule.NEW_ALONE


def broken(problem: Problem, assigned: Iterable[Assigned]) -> tuple[Broken, ...]:
    """Every hard rule that this rota breaks, and by whose shift; an empty seat breaks none."""
    given = sorted(assigned)
    duties = Duties(problem, given)
    found = []
    for one in given:
        slot, person = problem.slot[one.slot], problem.person[one.listener]
        duties.take(person.id, slot)
        found += [Broken(rule, slot.id, person.id) for rule in duties.why_not(person, slot)]
        duties.give(person.id, slot)
    return tuple(sorted(found))


def longest_run(nights: set[date], around: date) -> int:
    """How many nights without a break there are with this one among them."""
    first = last = around
    while first - timedelta(days=1) in nights:
        first -= timedelta(days=1)
    while last + timedelta(days=1) in nights:
        last += timedelta(days=1)
    return (last - first).days + 1


def busiest_week(slots: Sequence[Slot], around: date) -> int:
    """The most minutes in any seven days that hold this day."""
    weeks = (around - timedelta(days=back) for back in range(7))
    return max(sum(one.minutes for one in slots if begin <= one.day < begin + WEEK) for begin in weeks)


def weekly_cap(person: Person, problem: Problem) -> int:
    """Minutes in any seven days: the scheme's, or the Listener's own when that is lower."""
    own = person.weekly_minutes
    return problem.limits.weekly_minutes if own is None else min(own, problem.limits.weekly_minutes)
