"""The race of `wingline bench claims`, small: processes press 1 in the same moment, and one of them has the caller."""

import time

from wingline.bench.claims import race


def test_of_processes_that_press_in_the_same_moment_one_has_each_caller(own_url: str) -> None:
    raced = race(own_url, races=25, processes=3, until=time.monotonic() + 120)

    assert (raced.races, raced.claims, raced.failed) == (25, 75, 0)
    assert raced.broken == 0
    assert sum(raced.won_by.values()) == 25
