"""A month at a glance: every day with the seats that nobody has."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from console.rota.days import Clock, monday_of
from console.rota.wording import hours
from rota.problem import Problem
from rota.slot import Slot

WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class DayGap:
    """Seats of one shift that nobody has."""

    slot: str
    name: str
    wing: str
    hours: str
    empty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDay:
    """``gaps`` are of shifts that are not over; ``shifts`` counts those that begin on this day."""

    day: date
    is_today: bool
    is_over: bool
    shifts: int
    gaps: tuple[DayGap, ...]

    @property
    def empty(self) -> int:
        return sum(gap.empty for gap in self.gaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """``weeks`` have a place for every weekday; none where the month has not begun or is over."""

    first: date
    weeks: tuple[tuple[MonthDay | None, ...], ...]

    @property
    def days(self) -> Iterator[MonthDay]:
        return (day for week in self.weeks for day in week if day)

    @property
    def empty(self) -> int:
        return sum(day.empty for day in self.days)

    @property
    def days_short(self) -> int:
        return sum(bool(day.gaps) for day in self.days)

    @property
    def previous(self) -> date:
        return first_of(self.first - timedelta(days=1))

    @property
    def following(self) -> date:
        return after(self.first)


def first_of(day: date) -> date:
    return day.replace(day=1)


def after(first: date) -> date:
    """The first day of the next month."""
    return first_of(first + timedelta(days=31))


def month_of(problem: Problem, first: date, clock: Clock) -> Month:
    """``problem`` has the days of this month."""
    on: defaultdict[date, list[Slot]] = defaultdict(list)
    for slot in problem.slots:
        on[clock.day_of(slot.starts_at)].append(slot)
    taken = Counter(one.slot for one in problem.published)
    days = [first + timedelta(days=number) for number in range((after(first) - first).days)]
    blank: list[MonthDay | None] = [None] * (first - monday_of(first)).days
    cells = [*blank, *(_day(day, on[day], taken, clock) for day in days)]
    cells += [None] * (-len(cells) % WEEK)
    return Month(first=first, weeks=tuple(tuple(cells[at : at + WEEK]) for at in range(0, len(cells), WEEK)))


def _day(day: date, slots: Sequence[Slot], taken: Counter[str], clock: Clock) -> MonthDay:
    return MonthDay(
        day=day,
        is_today=day == clock.today,
        is_over=day < clock.today,
        shifts=len(slots),
        gaps=tuple(
            DayGap(
                slot=slot.id,
                name=slot.name,
                wing=slot.wing or "",
                hours=hours(slot.starts_at, slot.ends_at, clock.zone),
                empty=slot.seats - taken[slot.id],
            )
            for slot in slots
            if slot.ends_at > clock.now and taken[slot.id] < slot.seats
        ),
    )
