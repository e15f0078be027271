"""Times as staff read them: the site's zone and the 24-hour clock."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from models.words import Instant


@dataclass(frozen=True, slots=True)
class WallClock:
    zone: ZoneInfo
    now: Instant

    def at(self, moment: Instant) -> str:
        """Such as 14:03, or with the day when it is not today."""
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone).date()
        if local.date() == today:
            return f"{local:%H:%M}"
        if local.date() == today + timedelta(days=1):
            return f"{local:%H:%M} tomorrow"
        return f"{local:%H:%M} on {local.day} {local:%B}"

    def last_day(self, end: Instant) -> str:
        """The last day of what ends: ``end`` is the first moment in which it counts no longer."""
        local = (end - timedelta(microseconds=1)).astimezone(self.zone)
        return f"{local.day} {local:%B %Y}"

    def left(self, until: Instant) -> str:
        """How long until then, or since when it is over; board.js says the same in the same way."""
        return (
            f"over for {self.ago(until)}" if until <= self.now else f"{_long((until - self.now).total_seconds())} left"
        )

    def ago(self, moment: Instant) -> str:
        """How long since then; board.js says the same in the same way."""
        return _long((self.now - moment).total_seconds())


def _long(lasted: float) -> str:
    seconds = max(0, int(lasted))
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours} h {minutes % 60:02} min"
    return f"{minutes} min {seconds % 60:02} s" if minutes else f"{seconds} s"
