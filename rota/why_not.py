"""Why a seat is empty: which rules stand in the way of whom, and what would free it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from models.words import ListenerId
from rota.checks import Duties
from rota.problem import Assigned, Problem
from rota.rules import Rule
from rota.slot import Slot

# What a coordinator can change for one shift; nobody can be made certified by tonight.
MOVABLE = frozenset(
    {Rule.ON_LEAVE, Rule.NO_PHONE, Rule.REST, Rule.NIGHTS_IN_A_ROW, Rule.WEEKLY_MINUTES, Rule.TWO_PLACES}
)
_WORDS = {
    Rule.ON_LEAVE: "were not on leave",
    Rule.NO_PHONE: "had a phone",
    Rule.REST: "rested less",
    Rule.NIGHTS_IN_A_ROW: "did one more night in a row",
    Rule.WEEKLY_MINUTES: "did more minutes that week",
    Rule.TWO_PLACES: "gave up another shift",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreListeners:
    """So many more would fill it; ``wing`` is empty where any wing will do."""

    count: int
    experienced: bool
    night: bool
    wing: str

    def __str__(self) -> str:
        kind = f"{'experienced ' if self.experienced else ''}Listener{'s' * (self.count > 1)}"
        where = f" on {self.wing}" if self.wing else ""
        return f"{self.count} more {kind} certified for the {'night' if self.night else 'day'}{where}"


@dataclass(frozen=True, slots=True)
class IfOnly:
    """One rule alone stops this Listener, and it is one that can be changed for a shift."""

    name: str
    rule: Rule

    def __str__(self) -> str:
        return f"{self.name}, if they {_WORDS[self.rule]}"


Remedy: TypeAlias = MoreListeners | IfOnly


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfilled:
    """``seats`` are empty; ``in_the_way`` names for each rule whom it stops; ``would_free`` says what would help."""

    slot: Slot
    seats: int
    needs_experienced: int
    in_the_way: Mapping[Rule, Sequence[ListenerId]]
    would_free: Sequence[Remedy]


def unfilled(problem: Problem, assigned: Sequence[Assigned]) -> tuple[Unfilled, ...]:
    duties = Duties(problem, assigned)
    return tuple(_why(problem, duties, slot) for slot in problem.slots if len(duties.on(slot)) < slot.seats)


def _why(problem: Problem, duties: Duties, slot: Slot) -> Unfilled:
    stopped: defaultdict[Rule, list[ListenerId]] = defaultdict(list)
    one_away: list[tuple[str, Rule]] = []
    for person in problem.people:
        rules = [rule for rule in duties.why_not(person, slot) if rule is not Rule.ON_IT]
        for rule in rules:
            stopped[rule].append(person.id)
        if len(rules) == 1 and rules[0] in MOVABLE:
            one_away.append((person.called, rules[0]))
    on = duties.on(slot)
    missing = max(0, slot.experienced - sum(person.experienced for person in on))
    return Unfilled(
        slot=slot,
        seats=slot.seats - len(on),
        needs_experienced=missing,
        in_the_way={rule: tuple(stopped[rule]) for rule in Rule if rule in stopped},
        would_free=tuple(_what_would_free(slot, slot.seats - len(on), missing, one_away)),
    )


def _what_would_free(
    slot: Slot, seats: int, experienced: int, one_away: Sequence[tuple[str, Rule]]
) -> Iterator[Remedy]:
    wing = slot.wing or ""
    if experienced:
        yield MoreListeners(count=experienced, experienced=True, night=slot.night, wing=wing)
    if seats > experienced:
        yield MoreListeners(count=seats - experienced, experienced=False, night=slot.night, wing=wing)
    for name, rule in one_away:
        yield IfOnly(name, rule)
