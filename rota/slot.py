"""A shift that has to be filled, and the pattern that it comes from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.words import WingId
from rota.local_time import night_of, overlap, span

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """From ``starts_at`` until just before ``ends_at``, both aware UTC; ``day`` is the day (or night) it counts for."""

    id: str
    name: str
    day: date
    starts_at: datetime
    ends_at: datetime
    wing: WingId | None = None
    first: int = 1
    backup: int = 0
    experienced: int = 0
    night: bool = False

    @property
    def seats(self) -> int:
        return self.first + self.backup

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at) / timedelta(minutes=1))

    @property
    def weekend(self) -> bool:
        return self.day.weekday() >= SATURDAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A shift that comes again on some weekdays (0 is Monday) at local times, but not on the dates of ``not_on``."""

    name: str
    starts: time
    ends: time
    wing: WingId | None = None
    weekdays: frozenset[int] = frozenset(range(7))
    not_on: frozenset[date] = frozenset()
    first: int = 1
    backup: int = 0
    experienced: int = 0


def slots_of(
    patterns: Sequence[Pattern], since: date, days: int, zone: ZoneInfo, night: tuple[time, time]
) -> list[Slot]:
    """Every shift that begins on one of the ``days`` local days from ``since``, in the order in which they begin."""
    found = [slot for pattern in patterns for slot in _slots(pattern, since, days, zone, night)]
    return sorted(found, key=lambda slot: (slot.starts_at, slot.id))


def _slots(pattern: Pattern, since: date, days: int, zone: ZoneInfo, night: tuple[time, time]) -> Iterator[Slot]:
    for day in (since + timedelta(days=number) for number in range(days)):
        if day.weekday() not in pattern.weekdays or day in pattern.not_on:
            continue
        starts_at, ends_at = span(day, pattern.starts, pattern.ends, zone)
        at_night = is_night((starts_at, ends_at), night, zone)
        yield Slot(
            id=f"{pattern.name} {day.isoformat()}",
            name=pattern.name,
            day=night_of(starts_at, zone) if at_night else day,
            starts_at=starts_at,
            ends_at=ends_at,
            wing=pattern.wing,
            first=pattern.first,
            backup=pattern.backup,
            experienced=pattern.experienced,
            night=at_night,
        )


def one_slot(name: str, span: tuple[datetime, datetime], zone: ZoneInfo, night: tuple[time, time]) -> Slot:
    """A shift on its own, at instants; it counts for its local day, or for its night."""
    at_night = is_night(span, night, zone)
    day = night_of(span[0], zone) if at_night else span[0].astimezone(zone).date()
    return Slot(id=name, name=name, day=day, starts_at=span[0], ends_at=span[1], night=at_night)


def day_in(slot_id: str) -> str:
    """The day on which it begins, as the id of a pattern's shift ends with it."""
    return slot_id.rpartition(" ")[2]


def is_night(shift: tuple[datetime, datetime], night: tuple[time, time], zone: ZoneInfo) -> bool:
    """More than half of it lies in the night."""
    around = (night_of(shift[0], zone) + timedelta(days=number) for number in (-1, 0, 1))
    dark = sum((overlap(shift, span(day, *night, zone)) for day in around), timedelta())
    return dark * 2 > shift[1] - shift[0]
