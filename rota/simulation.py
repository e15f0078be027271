"""A made-up prison lives through a year: who is moved, released and new, and what becomes of the rota."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

from models.words import ListenerId, WingId, WishKind
from rota.fairness import MINUTES, NIGHTS, WEEKENDS
from rota.local_time import instant
from rota.people import LOOK_BACK, loads
from rota.person import Person, Span, WeeklyWish
from rota.problem import Assigned, Problem
from rota.rules import Limits, stands_in_the_way
from rota.slot import Pattern, Slot, slots_of
from rota.solution import Effort, changes
from rota.solver import solve

ZONE = ZoneInfo("Europe/London")
BLOCK_DAYS = 28
PATTERNS = (
    Pattern(name="morning", starts=time(8), ends=time(12)),
    Pattern(name="afternoon", starts=time(12), ends=time(16)),
    Pattern(name="tea", starts=time(16), ends=time(20)),
    Pattern(name="evening", starts=time(20), ends=time(0), first=2, backup=1, experienced=1),
    Pattern(name="small hours", starts=time(0), ends=time(4), first=1, backup=1, experienced=1),
    Pattern(name="early", starts=time(4), ends=time(8), first=1, backup=1),
)
LIMITS = Limits(nights_in_a_row=3, weekly_minutes=1440)
# Made up, to be of the size that people tell of: each day, of a hundred Listeners.
LEAVE_FOR_GOOD, AWAY_FOR_DAYS, AWAY_TODAY = 0.4, 0.5, 1.5
NEW_EVERY_DAYS = 12


@dataclass(slots=True)
class Year:
    """What is counted; minutes by Listener."""

    worked: defaultdict[ListenerId, list[Slot]] = field(default_factory=lambda: defaultdict(list))
    served_days: defaultdict[ListenerId, int] = field(default_factory=lambda: defaultdict(int))
    uncovered_minutes: int = 0
    empty_seats: int = 0
    seats: int = 0
    movements: int = 0
    changed: int = 0
    seconds: list[float] = field(default_factory=list)

    def figures(self) -> Mapping[str, object]:
        longest = max(self.served_days.values())
        whole = [who for who, days in self.served_days.items() if days == longest]
        return {
            "listeners": len(self.served_days),
            "of_them_all_the_time": len(whole),
            "movements": self.movements,
            "uncovered_hours": round(self.uncovered_minutes / 60, 1),
            "empty_seats": self.empty_seats,
            "seats": self.seats,
            "changed_by_repairs": self.changed,
            "solved_times": len(self.seconds),
            "seconds_longest": round(max(self.seconds), 2),
            "seconds_median": round(median(self.seconds), 2),
            **{measure.name: self._spread(whole, measure.of) for measure in (MINUTES, NIGHTS, WEEKENDS)},
        }

    def _spread(self, whole: Sequence[ListenerId], of: Callable[[Slot], int]) -> Mapping[str, float]:
        """Of those who were there all the time."""
        each = [sum(of(slot) for slot in self.worked[who]) for who in whole]
        return {"fewest": min(each), "median": median(each), "most": max(each)}


def a_year(*, seed: int, listeners: int, days: int = 364) -> Mapping[str, object]:
    """Blocks of four weeks, each made with what is known at its beginning and repaired after every movement."""
    dice, year = Random(seed), Year()  # noqa: S311 - made up on purpose, and the same each time
    first = date(2026, 1, 5)
    people = [a_somebody(number, dice, first - timedelta(days=200)) for number in range(listeners)]
    for begin in range(0, days, BLOCK_DAYS):
        people = _block(year, people, first + timedelta(days=begin), dice)
    return year.figures()


def _block(year: Year, people: Sequence[Person], since: date, dice: Random) -> list[Person]:
    """The people as they are after it."""
    slots = slots_of(PATTERNS, since, BLOCK_DAYS, ZONE, LIMITS.night)
    begins = instant(since, time(), ZONE)
    standing = {
        who: [slot for slot in some if slot.starts_at >= begins - LOOK_BACK] for who, some in year.worked.items()
    }
    known = loads(standing)
    present = [replace(one, before=known.get(one.id, one.before)) for one in people]
    problem = Problem(zone=ZONE, slots=slots, people=present, limits=LIMITS, standing=standing)
    assigned = _solved(year, problem)
    for day in (since + timedelta(days=number) for number in range(BLOCK_DAYS)):
        moved = list(_movements(problem.people, day, dice))
        if moved:
            year.movements += len(moved)
            problem = replace(problem, people=_after(problem.people, moved))
            assigned = _repaired(year, problem, assigned, instant(day, time(), ZONE))
        for one in problem.people:
            year.served_days[one.id] += 1
        if (day - date(2026, 1, 5)).days % NEW_EVERY_DAYS == 0 and dice.random() < 0.6:
            newcomer = a_somebody(len(year.served_days), dice, day)
            problem = replace(problem, people=[*problem.people, newcomer])
    _count(year, problem, assigned)
    last = instant(since + timedelta(days=BLOCK_DAYS), time(), ZONE)
    return [one for one in problem.people if not any(span.until is None for span in one.away if span.since < last)]


def _solved(year: Year, problem: Problem) -> tuple[Assigned, ...]:
    found = solve(problem, Effort(seconds=20, near_enough=0.02))
    year.seconds.append(found.seconds)
    return found.assigned


def _repaired(year: Year, problem: Problem, assigned: Sequence[Assigned], now: datetime) -> tuple[Assigned, ...]:
    """What has begun stays as it was; of the rest as little as can be is changed."""
    past = [one for one in assigned if problem.slot[one.slot].starts_at < now]
    ahead = [one for one in assigned if problem.slot[one.slot].starts_at >= now]
    standing = {who: list(some) for who, some in problem.standing.items()}
    for one in past:
        standing.setdefault(one.listener, []).append(problem.slot[one.slot])
    future = [slot for slot in problem.slots if slot.starts_at >= now]
    known = {person.id for person in problem.people}
    published = frozenset(one for one in ahead if one.listener in known)
    after = _solved(year, replace(problem, slots=future, standing=standing, published=published))
    year.changed += changes(ahead, after)
    return (*past, *after)


def _movements(people: Sequence[Person], day: date, dice: Random) -> Iterator[tuple[ListenerId, Span]]:
    begins = instant(day, time(), ZONE)
    for person in people:
        drawn = dice.random() * 100
        if drawn < LEAVE_FOR_GOOD:
            yield person.id, Span(begins)
        elif drawn < LEAVE_FOR_GOOD + AWAY_FOR_DAYS:
            yield person.id, Span(begins, begins + timedelta(days=dice.randint(2, 14)))
        elif drawn < LEAVE_FOR_GOOD + AWAY_FOR_DAYS + AWAY_TODAY:
            yield person.id, Span(begins + timedelta(hours=7), begins + timedelta(hours=19))


def _after(people: Sequence[Person], moved: Sequence[tuple[ListenerId, Span]]) -> list[Person]:
    spans: defaultdict[ListenerId, list[Span]] = defaultdict(list)
    for who, span in moved:
        spans[who].append(span)
    return [replace(one, away=(*one.away, *spans[one.id])) for one in people]


def a_somebody(number: int, dice: Random, certified: date) -> Person:
    worship = WeeklyWish(kind=WishKind.NEVER, weekday=dice.choice([4, 6]), starts=time(9), ends=time(14))
    nights = WeeklyWish(kind=WishKind.RATHER_NOT, weekday=dice.randrange(7), starts=time(0), ends=time(6))
    return Person(
        id=ListenerId(f"L{number:03}"),
        wing=WingId(dice.choice("ABCD")),
        certified=Span(instant(certified, time(), ZONE)),
        experienced=dice.random() < 0.5,
        wishes=tuple(wish for wish in (worship, nights) if dice.random() < 0.5),
    )


def _count(year: Year, problem: Problem, assigned: Sequence[Assigned]) -> None:
    on: defaultdict[str, list[ListenerId]] = defaultdict(list)
    for one in assigned:
        slot, person = problem.slot[one.slot], problem.person[one.listener]
        # Who was taken away in the middle of the shift was there for a part of it; it is counted as not there.
        if stands_in_the_way(person, slot, ZONE) is None:
            on[slot.id].append(person.id)
            year.worked[person.id].append(slot)
    for slot in problem.slots:
        year.seats += slot.seats
        year.empty_seats += slot.seats - len(on[slot.id])
        year.uncovered_minutes += slot.minutes * (not on[slot.id])
