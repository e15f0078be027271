"""What the bench measures with: the shipped profile but for its waits, and medians and maxima of what rang."""

from pathlib import Path

from escalation.profile_file import load
from models.words import Cause
from tests.fakes.line import CHOICES
from wingline.protocol_bench import Figures, as_found, with_steps_of_a_second


def test_only_the_steps_and_the_rest_are_shorter(tmp_path: Path) -> None:
    file = tmp_path / "quick.toml"
    file.write_text(with_steps_of_a_second())
    shipped, quick = load("uk-listener-adult", CHOICES), load(file, CHOICES)
    before, after = shipped.protocol_for(Cause.DANGER_NOW), quick.protocol_for(Cause.DANGER_NOW)

    assert [step.posts for step in after.steps] == [step.posts for step in before.steps]
    assert {step.seconds for step in after.steps} == {1}
    assert (after.door_within, after.acknowledge) == (before.door_within, before.acknowledge)
    assert (quick.welfare.rest_minutes, quick.welfare.rest_share, quick.welfare.rest_weight_minutes) == (0, 0, 0)


def test_what_did_not_ring_is_counted_and_not_measured() -> None:
    found = as_found(Figures([30.4, 20.0, 90.0], [500.0, 1000.0, 700.0], missed=2))

    assert found == {
        "rings": 3,
        "missed": 2,
        "key_to_first_ring_ms_median": 30,
        "key_to_first_ring_ms_max": 90,
        "step_to_next_ring_ms_median": 700,
        "step_to_next_ring_ms_max": 1000,
    }
    assert as_found(Figures())["key_to_first_ring_ms_max"] is None
