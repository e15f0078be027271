"""A clock that somebody sets is seen, and nothing that only lasts goes by it."""

from datetime import timedelta

import pytest
from builders import NOON

from wingline.chaos.wall_clock import Jump, really
from wingline.clock_watch import Looked

A_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("by", [timedelta(hours=-2), timedelta(minutes=3), timedelta()])
def test_a_jump_is_what_the_clock_went_besides_the_time_that_passed(by: timedelta) -> None:
    before = Looked(NOON, NOON, 100.0)

    assert Looked(NOON + A_SECOND + by, NOON + A_SECOND + by, 101.0).jump(before) == by


def test_a_database_whose_clock_went_back_counts_whatever_the_nodes_own_did() -> None:
    before = Looked(NOON, NOON, 100.0)
    after = Looked(NOON + timedelta(hours=1), NOON - timedelta(minutes=1), 100.0)

    assert after.jump(before) == timedelta(minutes=-1)


def test_a_time_of_the_lines_is_brought_to_the_machines_clock() -> None:
    jumps, run = [Jump(-7200, over=True), Jump(600)], (1000.0, 1200.0)

    assert really(1005 - 7200, jumps, run) == 1005
    assert really(1055 + 600, jumps, run) == 1055
    assert really(1020, jumps, run) == 1020
    assert really(20, jumps, run) == 20
