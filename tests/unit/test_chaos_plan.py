"""What a run of chaos will do: from the seed alone, within bounds, and over seeds everything that can break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wingline.chaos.kinds import ON_ONE_MACHINE, FaultKind
from wingline.chaos.plan import (
    KEYS,
    LANES,
    LONGEST_CUT,
    LONGEST_FAULT,
    LONGEST_STAY,
    MOST_CALLS,
    OUTSIDE,
    STAFF,
    BadPlan,
    Plan,
    plan,
)
from wingline.chaos.voices import SAYS, canary

SEEDS, CALLS = st.integers(0, 10**9), st.integers(1, 60)


@given(SEEDS, CALLS)
def test_the_same_seed_plans_the_same(seed: int, calls: int) -> None:
    assert plan(seed, calls) == plan(seed, calls)


def test_another_seed_plans_something_else() -> None:
    assert len({plan(seed, 4) for seed in range(50)}) == 50


@given(SEEDS, CALLS)
def test_every_time_is_within_its_bounds(seed: int, calls: int) -> None:
    made = plan(seed, calls)

    assert len(made.calls) == calls
    assert sum(call.canary for call in made.calls) == 1
    for call in made.calls:
        assert 0 <= call.begins <= made.plays
        assert 1 < call.stays <= LONGEST_STAY
        assert 0 < call.through < LONGEST_STAY
        assert all(press.after > 0 and set(press.keys) <= set(KEYS) for press in call.presses)
    for fault in made.faults:
        assert 0 < fault.at < made.plays
        shortest, longest = (3, LONGEST_CUT) if fault.kind is FaultKind.RTP_LOST else (1.1, LONGEST_FAULT)
        assert shortest <= fault.lasts <= longest
    assert made.faults
    assert [fault.at for fault in made.faults] == sorted(fault.at for fault in made.faults)


@given(SEEDS, CALLS)
def test_nobody_has_two_calls_at_once_and_everybody_who_is_rung_has_a_plan(seed: int, calls: int) -> None:
    made = plan(seed, calls)

    for lane in range(LANES):
        mine = [call for call in made.calls if call.lane == lane]
        assert [call.begins for call in mine] == sorted(call.begins for call in mine)
    assert {one.who for one in made.staff} == {*STAFF, OUTSIDE}
    assert all(one.rings for one in (*made.listeners, *made.staff))
    assert {one.who for one in (*made.listeners, *made.staff)} < set(SAYS)


def kinds(made: Plan) -> set[FaultKind]:
    return {fault.kind for fault in made.faults}


def test_every_kind_of_fault_comes_over_seeds_and_in_one_long_run() -> None:
    assert set().union(*(kinds(plan(seed, 4)) for seed in range(40))) == set(ON_ONE_MACHINE)
    assert kinds(plan(1, 3 * len(ON_ONE_MACHINE))) == set(ON_ONE_MACHINE)


def test_people_answer_refuse_and_press_every_kind_of_key() -> None:
    many = [plan(seed, 8) for seed in range(40)]
    rings = [ring for made in many for one in (*made.listeners, *made.staff) for ring in one.rings]
    pressed = {press.keys for ring in rings for press in ring.presses}

    assert {"1", "2", "3", "*31", "*21", "*11"} <= pressed
    assert any(ring.answers_after is None for ring in rings)
    assert any(ring.declines for ring in rings)
    assert any(ring.hangs_up_after for ring in rings)
    assert any(press.keys.startswith("0") for made in many for call in made.calls for press in call.presses)


@pytest.mark.parametrize(("seed", "calls"), [(-1, 4), (1, 0), (1, -3), (1, MOST_CALLS + 1)])
def test_what_cannot_be_played_is_refused_in_words(seed: int, calls: int) -> None:
    with pytest.raises(BadPlan, match="What to do"):
        plan(seed, calls)


def test_a_kind_of_fault_that_nobody_knows_is_refused_in_words() -> None:
    with pytest.raises(BadPlan, match="earthquake"):
        plan(1, 4).with_only({"earthquake", "line_killed"})


def test_people_who_are_not_in_the_run_of_one_fault_alone_change_nothing() -> None:
    made = plan(5, 12)
    alone = made.with_only({"line_killed"})

    assert alone.calls == made.calls
    assert kinds(alone) <= {FaultKind.LINE_KILLED}


def test_a_canary_is_the_seeds_own_and_repeats_no_colour_of_another_seeds() -> None:
    said = {canary(seed) for seed in range(30)}

    assert len(said) > 25
    assert canary(7) == canary(7)
