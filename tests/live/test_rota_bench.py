"""What `wingline rota bench` measures, without its seconds, which are this machine's own."""

from rota.measuring import figures


def test_both_sizes_are_proven_and_a_repair_changes_only_what_the_movements_took() -> None:
    for size in figures(year_days=0).values():
        assert isinstance(size, dict)
        assert size["objective"] == size["bound"]
        assert (size["rules_broken"], size["empty_seats"], size["empty_seats_after"]) == (0, 0, 0)
        assert size["repair_proven"]
        assert size["shifts_lost_by_the_movements"] > 0
        assert size["shifts_changed"] == 2 * size["shifts_lost_by_the_movements"]
