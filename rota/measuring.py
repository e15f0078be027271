"""How long it takes to make and to repair rotas of two sizes, and a year of a made-up prison."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from random import Random

from models.words import ListenerId
from rota.checks import broken
from rota.person import Person, Span
from rota.problem import Problem
from rota.rules import stands_in_the_way
from rota.simulation import LIMITS, ZONE, a_somebody, a_year
from rota.slot import Pattern, slots_of
from rota.solution import Effort, changes
from rota.solver import solve

FIRST = date(2026, 1, 5)
EIGHT_HOURS = (("night", 0, 8), ("day", 8, 16), ("evening", 16, 0))
MOVED = 3


@dataclass(frozen=True, slots=True)
class Size:
    """Three shifts a day, each with so many of them first and so many behind them."""

    listeners: int
    days: int
    first: int
    backup: int

    def __str__(self) -> str:
        return f"{self.listeners} Listeners, {self.days} days, 3 shifts of {self.first + self.backup}"


SIZES = (Size(24, 84, first=1, backup=1), Size(60, 28, first=3, backup=1))


def figures(*, year_days: int, sizes: Sequence[Size] = SIZES) -> Mapping[str, object]:
    """Seconds of wall time of this machine; ``year_days`` 0 leaves the year out."""
    found: dict[str, object] = {str(size): _measured(size) for size in sizes}
    if year_days:
        found[f"{year_days} days of a prison with 30 Listeners at first"] = a_year(seed=1, listeners=30, days=year_days)
    return found


def _measured(size: Size) -> Mapping[str, object]:
    problem = _problem(size)
    made = solve(problem, Effort(seconds=60))
    moved = _moved(problem, size.days)
    repaired = solve(replace(moved, published=frozenset(made.assigned)), Effort(seconds=60))
    lost = sum(
        stands_in_the_way(moved.person[one.listener], moved.slot[one.slot], ZONE) is not None for one in made.assigned
    )
    return {
        "seconds": round(made.seconds, 2),
        "objective": made.objective,
        "bound": made.bound,
        "empty_seats": sum(slot.seats for slot in problem.slots) - len(made.assigned),
        "rules_broken": len(broken(problem, made.assigned)),
        "repair_after_3_movements_seconds": round(repaired.seconds, 2),
        "repair_proven": repaired.optimal,
        "shifts_lost_by_the_movements": lost,
        "shifts_changed": changes(made.assigned, repaired.assigned),
        "empty_seats_after": sum(slot.seats for slot in problem.slots) - len(repaired.assigned),
    }


def _problem(size: Size) -> Problem:
    dice = Random(size.listeners)  # noqa: S311 - made up on purpose, and the same each time
    patterns = [
        Pattern(
            name=name,
            starts=time(starts),
            ends=time(ends),
            first=size.first,
            backup=size.backup,
            experienced=int(name != "day"),
        )
        for name, starts, ends in EIGHT_HOURS
    ]
    people = [a_somebody(number, dice, FIRST - timedelta(days=100)) for number in range(size.listeners)]
    apart = frozenset(
        {frozenset({ListenerId("L001"), ListenerId("L002")}), frozenset({ListenerId("L005"), ListenerId("L009")})}
    )
    slots = slots_of(patterns, FIRST, size.days, ZONE, LIMITS.night)
    return Problem(zone=ZONE, slots=slots, people=people, limits=replace(LIMITS, weekly_minutes=2400), apart=apart)


def _moved(problem: Problem, days: int) -> Problem:
    """One released, one away for ten days, one at court for a day, all in the first half."""
    begins = problem.slots[0].starts_at
    spans = (
        Span(begins + timedelta(days=days // 3)),
        Span(begins + timedelta(days=5), begins + timedelta(days=15)),
        Span(begins + timedelta(days=2), begins + timedelta(days=3)),
    )
    gone = dict(zip((person.id for person in problem.people[3 : 3 + MOVED]), spans, strict=True))
    return replace(problem, people=list(_away(problem, gone)))


def _away(problem: Problem, gone: Mapping[ListenerId, Span]) -> Iterator[Person]:
    for person in problem.people:
        yield replace(person, away=(gone[person.id],)) if person.id in gone else person
