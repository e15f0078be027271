"""The arithmetic of the bench: middles, slow ends, rates and slopes; None where nothing was measured."""

from collections.abc import Sequence

import numpy as np


def middle(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 2) if values else None


def slow_end(values: Sequence[float], percent: float = 95) -> float | None:
    return round(float(np.percentile(values, percent)), 2) if values else None


def times(name: str, values: Sequence[float]) -> dict[str, float | None]:
    """Median, 95th percentile and the longest of milliseconds."""
    longest = round(max(values), 2) if values else None
    return {f"{name}_ms_median": middle(values), f"{name}_ms_p95": slow_end(values), f"{name}_ms_max": longest}


def per_second(moments: Sequence[float]) -> float | None:
    """How many a second happened from the first to the last of these."""
    if len(moments) < 2 or max(moments) <= min(moments):
        return None
    return round((len(moments) - 1) / (max(moments) - min(moments)), 2)


def slope(at: Sequence[float], values: Sequence[float]) -> float | None:
    """By how much the values grow for one of ``at`` (least squares)."""
    if len(at) < 2 or max(at) <= min(at):
        return None
    return round(float(np.polyfit(at, values, 1)[0]), 4)


def share(more: float | None, less: float | None) -> float | None:
    """How many times as much."""
    return round(more / less, 2) if more and less else None
