"""Who is on duty now, who comes next, and when too few are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from models.words import Cover, ListenerId
from rota.shift import Shift


@dataclass(frozen=True, slots=True)
class OnShift:
    listener: ListenerId
    cover: Cover


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverNow:
    """Who is on until when, and who is on from then; ``until`` is empty when the rota never changes again."""

    on: tuple[OnShift, ...]
    until: datetime | None
    next: tuple[OnShift, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Fewer Listeners than needed; ``fewest`` is how few it gets."""

    starts_at: datetime
    ends_at: datetime
    fewest: int


def on_duty(shifts: Iterable[Shift], now: datetime) -> tuple[OnShift, ...]:
    """FIRST before BACKUP, then by start, then by id; a Listener with two shifts at once counts once, as FIRST."""
    covering = sorted((shift for shift in shifts if shift.covers(now)), key=_rank)
    # A dict keeps the first place of each Listener; setdefault keeps the first cover.
    covers: dict[ListenerId, Cover] = {}
    for shift in covering:
        covers.setdefault(shift.listener, shift.cover)
    return tuple(OnShift(listener, cover) for listener, cover in covers.items())


def cover_now_and_next(shifts: Iterable[Shift], now: datetime) -> CoverNow:
    known = tuple(shifts)
    on = on_duty(known, now)
    for moment in _changes(known):
        # A shift that follows another of the same Listener changes nothing that anybody should see.
        if moment > now and set(following := on_duty(known, moment)) != set(on):
            return CoverNow(on=on, until=moment, next=following)
    return CoverNow(on=on, until=None, next=on)


def gaps(shifts: Iterable[Shift], *, since: datetime, until: datetime, minimum: int) -> tuple[Gap, ...]:
    """The spans between ``since`` and ``until`` in which fewer than ``minimum`` Listeners are on."""
    known = tuple(shifts)
    found: list[Gap] = []
    for starts_at, ends_at in _spans(known, since, until):
        on = len(on_duty(known, starts_at))
        if on >= minimum:
            continue
        if found and found[-1].ends_at == starts_at:
            before = found.pop()
            found.append(Gap(starts_at=before.starts_at, ends_at=ends_at, fewest=min(before.fewest, on)))
        else:
            found.append(Gap(starts_at=starts_at, ends_at=ends_at, fewest=on))
    return tuple(found)


def _rank(shift: Shift) -> tuple[bool, datetime, ListenerId]:
    return shift.cover is not Cover.FIRST, shift.starts_at, shift.listener


def _changes(shifts: Iterable[Shift]) -> list[datetime]:
    return sorted({moment for shift in shifts for moment in (shift.starts_at, shift.ends_at)})


def _spans(shifts: Iterable[Shift], since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    inside = [moment for moment in _changes(shifts) if since < moment < until]
    return pairwise([since, *inside, until])
