"""A month, a day by its hours and a Listener's weeks, as the console shows them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from rotas import LONDON, NIGHT, a_pattern, a_person, a_problem

from console.rota.days import Clock
from console.rota.month import month_of
from console.rota.people import everybody
from console.rota.store import Addressed
from console.rota.timeline import day_of
from console.rota.week import shifts_of
from models.words import Cover, ListenerId, ShiftId
from rota.problem import Assigned, Problem
from rota.shift import Shift
from rota.slot import slots_of

ROBIN = ListenerId("robin")
PEOPLE = Addressed({ROBIN: "Robin"}, {ROBIN: "a1b2"})
SHORT = {"starts": "08:00", "ends": "10:30"}


def nights_from(since: date, days: int, **changes: object) -> Problem:
    slots = slots_of([a_pattern(**changes)], since, days, LONDON, NIGHT)  # type: ignore[arg-type]
    return a_problem(slots, a_person("robin", name="Robin"))


def having(problem: Problem, *numbers: int) -> Problem:
    some = (problem.slots[number].id for number in numbers)
    return replace(problem, published=frozenset(Assigned(slot, ROBIN, Cover.FIRST) for slot in some))


def seats_of(problem: Problem) -> list[Shift]:
    slots = [problem.slot[one.slot] for one in problem.published]
    return [
        Shift(
            id=ShiftId(slot.id),
            listener=ROBIN,
            cover=Cover.FIRST,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            slot=slot.id,
        )
        for slot in slots
    ]


# ---- a month


def test_a_month_has_a_place_for_each_weekday_and_every_day_once() -> None:
    first = date(2026, 12, 1)
    month = month_of(nights_from(first, 31), first, Clock(LONDON, datetime(2026, 12, 10, 12, tzinfo=UTC)))

    assert [len(week) for week in month.weeks] == [7] * 5
    assert month.weeks[0][0] is None
    assert [day.day.day for day in month.days] == list(range(1, 32))
    assert [day.day.day for day in month.days if day.is_today] == [10]
    assert (month.previous, month.following) == (date(2026, 11, 1), date(2027, 1, 1))


def test_only_seats_of_shifts_that_are_not_over_are_gaps() -> None:
    first = date(2026, 12, 1)
    problem = having(nights_from(first, 31), 20)
    month = month_of(problem, first, Clock(LONDON, datetime(2026, 12, 10, 23, tzinfo=UTC)))

    assert month.empty == month.days_short == 21
    assert [day.day.day for day in month.days if day.gaps][:2] == [10, 11]
    assert 21 not in [day.day.day for day in month.days if day.gaps]


# ---- a day by its hours


def a_day(problem: Problem, day: date) -> list[tuple[str, int, int, int]]:
    clock = Clock(LONDON, datetime(2026, 1, 1, tzinfo=UTC))
    shown = day_of(shifts_of(problem, seats_of(problem), PEOPLE, clock), day, clock)
    return [(row.code_name, row.bar.before, row.bar.width, row.bar.after) for row in shown.rows]


def test_who_is_on_stands_at_their_hours_and_a_night_goes_on_the_next_day() -> None:
    monday = date(2026, 12, 7)
    problem = having(nights_from(monday, 2), 0)

    assert a_day(problem, monday) == [("Robin", 22 * 4, 8, 0)]
    assert a_day(problem, monday + timedelta(days=1)) == [("Robin", 0, 8, 22 * 4), ("", 22 * 4, 8, 0)]


@pytest.mark.parametrize(
    ("first", "backup", "cover", "rows"),
    [
        (1, 1, Cover.BACKUP, [("", False), ("Robin", True)]),
        (1, 1, Cover.FIRST, [("Robin", False), ("", True)]),
        (0, 1, Cover.FIRST, [("Robin", False)]),
        (2, 0, Cover.BACKUP, [("", False), ("Robin", True)]),
    ],
)
def test_it_says_whether_who_is_rung_first_or_who_stands_behind_them_is_missing(
    first: int, backup: int, cover: Cover, rows: list[tuple[str, bool]]
) -> None:
    """Never more than the empty seats, also where covers are not those that the pattern asks for."""
    monday = date(2026, 12, 7)
    problem = having(nights_from(monday, 1, first=first, backup=backup), 0)
    clock = Clock(LONDON, datetime(2026, 1, 1, tzinfo=UTC))
    seats = [replace(seat, cover=cover) for seat in seats_of(problem)]
    shown = day_of(shifts_of(problem, seats, PEOPLE, clock), monday, clock)

    assert [(row.code_name, row.backup) for row in shown.rows] == rows


def test_a_day_is_as_long_as_the_clock_makes_it() -> None:
    """In London on 29 March 2026 there is no one o'clock, and on 25 October there are two."""
    clock = Clock(LONDON, datetime(2026, 1, 1, tzinfo=UTC))
    short, long = (day_of([], day, clock) for day in (date(2026, 3, 29), date(2026, 10, 25)))

    assert short.hours[:3] == ("00", "02", "03")
    assert long.hours[:4] == ("00", "01", "01", "02")
    assert (short.columns, long.columns) == (92, 100)
    spring = nights_from(date(2026, 3, 29), 1, **SHORT)
    assert a_day(spring, date(2026, 3, 29)) == [("", 7 * 4, 10, 92 - 28 - 10)]


@pytest.mark.parametrize(("starts", "ends", "bar"), [("08:05", "08:10", (32, 1, 63)), ("08:10", "09:20", (32, 6, 58))])
def test_a_quarter_that_has_begun_is_a_whole_one(starts: str, ends: str, bar: tuple[int, int, int]) -> None:
    monday = date(2026, 12, 7)

    assert a_day(nights_from(monday, 1, starts=starts, ends=ends), monday) == [("", *bar)]


# ---- a Listener's weeks


def test_weeks_ahead_are_counted_by_their_mondays() -> None:
    monday = date(2026, 12, 7)
    problem = having(nights_from(monday, 28), 0, 6, 7)
    (robin,) = everybody(problem, PEOPLE, monday)

    assert [(week.monday.day, week.shifts, week.minutes, week.nights) for week in robin.weeks[:3]] == [
        (7, 2, 480, 2),
        (14, 1, 240, 1),
        (21, 0, 0, 0),
    ]
    assert (robin.minutes, robin.shifts, robin.nights) == (720, 3, 3)
