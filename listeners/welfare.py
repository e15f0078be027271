"""How much listening is enough: rest after a call, caps, and the load that is felt before they are reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from rota.local_time import night_of, overlap, span

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
FOUR_WEEKS = timedelta(days=28)
# Where nobody has settled another (rota.rules.Limits).
NIGHT = (time(20), time(8))


class Welfare(Protocol):
    """What a site has settled for its Listeners (``[welfare]`` of its profile)."""

    @property
    def rest_minutes(self) -> int: ...
    @property
    def rest_share(self) -> float: ...
    @property
    def rest_weight_minutes(self) -> int: ...
    @property
    def talk_minutes_night(self) -> int: ...
    @property
    def talk_minutes_day(self) -> int: ...
    @property
    def talk_minutes_week(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Spell:
    """One talk of one Listener; without an end it goes on. ``heavy``: staff were told of something in it."""

    began_at: datetime
    ended_at: datetime | None
    heavy: bool = False


def rest_after(talk: timedelta, welfare: Welfare, *, heavy: bool) -> timedelta:
    """Grows with the length of the talk, and with its weight. A clock that was put back in it makes it no shorter."""
    weight = welfare.rest_weight_minutes if heavy else 0
    return timedelta(minutes=welfare.rest_minutes + weight) + max(talk, timedelta()) * welfare.rest_share


def longer(resting_until: datetime | None, by: timedelta, now: datetime) -> datetime:
    """The Listener asks for more rest: on top of what is left of it."""
    return max(now, resting_until or now) + by


def talked(spells: Sequence[Spell], since: datetime, now: datetime) -> timedelta:
    return sum((_part(spell, since, now) for spell in spells), timedelta())


def burden(spells: Sequence[Spell], since: datetime, now: datetime, weight: timedelta) -> timedelta:
    """What was talked, and ``weight`` more for each heavy talk."""
    heavy = sum(spell.heavy and _part(spell, since, now) > timedelta() for spell in spells)
    return talked(spells, since, now) + weight * heavy


def load(spells: Sequence[Spell], now: datetime, weight: timedelta) -> timedelta:
    """A mean day of the last 7 and one of the last 28, added: old talk weighs too, but less than new."""
    return burden(spells, now - WEEK, now, weight) / 7 + burden(spells, now - FOUR_WEEKS, now, weight) / 28


def had_enough(spells: Sequence[Spell], welfare: Welfare, now: datetime, zone: ZoneInfo) -> bool:
    """A cap is reached: of this night while it lasts, of the last 24 hours, or of the last seven days."""
    weight = weight_of(welfare)
    caps = [(now - DAY, welfare.talk_minutes_day), (now - WEEK, welfare.talk_minutes_week)]
    dark = night_at(now, zone)
    if dark:
        caps.append((dark[0], welfare.talk_minutes_night))
    return any(burden(spells, since, now, weight) >= timedelta(minutes=cap) for since, cap in caps)


def weight_of(welfare: Welfare) -> timedelta:
    return timedelta(minutes=welfare.rest_weight_minutes)


def night_at(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """When this night began and ends; None by day."""
    dark = span(night_of(now, zone), *NIGHT, zone)
    return dark if dark[0] <= now < dark[1] else None


def _part(spell: Spell, since: datetime, now: datetime) -> timedelta:
    return overlap((spell.began_at, spell.ended_at or now), (since, now))
