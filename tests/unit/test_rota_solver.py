"""The rota that the solver makes: no hard rule broken, as full as can be, fair, and changed as little as can be."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.words import Cover, ListenerId, WingId, WishKind
from rota.checks import Duties, broken
from rota.person import Load, Person, Span, WeeklyWish
from rota.problem import Problem, Weights
from rota.quality import quality
from rota.rules import Limits, Rule
from rota.slot import slots_of
from rota.solution import Effort, Solution, changes
from rota.solver import solve
from rota.why_not import unfilled
from tests.unit.rotas import DAY, LIMITS, LONDON, NIGHT, a_pattern, a_person, a_problem, nights

pytestmark = pytest.mark.slow

QUICK = Effort(seconds=20)


def team(number: int = 8, **changes: object) -> list[Person]:
    return [a_person(f"{at:02}", experienced=at % 2 == 0, **changes) for at in range(number)]


def shifts_of(solution: Solution) -> Counter[str]:
    return Counter(one.listener for one in solution.assigned)


def test_with_enough_listeners_every_seat_is_filled_and_it_is_proven_to_be_the_best() -> None:
    problem = a_problem(nights(14, first=2, backup=1, experienced=1), *team(12))

    solution = solve(problem, QUICK)
    assert solution.optimal
    assert len(solution.assigned) == 14 * 3
    assert broken(problem, solution.assigned) == ()


def test_everybody_gets_as_many_as_the_others() -> None:
    solution = solve(a_problem(nights(14), *team(7)), QUICK)

    assert set(shifts_of(solution).values()) == {2}


def test_who_did_more_before_gets_fewer_now() -> None:
    tired = a_person("tired", before=Load(minutes=4 * 240, nights=4))
    rested = a_person("rested")

    shifts = shifts_of(solve(a_problem(nights(8), tired, rested), QUICK))
    assert (shifts["tired"], shifts["rested"]) == (2, 6)


def test_who_is_on_leave_half_of_the_time_is_owed_half_of_the_shifts() -> None:
    leave = (Span(datetime(2026, 12, 8, 12, tzinfo=UTC)),)
    half, others = a_person("half", leave=leave), [a_person(name) for name in ("one", "two", "three")]
    slots = slots_of([a_pattern()], DAY, 14, LONDON, NIGHT)

    shifts = shifts_of(solve(a_problem(slots, half, *others), QUICK))
    assert shifts["half"] == 2
    assert shifts["one"] == shifts["two"] == shifts["three"] == 4


def test_wishes_are_heeded_where_nothing_stands_against_them() -> None:
    tuesdays = WeeklyWish(kind=WishKind.RATHER_NOT, weekday=1, starts=time(20), ends=time(23))
    picky, easy = a_person("picky", wishes=(tuesdays,)), a_person("easy")
    problem = a_problem(nights(6), picky, easy)

    solution = solve(problem, QUICK)
    assert not [
        one for one in solution.assigned if one.listener == "picky" and problem.slot[one.slot].day.weekday() == 1
    ]
    assert quality(problem, solution.assigned).preferences == 100


def test_a_weight_keeps_a_listener_to_one_kind_of_shift() -> None:
    patterns = [a_pattern("early", "08:00", "10:00"), a_pattern("late", "15:00", "17:00")]
    problem = a_problem(slots_of(patterns, DAY, 6, LONDON, NIGHT), *team(2), weights=Weights(other_shift=50))

    kinds = {(one.listener, problem.slot[one.slot].name) for one in solve(problem, QUICK).assigned}
    assert len(kinds) == 2


def test_an_empty_seat_says_who_is_stopped_by_what_and_what_would_free_it() -> None:
    leave = Span(datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 3, tzinfo=UTC))
    on_leave, uncertified = a_person("heron", leave=(leave,)), a_person("wren", certified=None)
    problem = a_problem(nights(first=2, experienced=1, wing=WingId("A")), on_leave, uncertified)

    (gap,) = unfilled(problem, solve(problem, QUICK).assigned)
    assert (gap.seats, gap.needs_experienced) == (2, 1)
    assert gap.in_the_way == {Rule.NOT_CERTIFIED: ("wren",), Rule.ON_LEAVE: ("heron",)}
    assert [str(one) for one in gap.would_free] == [
        "1 more experienced Listener certified for the night on A",
        "1 more Listener certified for the night on A",
        "heron, if they were not on leave",
    ]


def test_a_seat_that_only_a_rule_keeps_empty_is_named_with_the_rule() -> None:
    problem = a_problem(nights(2), a_person("heron"), limits=replace(LIMITS, nights_in_a_row=1))

    (gap,) = unfilled(problem, solve(problem, QUICK).assigned)
    assert gap.in_the_way == {Rule.NIGHTS_IN_A_ROW: ("heron",)}
    assert "heron, if they did one more night in a row" in [str(one) for one in gap.would_free]


def test_first_covers_and_backups_take_turns() -> None:
    solution = solve(a_problem(nights(8, first=1, backup=1), *team(4)), QUICK)

    covers = Counter((one.listener, one.cover) for one in solution.assigned)
    assert sum(number for (_, cover), number in covers.items() if cover is Cover.FIRST) == 8
    assert all(abs(covers[person.id, Cover.FIRST] - covers[person.id, Cover.BACKUP]) <= 2 for person in team(4))


def test_an_empty_seat_is_the_backups() -> None:
    solution = solve(a_problem(nights(1, first=1, backup=1), a_person()), QUICK)

    assert [one.cover for one in solution.assigned] == [Cover.FIRST]


def test_after_a_movement_only_the_seats_of_who_left_change_hands() -> None:
    problem = a_problem(nights(28, first=2, experienced=1), *team(12))
    published = solve(problem, QUICK).assigned
    gone = [replace(one, away=(Span(DAY_10),)) if one.id == "03" else one for one in problem.people]
    lost = [one for one in published if one.listener == "03" and problem.slot[one.slot].ends_at > DAY_10]

    repaired = solve(replace(problem, people=gone, published=frozenset(published)), QUICK)
    assert lost
    assert changes(published, repaired.assigned) == 2 * len(lost)
    assert broken(replace(problem, people=gone), repaired.assigned) == ()


def test_a_repair_keeps_the_cover_of_everybody_who_stays() -> None:
    problem = a_problem(nights(7, first=1, backup=1), *team(6))
    published = solve(problem, QUICK).assigned

    again = solve(replace(problem, published=frozenset(published)), QUICK)
    assert again.assigned == published


def test_with_too_few_everybody_is_on_alone_rather_than_two_on_one_shift_and_none_on_the_next() -> None:
    team_of_two = [a_person("one"), a_person("two")]
    limits = replace(LIMITS, weekly_minutes=240)
    problem = a_problem(nights(2, first=1, backup=1), *team_of_two, limits=limits)

    on = Counter(one.slot for one in solve(problem, QUICK).assigned)
    assert set(on.values()) == {1}
    assert len(on) == 2


def test_who_has_been_on_for_longer_than_a_rule_allows_gets_no_more_and_the_others_fill_the_rota() -> None:
    all_day = nights(1, since=DAY - timedelta(days=1), starts="01:00", ends="00:00")
    limits = replace(LIMITS, weekly_minutes=1200)
    problem = a_problem(nights(5), *team(4), standing={ListenerId("00"): all_day}, limits=limits)

    solution = solve(problem, QUICK)
    assert len(solution.assigned) == 5
    assert "00" not in shifts_of(solution)
    assert broken(problem, solution.assigned) == ()


def test_with_nobody_at_all_the_rota_is_empty_and_says_so() -> None:
    problem = a_problem(nights(2), a_person(certified=None))

    solution = solve(problem, QUICK)
    assert solution.assigned == ()
    assert solution.optimal
    assert len(unfilled(problem, solution.assigned)) == 2


DAY_10 = datetime(2026, 12, 10, tzinfo=UTC)


def some_problem(dice: Random) -> Problem:
    patterns = [
        a_pattern(
            "early",
            "20:00",
            "00:00",
            first=dice.randint(1, 2),
            backup=dice.randint(0, 1),
            experienced=dice.randint(0, 1),
        ),
        a_pattern("late", "00:00", "04:00", first=dice.randint(1, 2), wing=dice.choice([None, WingId("A")])),
        a_pattern("day", "09:00", "13:00", first=1, weekdays=frozenset(dice.sample(range(7), 3))),
    ]
    slots = slots_of(patterns, DAY, dice.randint(2, 9), LONDON, NIGHT)
    people = [_some_person(str(number), dice) for number in range(dice.randint(1, 9))]
    names = [person.id for person in people]
    apart = frozenset({frozenset(dice.sample(names, 2))}) if len(names) > 1 else frozenset()
    limits = Limits(nights_in_a_row=dice.randint(1, 3), weekly_minutes=dice.choice([480, 960, 2000]))
    return a_problem(slots, *people, apart=apart, limits=limits)


def _some_person(name: str, dice: Random) -> Person:
    begin = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(hours=dice.randint(-20, 200))
    away = (Span(begin, begin + timedelta(hours=dice.randint(1, 60))),)
    never = WeeklyWish(kind=WishKind.NEVER, weekday=dice.randrange(7), starts=time(18), ends=time(23))
    return a_person(
        name,
        wing=dice.choice("AB"),
        experienced=dice.random() < 0.4,
        new=dice.random() < 0.3,
        away=away if dice.random() < 0.5 else (),
        wishes=(never,) if dice.random() < 0.5 else (),
        weekly_minutes=dice.choice([None, 600]),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**9))
def test_no_rota_breaks_a_hard_rule_and_no_free_seat_is_left_for_somebody_who_could_have_it(seed: int) -> None:
    problem = some_problem(Random(seed))

    solution = solve(problem, Effort(seconds=2))
    assert broken(problem, solution.assigned) == ()
    assert solution.bound <= solution.objective
    duties = Duties(problem, solution.assigned)
    could = [
        (slot.id, person.id)
        for slot in problem.slots
        for person in problem.people
        if len(duties.on(slot)) < slot.seats and not duties.why_not(person, slot)
    ]
    assert not could or not solution.optimal


@pytest.mark.parametrize("assigned", [0, 1])
def test_half_of_the_quality_is_cover(assigned: int) -> None:
    problem = a_problem(nights(), a_person())
    given_ = solve(problem, QUICK).assigned[:assigned]

    mark = quality(problem, given_)
    assert mark.cover == 100 * assigned
    assert mark.score == 50 + 50 * assigned
