"""Times, and what is said by hour of the clock, by day of the week and by wing: rounded, and in bands.

A count is told to within five: under 5, 5 to 9, and so on. So is a share: its band is as wide as five of what it is a
share of. Whoever subtracts finds a band again, and in it every number that is small.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from console.figures import measures
from console.figures.measures import HOUR, SLOTS, STEPS, CallSeen, Seen, ShiftSeen, SignedOn, Slot, TalkSeen
from escalation.suppression import ALL, SMALLEST_SHOWN
from models.words import WingId

# One number of a period: in which figure, of what part, and what it is. None is hidden; what is not there was not
# measured, as the speed of answer where nothing was answered.
Key = tuple[str, str, str]
Figures = Mapping[Key, int | None]

BAND = SMALLEST_SHOWN
# How wide the band of a share may be, in percent; with fewer than 25 calls five are more than that.
SHARE_BANDS = (5, 10, 20)
ENOUGH = 100 * BAND // SHARE_BANDS[-1]
# With fewer Listeners on a wing its hours are a person's.
ENOUGH_LISTENERS = 3


def times(here: Seen, since: datetime, until: datetime, *, hidden: bool) -> Figures:
    """``hidden``: how many calls there were is; then what they took is hidden as well, as it is of a few."""
    speeds = [speed for speed in map(measures.speed_of, here.calls) if speed is not None]
    rests = [rest for rest in map(measures.rest_time, here.talks) if rest is not None]
    talks = [one.ended_at - one.began_at for one in here.talks]
    busy = measures.occupancy(here, since, until)
    found = {
        "speed": _seconds(measures.average(speeds), 5),
        "longest": _seconds_at_most(max(speeds, default=None), 10),
        "talk": _seconds(measures.average(talks), 10),
        "rest": _seconds(measures.average(rests), 10),
        "occupancy": None if busy is None else round(100 * busy),
    }
    on_duty: dict[Key, int | None] = {("times", ALL, "on_duty"): _hours(here.shifts, since, until)}
    measured = {("times", ALL, kind): value for kind, value in found.items() if value is not None}
    return on_duty | (dict.fromkeys(measured) if hidden or 0 < len(speeds) < SMALLEST_SHOWN else measured)


def by_hour(here: Seen, days: Sequence[datetime], zone: ZoneInfo, total: int | None) -> Figures:
    """By hour of the clock over all days, and of each day of the week. ``total``: of all calls, as published."""
    slots = measures.by_slot(here.calls, zone)
    hours = {hour: [call for day in range(7) for call in slots[day, hour]] for hour in range(24)}
    on_duty = measures.on_duty_by_slot(here.shifts, _hours_of(days), zone)
    found: dict[Key, int | None] = {
        ("times", ALL, "dispersion"): round(10 * measures.dispersion(here.calls, days)),
        **_banded("hours", {str(hour): len(calls) for hour, calls in hours.items()}, total),
        **_banded("slots", {part_of(slot): len(slots[slot]) for slot in SLOTS}, total),
        **{("slots", part_of(slot), "on_duty"): round(10 * on_duty[slot]) for slot in SLOTS},
    }
    for hour, calls in hours.items():
        found["hours", str(hour), "on_duty"] = round(10 * sum(on_duty[day, hour] for day in range(7)) / 7)
        found |= {("hours", str(hour), kind): value for kind, value in _shares(calls)}
    return found


def of_week(here: Seen) -> Figures:
    """Of calls, and of shifts that began in it."""
    waited = [call for call in here.calls if call.waited_from is not None]
    in_time = sum(measures.signed_on(one) is SignedOn.ON_TIME for one in here.shifts)
    found: dict[Key, int | None] = {("shares", ALL, kind): value for kind, value in _shares(waited) if kind != "speed"}
    if width_of_share(len(here.shifts)):
        found["shares", ALL, "shifts"] = band(len(here.shifts))
        found["shares", ALL, "on_time"] = share_band(in_time, len(here.shifts))
    return found


def by_wing(here: Seen, since: datetime, until: datetime) -> Figures:
    """Hours on duty and minutes talked of a wing's Listeners, where there are enough of them."""
    found: dict[Key, int | None] = {}
    for wing in sorted({one.wing for one in here.shifts}):
        shifts = [one for one in here.shifts if one.wing == wing]
        enough = len({one.listener for one in shifts}) >= ENOUGH_LISTENERS
        found["wings", wing, "on_duty"] = _hours(shifts, since, until) if enough else None
        found["wings", wing, "talked"] = _minutes(here.talks, wing) if enough else None
    return found


def part_of(slot: Slot) -> str:
    return f"{slot[0]}-{slot[1]}"


def band(count: int) -> int:
    """The least count of its band."""
    return count // BAND * BAND


def _banded(figure: str, counts: Mapping[str, int], total: int | None) -> Figures:
    bands = {part: band(count) for part, count in counts.items()}
    safe = not total or _every_number_is_possible(tuple(bands.values()), total)
    return {(figure, part, "calls"): least if safe else None for part, least in bands.items()}


def _every_number_is_possible(bands: Sequence[int], total: int) -> bool:
    """Whether each count can be anything of its band when all of them are known to add up to the total."""
    left = total - sum(bands)
    return BAND - 1 <= left <= (BAND - 1) * (len(bands) - 1)


def _shares(calls: Sequence[CallSeen]) -> Iterator[tuple[str, int]]:
    """How many were answered, and how soon, and the average speed; nothing when they are too few."""
    if not width_of_share(len(calls)):
        return
    speeds = [speed for speed in map(measures.speed_of, calls) if speed is not None]
    yield "answered", share_band(len(speeds), len(calls))
    for step in STEPS:
        yield f"within_{step}", share_band(sum(one <= timedelta(seconds=step) for one in speeds), len(calls))
    average = _seconds(measures.average(speeds), 10)
    if average is not None and len(speeds) >= ENOUGH:
        yield "speed", average


def share_band(some: int, every: int) -> int:
    """The least percentage of its band; all of them are in the last one."""
    width = width_of_share(every)
    return min(100 - width, 100 * some // every // width * width)


def width_of_share(every: int) -> int:
    """In percent; 0 when they are too few for any. Who knows only the band of ``every`` finds the same."""
    return next((width for width in SHARE_BANDS if width * band(every) >= 100 * BAND), 0)


def _hours_of(days: Sequence[datetime]) -> Sequence[datetime]:
    return [hour for since, until in pairwise(days) for hour in measures.hours_between(since, until)]


def _hours(shifts: Sequence[ShiftSeen], since: datetime, until: datetime) -> int:
    return round(measures.duty_time(shifts, since, until) / HOUR)


def _minutes(talks: Sequence[TalkSeen], wing: WingId) -> int:
    """To the nearest ten."""
    return round(measures.talk_time(one for one in talks if one.wing == wing) / timedelta(minutes=10)) * 10


def _seconds(time: timedelta | None, to: int) -> int | None:
    return None if time is None else round(time.total_seconds() / to) * to


def _seconds_at_most(time: timedelta | None, to: int) -> int | None:
    return None if time is None else -int(-time.total_seconds() // to) * to
