"""What comes at a time of day that the site has set: once, and not long after it."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from models.words import Instant
from rota.local_time import instant


def day_that_began(at: time, zone: ZoneInfo, now: Instant, *, within: timedelta) -> date | None:
    """The day on which the site's clocks have shown ``at`` less than ``within`` ago (less than a day).

    Within, so that a line which was down comes back to the next day's time, and not to the middle of a night.
    """
    today = now.astimezone(zone).date()
    days = (today, today - timedelta(days=1))
    return next((day for day in days if timedelta() <= now - instant(day, at, zone) < within), None)
