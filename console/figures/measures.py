"""The measures of a helpline, by the names that helplines give them (Lifeline, Call Center Metrics part 1).

Pure: from rows without anybody in them to numbers before anything is hidden. What each measure means, in the words of
the page, is in ``wording.py``; how numbers are hidden is in ``hiding.py``.
"""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from models.words import ListenerId, OfferEnd, WingId
from rota.local_time import overlap
from rota.own_shifts import LATE

HOUR = timedelta(hours=1)
# Seconds within which a call was answered; a page shows the service level at each.
STEPS = (20, 30, 60, 120)
# Who hangs up as soon as this did not give up waiting (SM-4): a wrong key, or a cell mate came in.
AT_ONCE = timedelta(seconds=10)


class Ending(StrEnum):
    """How the first wait of a call ended; every call that waited has exactly one."""

    ANSWERED = "answered"  # a Listener took it
    OUTSIDE = "outside"  # nobody did, and it went on to the outside helpline, no further
    DUTY_OFFICE = "duty_office"  # and on to the duty office
    ABANDONED = "abandoned"  # the caller hung up while waiting
    AT_ONCE = "at_once"  # within the first seconds of it


class SignedOn(StrEnum):
    """Whether a Listener signed on for a shift."""

    ON_TIME = "on_time"
    LATE = "late"
    NEVER = "never"


