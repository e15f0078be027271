"""What Listeners have carried in the last four weeks, so that it is fair to all and harms none.

Nothing is counted by calls (domain.md 5.3, L7), and nothing tells which calls they were: minutes are those of a week or
more, and the weight of heavy talks is shown only where there were enough of them to hide each one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from escalation.suppression import SMALLEST_SHOWN
from listeners.welfare import FOUR_WEEKS, WEEK, Spell, Welfare, had_enough, talked, weight_of

MINUTE = timedelta(minutes=1)
WEEKS = 4


class Rung(StrEnum):
    """When their phone rang last: no nearer than tells whether it reaches them at all."""

    THIS_WEEK = "this_week"
    THIS_MONTH = "this_month"
    NOT_LATELY = "not_lately"


@dataclass(frozen=True, slots=True)
class Week:
    """Minutes of talk, and nights on duty, of seven days."""

    since: datetime
    until: datetime
    minutes: int
    nights: int


@dataclass(frozen=True, slots=True)
class Carried:
    """Minutes of talk and of weight, and nights on duty; no ``weight`` where it would tell of single talks."""

    minutes: int
    nights: int
    weight: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOf:
    """``weeks``: four of them, the oldest first. ``had_enough``: a cap is reached, and no call rings."""

    weeks: tuple[Week, ...]
    days_7: Carried
    days_28: Carried
    had_enough: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerLoad:
    """One Listener beside the others. ``shifts``: how many they had in four weeks."""

    code_name: str
    address: str
    certified: bool
    load: LoadOf
    resting_until: datetime | None
    wants_debrief: bool
    rung: Rung
    shifts: int

    @property
    def is_passed_over(self) -> bool:
        """On duty, and yet not rung: perhaps their phone does not reach them."""
        return self.certified and self.shifts > 0 and self.rung is Rung.NOT_LATELY


def load_of(
    spells: Sequence[Spell], nights: Sequence[datetime], welfare: Welfare, now: datetime, zone: ZoneInfo
) -> LoadOf:
    """``nights``: when each began."""
    edges = [now - WEEK * number for number in range(WEEKS, -1, -1)]
    return LoadOf(
        weeks=tuple(
            Week(since, until, talked(spells, since, until) // MINUTE, _nights(nights, since, until))
            for since, until in pairwise(edges)
        ),
        days_7=_carried(spells, nights, weight_of(welfare), now - WEEK, now),
        days_28=_carried(spells, nights, weight_of(welfare), now - FOUR_WEEKS, now),
        had_enough=had_enough(spells, welfare, now, zone),
    )


def rung(last_rang_at: datetime | None, now: datetime) -> Rung:
    if last_rang_at is None or last_rang_at <= now - FOUR_WEEKS:
        return Rung.NOT_LATELY
    return Rung.THIS_WEEK if last_rang_at > now - WEEK else Rung.THIS_MONTH


def middle(loads: Sequence[ListenerLoad]) -> int:
    """Half of the certified Listeners have talked longer in four weeks, half less; in minutes."""
    return int(median([one.load.days_28.minutes for one in loads if one.certified] or [0]))


def _carried(
    spells: Sequence[Spell], nights: Sequence[datetime], weight: timedelta, since: datetime, now: datetime
) -> Carried:
    heavy = sum(one.heavy and talked([one], since, now) > timedelta() for one in spells)
    # "None" would tell as much as "one" (domain.md 5.1): below five it is not shown, whatever it is.
    shown = None if heavy < SMALLEST_SHOWN else heavy * weight // MINUTE
    return Carried(talked(spells, since, now) // MINUTE, _nights(nights, since, now), shown)


def _nights(nights: Sequence[datetime], since: datetime, until: datetime) -> int:
    return sum(since < began <= until for began in nights)
