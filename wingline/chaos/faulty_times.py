"""Which faults overlap a time, and how much of it they took: what every invariant has to know."""

from collections.abc import Iterable, Iterator

from wingline.chaos.history import Fault
from wingline.chaos.kinds import FaultKind

Kinds = frozenset[FaultKind]


def overlapping(faults: Iterable[Fault], kinds: Kinds, begins: float, ends: float) -> Iterator[Fault]:
    """A fault that was never over goes on for ever."""
    for one in faults:
        if one.kind in kinds and one.began < ends and (one.over is None or one.over > begins):
            yield one


def lost(faults: Iterable[Fault], kinds: Kinds, begins: float, ends: float) -> float:
    """Seconds between these two times in which at least one fault of these kinds went on."""
    seconds, reached = 0.0, begins
    for one in sorted(overlapping(faults, kinds, begins, ends), key=lambda one: one.began):
        until = ends if one.over is None else min(ends, one.over)
        since = max(reached, one.began)
        seconds += max(0.0, until - since)
        reached = max(reached, until)
    return seconds
