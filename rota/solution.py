"""What is asked of the solver, and what it answers; without the solver itself, which is slow to load."""

from collections.abc import Iterable
from dataclasses import dataclass

from rota.problem import Assigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to look: seconds of wall time, and how near to the proven bound is near enough."""

    seconds: float = 60.0
    near_enough: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The best rota found; ``bound`` is proven: no rota costs less. Equal to ``objective`` when it is the best."""

    assigned: tuple[Assigned, ...]
    objective: int
    bound: int
    seconds: float

    @property
    def optimal(self) -> bool:
        return self.objective == self.bound


def changes(before: Iterable[Assigned], after: Iterable[Assigned]) -> int:
    """How many Listeners are off a shift that they had, or on one that they had not."""
    return len({(one.slot, one.listener) for one in before} ^ {(one.slot, one.listener) for one in after})
