"""The periods of which figures are published: whole weeks, always cut at the same Mondays.

Periods that slide would differ from each other by a week, and so tell of it what it hides. These either hold one
another or do not touch. Calls are kept for 90 days, so that twelve weeks are what comes nearest to a quarter.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from console.language import _
from models.errors import AskersFault
from models.keeping import PERIODS
from models.tables import DAYS_90
from rota.local_time import instant

# A Monday; every period begins a whole number of its own lengths after it.
EPOCH = date(2024, 1, 1)
WEEK = timedelta(weeks=1)
# The calls of its last night have ended by then.
SETTLED = timedelta(days=1)
WEEKLY, FOUR_WEEKLY, TWELVE_WEEKLY = 1, 4, 12
# Each is made of those before it.
LENGTHS = (WEEKLY, FOUR_WEEKLY, TWELVE_WEEKLY)


class BadPeriod(AskersFault):
    def __init__(self, text: str) -> None:
        super().__init__(_("no figures are published for %(text)s; choose a period from the list", text=repr(text)))


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """``weeks`` whole weeks from a Monday on, in the zone of the site."""

    first: date
    weeks: int

    def __str__(self) -> str:
        return f"{self.first}.{self.weeks}"

    @property
    def end(self) -> date:
        """The Monday after it."""
        return self.first + self.weeks * WEEK

    @property
    def days(self) -> int:
        return 7 * self.weeks

    @property
    def by_hour(self) -> bool:
        """A week has too few calls in an hour to say anything of it."""
        return self.weeks > WEEKLY

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From its first moment until the first after it, in UTC."""
        return instant(self.first, time(), zone), instant(self.end, time(), zone)

    def days_begin(self, zone: ZoneInfo) -> tuple[datetime, ...]:
        """The first moment of each day, and of the day after the last."""
        return tuple(instant(self.first + timedelta(days=day), time(), zone) for day in range(self.days + 1))

    def cut(self, weeks: int) -> tuple["Period", ...]:
        """The shorter periods that it is made of."""
        return tuple(Period(self.first + weeks * WEEK * number, weeks) for number in range(self.weeks // weeks))


def period_named(text: str) -> Period:
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)\.(\d{1,2})", text)
    try:
        period = Period(date.fromisoformat(found[1]), int(found[2])) if found else None
    except ValueError as error:
        raise BadPeriod(text) from error
    if period is None or period.weeks not in LENGTHS or (period.first - EPOCH).days % period.days:
        raise BadPeriod(text)
    return period


def settled_and_kept(now: datetime, zone: ZoneInfo) -> Iterator[Period]:
    """Those that are over, and of which no call has been forgotten yet; shorter ones come first."""
    last_day = now.astimezone(zone).date()
    for weeks in LENGTHS:
        length = weeks * WEEK
        first = EPOCH + length * ((last_day - PERIODS[DAYS_90] - EPOCH) // length)
        while first + length <= last_day:
            period = Period(first, weeks)
            begins, ends = period.span(zone)
            if begins >= now - PERIODS[DAYS_90] and ends + SETTLED <= now:
                yield period
            first += length
