"""One day with its hours across: who is on, who stands behind them, and where nobody is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from console.rota.days import Clock, ShownShift
from rota.local_time import instant
from rota.slot import Slot

# A column of the table. An hour has four: clocks change by whole hours, and shifts seldom begin between quarters.
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """Columns before, in and after the time on duty. ``earlier``, ``later``: it goes on beyond the day."""

    before: int
    width: int
    after: int
    earlier: bool
    later: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A seat of a shift, of who is rung first or stands behind them; without a code name nobody has it."""

    shift: ShownShift
    bar: Bar
    code_name: str = ""
    backup: bool = False
    address: str = ""
    move: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDay:
    """``hours``: the local hour that each group of four columns begins with; 23 or 25 of them when clocks change.

    ``hour_now`` is the place of the hour that runs, on the day of today alone.
    """

    day: date
    is_today: bool
    hours: tuple[str, ...]
    rows: tuple[Row, ...]
    hour_now: int | None

    @property
    def columns(self) -> int:
        return len(self.hours) * (HOUR // QUARTER)

    @property
    def empty(self) -> int:
        return sum(not row.code_name for row in self.rows if not row.shift.is_over)

    @property
    def previous(self) -> date:
        return self.day - timedelta(days=1)

    @property
    def following(self) -> date:
        return self.day + timedelta(days=1)


def day_of(shifts: Sequence[tuple[Slot, ShownShift]], day: date, clock: Clock) -> ShownDay:
    """``shifts`` may be of the day before as well: the night goes on in the morning."""
    begins, ends = (instant(day + timedelta(days=after), time(), clock.zone) for after in (0, 1))
    rows: list[Row] = []
    for slot, shift in shifts:
        if slot.ends_at > begins and slot.starts_at < ends:
            rows += _rows(slot, shift, _bar(slot, begins, ends))
    moments = (begins + number * HOUR for number in range((ends - begins) // HOUR))
    return ShownDay(
        day=day,
        is_today=day == clock.today,
        hours=tuple(f"{moment.astimezone(clock.zone):%H}" for moment in moments),
        rows=tuple(rows),
        hour_now=(clock.now - begins) // HOUR if day == clock.today else None,
    )


def _bar(slot: Slot, begins: datetime, ends: datetime) -> Bar:
    columns = (ends - begins) // QUARTER
    first = max(0, (slot.starts_at - begins) // QUARTER)
    # A quarter that has begun is a whole one, so that the shortest shift can still be seen.
    last = min(columns, -((begins - slot.ends_at) // QUARTER))
    return Bar(first, last - first, columns - last, slot.starts_at < begins, slot.ends_at > ends)


def _rows(slot: Slot, shift: ShownShift, bar: Bar) -> Iterator[Row]:
    """Who is rung first, and where that seat is empty, before those behind them."""
    left = shift.empty
    for backup, wanted in ((False, slot.first), (True, slot.backup)):
        on = [seat for seat in shift.seats if seat.backup is backup]
        for seat in on:
            move = seat.shift if not shift.has_begun else ""
            yield Row(shift=shift, bar=bar, code_name=seat.code_name, backup=backup, address=seat.address, move=move)
        missing = max(0, min(left, wanted - len(on)))
        yield from (Row(shift=shift, bar=bar, backup=backup) for _ in range(missing))
        left -= missing
