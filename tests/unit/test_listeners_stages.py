"""How many Listeners ring at once."""

import pytest

from listeners.stages import how_many_to_ring

STAGES = ((0.0, 1), (20.0, 2), (40.0, None))


@pytest.mark.parametrize(
    ("waited", "how_many"), [(0.0, 1), (19.99, 1), (20.0, 2), (39.99, 2), (40.0, None), (9999.0, None)]
)
def test_more_ring_the_longer_the_caller_waits(waited: float, how_many: int | None) -> None:
    assert how_many_to_ring(waited, STAGES) == how_many


def test_nobody_rings_before_the_first_stage() -> None:
    assert how_many_to_ring(4.9, ((5.0, 1),)) == 0


def test_the_order_in_which_a_profile_names_its_stages_does_not_matter() -> None:
    assert how_many_to_ring(30.0, tuple(reversed(STAGES))) == 2