# Rings that no Listener took for a reason of their own; the others are known from the calls.
NOT_TAKEN = (OfferEnd.PASSED, OfferEnd.MISSED, OfferEnd.OFF_DUTY, OfferEnd.UNREACHABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSeen:
    """One call that is over; ``waited_from`` is empty when it ended before anybody was rung."""

    began_at: datetime
    ended_at: datetime
    waited_from: datetime | None = None
    answered_at: datetime | None = None
    outside_at: datetime | None = None
    duty_office_at: datetime | None = None
    listening: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkSeen:
    listener: ListenerId
    wing: WingId
    began_at: datetime
    ended_at: datetime
    rest_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RingSeen:
    rang_at: datetime
    end: OfferEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftSeen:
    listener: ListenerId
    wing: WingId
    starts_at: datetime
    ends_at: datetime
    signed_on_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The rows of one span of time."""

    calls: tuple[CallSeen, ...] = ()
    talks: tuple[TalkSeen, ...] = ()
    rings: tuple[RingSeen, ...] = ()
    shifts: tuple[ShiftSeen, ...] = ()

    def between(self, since: datetime, until: datetime) -> "Seen":
        """Calls, talks and rings that began then; shifts with at least a moment then."""
        return Seen(
            tuple(one for one in self.calls if since <= one.began_at < until),
            tuple(one for one in self.talks if since <= one.began_at < until),
            tuple(one for one in self.rings if since <= one.rang_at < until),
            tuple(one for one in self.shifts if one.starts_at < until and one.ends_at > since),
        )


# ---- calls


def ending_of(call: CallSeen) -> Ending | None:
    """None when it ended before it waited."""
    if call.waited_from is None:
        return None
    if call.answered_at is not None:
        return Ending.ANSWERED
    if call.duty_office_at is not None:
        return Ending.DUTY_OFFICE
    if call.outside_at is not None:
        return Ending.OUTSIDE
    return Ending.AT_ONCE if call.ended_at - call.waited_from <= AT_ONCE else Ending.ABANDONED


def speed_of(call: CallSeen) -> timedelta | None:
    """Speed of answer (SM-6): from when Listeners were first rung until one had taken the call."""
    if call.waited_from is None or call.answered_at is None:
        return None
    return max(timedelta(), call.answered_at - call.waited_from)


def step_of(speed: timedelta) -> str:
    """The first step within which it was answered."""
    return next((f"within_{step}" for step in STEPS if speed <= timedelta(seconds=step)), "later")


WAITS = (*(f"within_{step}" for step in STEPS), "later")


def endings(calls: Iterable[CallSeen]) -> Counter[str]:
    return Counter(end.value for end in map(ending_of, calls) if end)


def waits(calls: Iterable[CallSeen]) -> Counter[str]:
    return Counter(step_of(speed) for speed in map(speed_of, calls) if speed is not None)


def average(times: Sequence[timedelta]) -> timedelta | None:
    return sum(times, timedelta()) / len(times) if times else None


# ---- Listeners


def talk_time(talks: Iterable[TalkSeen]) -> timedelta:
    return sum((one.ended_at - one.began_at for one in talks), timedelta())


def rest_time(talk: TalkSeen) -> timedelta | None:
    """After-call work (EM-2): for how long the Listener was not to be rung."""
    return None if talk.rest_until is None else max(timedelta(), talk.rest_until - talk.ended_at)


def duty_time(shifts: Iterable[ShiftSeen], since: datetime, until: datetime) -> timedelta:
    return sum((overlap((one.starts_at, one.ends_at), (since, until)) for one in shifts), timedelta())


def occupancy(seen: Seen, since: datetime, until: datetime) -> float | None:
    """Which share of their time on duty Listeners talked (EM-4); None without time on duty.

    A talk that goes on after the shift counts until its end. No Listener has two talks or two shifts at once (the
    database sees to that), so that it is never more than all of it.
    """
    on_duty = duty_time(seen.shifts, since, until)
    if not on_duty:
        return None
    shifts: defaultdict[ListenerId, list[tuple[datetime, datetime]]] = defaultdict(list)
    for one in seen.shifts:
        shifts[one.listener].append((max(one.starts_at, since), min(one.ends_at, until)))
    talked = (overlap((one.began_at, one.ended_at), own) for one in seen.talks for own in shifts[one.listener])
    return sum(talked, timedelta()) / on_duty


def signed_on(shift: ShiftSeen) -> SignedOn:
    """Schedule adherence (EM-7): late as the coordinator is told that somebody is."""
    if shift.signed_on_at is None:
        return SignedOn.NEVER
    return SignedOn.ON_TIME if shift.signed_on_at <= shift.starts_at + LATE else SignedOn.LATE


# ---- by hour of the clock


Slot = tuple[int, int]  # weekday (Monday is 0) and hour
SLOTS: tuple[Slot, ...] = tuple((weekday, hour) for weekday in range(7) for hour in range(24))


def slot_of(moment: datetime, zone: ZoneInfo) -> Slot:
    local = moment.astimezone(zone)
    return local.weekday(), local.hour


def by_slot(calls: Iterable[CallSeen], zone: ZoneInfo) -> Mapping[Slot, Sequence[CallSeen]]:
    """Calls that waited, by when that began."""
    found: dict[Slot, list[CallSeen]] = {slot: [] for slot in SLOTS}
    for call in calls:
        if call.waited_from is not None:
            found[slot_of(call.waited_from, zone)].append(call)
    return found


def on_duty_by_slot(shifts: Iterable[ShiftSeen], hours: Iterable[datetime], zone: ZoneInfo) -> Mapping[Slot, float]:
    """Listeners on duty, as a mean over the hours of the clock that begin with ``hours``."""
    known = sorted(shifts, key=lambda one: one.starts_at)
    times, spent = Counter[Slot](), dict.fromkeys(SLOTS, timedelta())
    coming, running = deque(known), list[ShiftSeen]()
    for begins in sorted(hours):
        ends = begins + HOUR
        while coming and coming[0].starts_at < ends:
            running.append(coming.popleft())
        running = [one for one in running if one.ends_at > begins]
        slot = slot_of(begins, zone)
        times[slot] += 1
        spent[slot] += duty_time(running, begins, ends)
    return {slot: spent[slot] / HOUR / times[slot] if times[slot] else 0.0 for slot in SLOTS}


def hours_between(since: datetime, until: datetime) -> Sequence[datetime]:
    return [since + HOUR * number for number in range(int((until - since) / HOUR))]


def dispersion(calls: Iterable[CallSeen], days: Sequence[datetime]) -> float:
    """How much more days differ than chance alone would make them: variance by mean of a day's calls, at least 1.

    ``days``: the first moment of each day, and of the day after the last.
    """
    moments = sorted(call.waited_from for call in calls if call.waited_from is not None)
    places = [bisect_left(moments, day) for day in days]
    counts = [until - since for since, until in pairwise(places)]
    mean = sum(counts) / len(counts)
    if len(counts) < 2 or not mean:
        return 1.0
    return max(1.0, sum((count - mean) ** 2 for count in counts) / (len(counts) - 1) / mean)
