"""A Listener as the rota sees them: when they may, cannot and would rather not be on duty, and what they did lately."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.words import ListenerId, WingId, WishKind
from rota.local_time import overlap, span


@dataclass(frozen=True, slots=True)
class Span:
    """From ``since`` until just before ``until``, aware UTC; no ``until`` is for good."""

    since: datetime
    until: datetime | None = None

    def touches(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.since < ends_at and (self.until is None or self.until > starts_at)

    def holds(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.since <= starts_at and (self.until is None or ends_at <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyWish:
    """Local times of a weekday (0 is Monday), or of every day without one; worship and work are NEVER."""

    kind: WishKind
    weekday: int | None
    starts: time
    ends: time

    def touches(self, starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> bool:
        day, last = starts_at.astimezone(zone).date() - timedelta(days=1), ends_at.astimezone(zone).date()
        while day <= last:
            wished = span(day, self.starts, self.ends, zone)
            if self.weekday in {None, day.weekday()} and overlap(wished, (starts_at, ends_at)):
                return True
            day += timedelta(days=1)
        return False


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody has done in the last 28 days, so that the next rota is fair to them."""

    minutes: int = 0
    nights: int = 0
    weekends: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Certified in all of ``certified``, cleared, with a phone; ``away`` is movements, ``leave`` is their own.

    ``new`` must not be the only one on a shift; ``weekly_minutes`` is a lower cap of their own.
    """

    id: ListenerId
    wing: WingId
    certified: Span | None
    cleared: bool = True
    reachable: bool = True
    experienced: bool = False
    new: bool = False
    away: tuple[Span, ...] = ()
    leave: tuple[Span, ...] = ()
    wishes: tuple[WeeklyWish, ...] = ()
    weekly_minutes: int | None = None
    before: Load = field(default_factory=Load)
    name: str = ""

    @property
    def called(self) -> str:
        """Their code name, or the id where there is none."""
        return self.name or self.id
