"""Times as staff read them: the site's zone and the 24-hour clock."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from console.language import _, day, day_of_year, marked
from models.words import Instant

# board.js says the same in the same way.
OVER_FOR, LEFT = marked("over for %(long)s"), marked("%(long)s left")
HOURS, MINUTES = marked("%(hours)s h %(minutes)s min"), marked("%(minutes)s min %(seconds)s s")
SECONDS = marked("%(seconds)s s")


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
            return _("%(time)s tomorrow", time=f"{local:%H:%M}")
        return _("%(time)s on %(day)s", time=f"{local:%H:%M}", day=day(local.date()))

    def last_day(self, end: Instant) -> str:
        """The last day of what ends: ``end`` is the first moment in which it counts no longer."""
        local = (end - timedelta(microseconds=1)).astimezone(self.zone)
        return day_of_year(local.date())

    def left(self, until: Instant) -> str:
        """How long until then, or since when it is over."""
        return (
            _(OVER_FOR, long=self.ago(until))
            if until <= self.now
            else _(LEFT, long=_long((until - self.now).total_seconds()))
        )

    def ago(self, moment: Instant) -> str:
        """How long since then."""
        return _long((self.now - moment).total_seconds())


def _long(lasted: float) -> str:
    seconds = max(0, int(lasted))
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return _(HOURS, hours=hours, minutes=f"{minutes % 60:02}")
    return _(MINUTES, minutes=minutes, seconds=f"{seconds % 60:02}") if minutes else _(SECONDS, seconds=seconds)
