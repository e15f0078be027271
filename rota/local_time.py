"""The prison's clock: local rules over UTC instants, also in the two nights when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When the clocks of that day say so, in UTC.

    Of a time that comes twice, the first; a time that never comes is as long after midnight as it would have been.
    The end of one shift and the beginning of the next are the same words, and so always the same instant.
    """
    return datetime.combine(day, clock, zone).astimezone(UTC)


def span(day: date, starts: time, ends: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From that day's ``starts`` to the next ``ends`` on the clock: over midnight when it is not later in the day."""
    following = timedelta(days=1) if ends <= starts else timedelta()
    return instant(day, starts, zone), instant(day + following, ends, zone)


def night_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day that a night is called by: two in the morning belongs to the evening before."""
    return (moment.astimezone(zone) - timedelta(hours=12)).date()


def overlap(a: tuple[datetime, datetime], b: tuple[datetime, datetime]) -> timedelta:
    return max(timedelta(), min(a[1], b[1]) - max(a[0], b[0]))
