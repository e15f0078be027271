"""Months as they are written: ``2026-10``, in the zone of the site."""

from datetime import datetime
from zoneinfo import ZoneInfo


def month_of(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m")
