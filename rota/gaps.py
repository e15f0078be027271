"""Seats of the coming weeks that nobody has, and how urgent that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rota.why_not import Unfilled

AHEAD = timedelta(weeks=4)
A_DAY = timedelta(hours=24)
AN_HOUR = timedelta(hours=1)


class Urgency(StrEnum):
    """How near a gap is: seen four weeks ahead, an alarm a day before and an hour before."""

    SEEN = "seen"
    A_DAY = "a_day"
    AN_HOUR = "an_hour"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Gap:
    empty: Unfilled
    urgency: Urgency


def gaps_ahead(empty: Sequence[Unfilled], *, now: datetime) -> tuple[Gap, ...]:
    """The most urgent first; shifts that are over, or further away than four weeks, are left out."""
    near = [one for one in empty if one.slot.ends_at > now and one.slot.starts_at <= now + AHEAD]
    return tuple(
        Gap(one, _urgency(one.slot.starts_at - now)) for one in sorted(near, key=lambda one: one.slot.starts_at)
    )


def _urgency(left: timedelta) -> Urgency:
    if left <= timedelta():
        return Urgency.NOW
    if left <= AN_HOUR:
        return Urgency.AN_HOUR
    return Urgency.A_DAY if left <= A_DAY else Urgency.SEEN
