"""How many Listeners ring at once, by how long the caller has waited."""

from collections.abc import Sequence

# From so many seconds of waiting ring so many; None is all of them.
Stage = tuple[float, int | None]


def how_many_to_ring(waited_seconds: float, stages: Sequence[Stage]) -> int | None:
    """The latest stage that has begun decides; before the first nobody rings."""
    begun = [stage for stage in stages if stage[0] <= waited_seconds]
    return max(begun, key=lambda stage: stage[0])[1] if begun else 0
