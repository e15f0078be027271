"""Which hard rule stands between a Listener and a shift, one test for each."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from models.words import Cover, ListenerId, WingId, WishKind
from rota.checks import Broken, Duties, broken, busiest_week, longest_run
from rota.person import Person, Span, WeeklyWish
from rota.problem import Assigned, Problem
from rota.rules import Limits, Rule
from rota.slot import slots_of
from tests.unit.rotas import DAY, LONDON, NIGHT, a_pattern, a_person, a_problem, days_from, nights

ROBIN, WREN = ListenerId("robin"), ListenerId("wren")


def why_not(person: Person, problem: Problem, number: int = 0) -> tuple[Rule, ...]:
    return Duties(problem, problem.published).why_not(person, problem.slots[number])


def has(slot: str, listener: str = "robin") -> Assigned:
    return Assigned(slot, ListenerId(listener), Cover.FIRST)


def at(hour: int, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour), UTC)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"cleared": False}, Rule.NOT_CLEARED),
        ({"certified": None}, Rule.NOT_CERTIFIED),
        ({"certified": Span(at(23))}, Rule.NOT_CERTIFIED),
        ({"certified": Span(at(0), at(23))}, Rule.NOT_CERTIFIED),
        ({"reachable": False}, Rule.NO_PHONE),
        ({"away": (Span(at(0), at(23)),)}, Rule.AWAY),
        ({"leave": (Span(at(23)),)}, Rule.ON_LEAVE),
        ({"wishes": (WeeklyWish(kind=WishKind.NEVER, weekday=1, starts=time(21), ends=time(23)),)}, Rule.NEVER_THEN),
        ({"wishes": (WeeklyWish(kind=WishKind.NEVER, weekday=2, starts=time(0), ends=time(1)),)}, Rule.NEVER_THEN),
    ],
)
def test_what_stands_in_the_way_of_itself(changes: dict[str, object], rule: Rule) -> None:
    robin = a_person(**changes)

    assert why_not(robin, a_problem(nights(), robin)) == (rule,)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"certified": Span(at(22), at(2, days_from(DAY, 1)))},
        {"away": (Span(at(0), at(22)), Span(at(2, days_from(DAY, 1))))},
        {"wishes": (WeeklyWish(kind=WishKind.NEVER, weekday=0, starts=time(21), ends=time(22)),)},
        {"wishes": (WeeklyWish(kind=WishKind.RATHER_NOT, weekday=None, starts=time(0), ends=time(23)),)},
    ],
)
def test_what_ends_before_the_shift_or_is_only_a_wish_does_not_stand_in_the_way(changes: dict[str, object]) -> None:
    robin = a_person(**changes)

    assert why_not(robin, a_problem(nights(), robin)) == ()


def test_a_shift_of_one_wing_is_for_its_listeners() -> None:
    robin = a_person(wing="B")

    assert why_not(robin, a_problem(nights(wing=WingId("A")), robin)) == (Rule.OTHER_WING,)


def test_nobody_is_in_two_places() -> None:
    slots = slots_of([a_pattern(), a_pattern("late", "23:00", "03:00")], DAY, 1, LONDON, NIGHT)
    robin = a_person()
    problem = a_problem(slots, robin, published=frozenset({has(slots[0].id)}))

    assert why_not(robin, problem, 1) == (Rule.TWO_PLACES,)


@pytest.mark.parametrize(("ends", "rules"), [("10:59", ()), ("11:00", ()), ("11:01", (Rule.REST,))])
def test_eleven_hours_of_rest_lie_between_two_duties(ends: str, rules: tuple[Rule, ...]) -> None:
    slots = slots_of([a_pattern("day", "10:00", ends), a_pattern()], DAY, 1, LONDON, NIGHT)
    robin = a_person()
    problem = a_problem(slots, robin, published=frozenset({has(slots[0].id)}))

    assert why_not(robin, problem, 1) == rules


def test_rest_counts_from_duties_of_before_this_rota() -> None:
    (before,) = nights(since=days_from(DAY, -1))
    slots = slots_of([a_pattern("day", "10:00", "12:00")], DAY, 1, LONDON, NIGHT)
    robin = a_person()

    assert why_not(robin, a_problem(slots, robin, standing={ROBIN: [before]})) == (Rule.REST,)


def test_a_fourth_night_in_a_row_is_one_too_many_wherever_it_falls() -> None:
    slots, robin = nights(5), a_person()
    problem = a_problem(slots, robin, published=frozenset(has(slots[number].id) for number in (0, 1, 3)))

    assert why_not(robin, problem, 2) == (Rule.NIGHTS_IN_A_ROW,)
    assert why_not(robin, problem, 4) == ()


def test_the_minutes_of_any_seven_days_are_capped() -> None:
    slots, robin = nights(9), a_person()
    limits = Limits(nights_in_a_row=9, weekly_minutes=480)
    problem = a_problem(slots, robin, limits=limits, published=frozenset({has(slots[0].id), has(slots[4].id)}))

    assert why_not(robin, problem, 6) == (Rule.WEEKLY_MINUTES,)
    assert why_not(robin, problem, 7) == ()


def test_a_listeners_own_cap_is_heeded_when_it_is_lower() -> None:
    slots, robin = nights(2), a_person(weekly_minutes=240)

    assert why_not(robin, a_problem(slots, robin, published=frozenset({has(slots[0].id)})), 1) == (Rule.WEEKLY_MINUTES,)


def test_two_who_are_kept_apart_are_never_on_together() -> None:
    slots = slots_of([a_pattern(first=2), a_pattern("late", "23:00", "03:00")], DAY, 1, LONDON, NIGHT)
    robin, wren = a_person(), a_person("wren")
    apart = frozenset({frozenset({ROBIN, WREN})})
    problem = a_problem(slots, robin, wren, apart=apart, published=frozenset({has(slots[0].id, "wren")}))

    assert why_not(robin, problem, 0) == (Rule.KEPT_APART,)
    assert why_not(robin, problem, 1) == (Rule.KEPT_APART,)


def test_the_last_seat_waits_for_somebody_experienced() -> None:
    slots = nights(first=2, experienced=1)
    robin, wren, owl = a_person(), a_person("wren"), a_person("owl", experienced=True)
    problem = a_problem(slots, robin, wren, owl, published=frozenset({has(slots[0].id, "wren")}))

    assert why_not(robin, problem) == (Rule.NEEDS_EXPERIENCED,)
    assert why_not(owl, problem) == ()


def test_nobody_new_is_alone() -> None:
    slots = nights(first=2)
    robin, wren = a_person(new=True), a_person("wren")

    assert why_not(robin, a_problem(slots, robin, wren)) == (Rule.NEW_ALONE,)
    assert why_not(robin, a_problem(slots, robin, wren, published=frozenset({has(slots[0].id, "wren")}))) == ()


def test_a_full_shift_has_no_seat() -> None:
    slots, robin, wren = nights(), a_person(), a_person("wren")
    problem = a_problem(slots, robin, wren, published=frozenset({has(slots[0].id, "wren")}))

    assert why_not(robin, problem) == (Rule.FULL,)
    assert why_not(wren, problem) == (Rule.ON_IT,)


def test_every_broken_rule_is_told_with_its_shift_and_listener() -> None:
    slots, robin = nights(2), a_person(away=(Span(at(12), at(23)),))
    problem = a_problem(slots, robin)

    assert broken(problem, [has(slots[0].id), has(slots[1].id)]) == (Broken(Rule.AWAY, slots[0].id, ROBIN),)


def test_runs_and_weeks_are_counted_around_a_day() -> None:
    days = {days_from(DAY, number) for number in (0, 1, 3, 4)}
    slots = nights(10)

    assert longest_run(days, DAY) == 2
    assert longest_run(days | {days_from(DAY, 2)}, DAY) == 5
    assert busiest_week([slots[0], slots[6], slots[7]], slots[7].day) == 480
    assert timedelta(minutes=slots[0].minutes) == timedelta(hours=4)
