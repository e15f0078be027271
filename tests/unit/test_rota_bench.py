"""What `wingline rota bench` measures, without its seconds, which are this machine's own, and with a small prison.

That the two large ones are proven is a figure of docs/rota-problem.md: it may take a busy machine more than a minute.
"""

import pytest

from rota.measuring import Size, figures

SMALL = Size(16, 14, first=1, backup=1)


@pytest.mark.slow
def test_a_rota_is_proven_and_a_repair_changes_only_what_the_movements_took() -> None:
    size = figures(year_days=0, sizes=[SMALL])[str(SMALL)]
    assert isinstance(size, dict)
    assert size["objective"] == size["bound"]
    assert (size["rules_broken"], size["empty_seats"], size["empty_seats_after"]) == (0, 0, 0)
    assert size["repair_proven"]
    assert size["shifts_lost_by_the_movements"] > 0
    assert size["shifts_changed"] == 2 * size["shifts_lost_by_the_movements"]
