"""Shifts day by day as the pages of the rota show them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from console.language import _, marked
from console.rota.wording import hours
from rota.slot import Slot

BY_HAND = marked("written by hand")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSeat:
    """Who has a seat. ``shift`` is its id, and empty where nothing can be done with it from here.

    ``address`` is of the page of their shifts, where the page leads there. ``wrong`` are the rules by which they could
    not be given the seat now, in words.
    """

    code_name: str
    backup: bool
    shift: str = ""
    address: str = ""
    swap_asked: bool = False
    is_new: bool = False
    wrong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownShift:
    """``slot`` is empty for a shift that no pattern asks for; ``gone`` have it now and would not have it."""

    slot: str
    name: str
    wing: str
    day: date
    hours: str
    seats: tuple[ShownSeat, ...]
    empty: int
    has_begun: bool
    is_over: bool
    gone: tuple[str, ...] = ()

    @property
    def is_short(self) -> bool:
        return self.empty > 0 and not self.is_over


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    is_today: bool
    shifts: tuple[ShownShift, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """The site's zone and the moment of looking."""

    zone: ZoneInfo
    now: datetime

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    @property
    def today(self) -> date:
        return self.day_of(self.now)


def shown(slot: Slot, seats: Iterable[ShownSeat], clock: Clock, *, gone: Iterable[str] = ()) -> ShownShift:
    on = tuple(sorted(seats, key=lambda seat: (seat.backup, seat.code_name)))
    return ShownShift(
        slot=slot.id,
        name=slot.name,
        wing=slot.wing or "",
        day=clock.day_of(slot.starts_at),
        hours=hours(slot.starts_at, slot.ends_at, clock.zone),
        seats=on,
        empty=max(0, slot.seats - len(on)),
        has_begun=slot.starts_at <= clock.now,
        is_over=slot.ends_at <= clock.now,
        gone=tuple(sorted(gone)),
    )


def by_day(shifts: Sequence[ShownShift], first: date, days: int, clock: Clock) -> tuple[Day, ...]:
    """Every day, also one without a shift; shifts stay in the order in which they come."""
    of: defaultdict[date, list[ShownShift]] = defaultdict(list)
    for shift in shifts:
        of[shift.day].append(shift)
    all_days = (first + timedelta(days=number) for number in range(days))
    return tuple(Day(day, day == clock.today, tuple(of[day])) for day in all_days)


def as_it_is(span: tuple[datetime, datetime], clock: Clock) -> Slot:
    """No pattern asks for it, so no seat of it is empty."""
    return Slot(id="", name=_(BY_HAND), day=clock.day_of(span[0]), starts_at=span[0], ends_at=span[1], first=0)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
