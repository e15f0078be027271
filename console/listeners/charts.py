"""Drawings of what Listeners have carried: lengths and places alone, so that a template can write them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.listeners.loads import Week

WIDTH, HEIGHT = 320, 150
_LEFT, _TOP, _BOTTOM = 40, 20, 30
_GAP = 16
# A bar beside a name in a table.
BAR_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Bar:
    """One week; the number stands above, the end of the week below."""

    x: int
    y: int
    width: int
    height: int
    middle: int
    week: Week


@dataclass(frozen=True, slots=True)
class WeeksChart:
    """Four bars and the cap of a week."""

    bars: tuple[Bar, ...]
    floor: int
    cap_y: int


def weeks_chart(weeks: Sequence[Week], cap: int) -> WeeksChart:
    """``cap``: minutes of talk and weight that are enough in seven days."""
    top = max(cap, *(week.minutes for week in weeks), 1)
    floor, high = HEIGHT - _BOTTOM, HEIGHT - _BOTTOM - _TOP
    width = (WIDTH - _LEFT) // len(weeks) - _GAP
    bars = []
    for number, week in enumerate(weeks):
        height = round(week.minutes / top * high)
        x = _LEFT + number * (width + _GAP)
        bars.append(Bar(x, floor - height, width, height, x + width // 2, week))
    return WeeksChart(tuple(bars), floor, floor - round(cap / top * high))


def bar_length(minutes: int, most: int) -> int:
    """Of a bar in a table, in which the longest is as wide as the drawing."""
    return round(minutes / most * BAR_WIDTH) if most else 0
