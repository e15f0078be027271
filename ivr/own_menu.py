"""What a Listener hears on their own line: which prompts for which facts."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from ivr.own_store import Duty, Kept
from ivr.spoken_time import Prompts, spoken_clock, spoken_date, spoken_number, spoken_shift
from models.words import Cover, Prompt
from rota.own_shifts import OwnShift, ToTake

_COVER = {Cover.FIRST: Prompt("own/first-cover"), Cover.BACKUP: Prompt("own/backup")}


def menu(duty: Duty, *, whole: bool) -> Prompts:
    """``whole``: the PIN was right; without it there is on and off duty alone."""
    rest: Prompts = (Prompt("own/menu"),) if whole else ()
    if duty.to_sign_on and whole:
        return (Prompt("own/key-sign-on"), *rest)
    return (Prompt("own/key-on-duty" if duty.off else "own/key-off-duty"), *rest)


def next_shifts(shifts: Sequence[OwnShift], *, now: datetime, zone: tzinfo) -> Prompts:
    said = tuple(prompt for shift in shifts for prompt in _own_shift(shift, now, zone))
    return said or (Prompt("own/no-shifts"),)


def to_swap(shifts: Sequence[OwnShift], *, now: datetime, zone: tzinfo) -> Prompts:
    """Each with the key that asks for a swap, or takes that back."""
    said: list[Prompt] = []
    for number, shift in enumerate(shifts, start=1):
        press = Prompt("own/to-keep-it-press" if shift.swap else "own/to-ask-for-a-swap-press")
        said += [*_own_shift(shift, now, zone), press, Prompt(f"digits/{number}")]
    return tuple(said)


def to_take(one: ToTake, *, now: datetime, zone: tzinfo) -> Prompts:
    return (*spoken_shift(one.starts_at, one.ends_at, now=now, zone=zone), Prompt("own/to-take-it"))


def rests(until: datetime, *, zone: tzinfo) -> Prompts:
    return (Prompt("own/rest-until"), *spoken_clock(until.astimezone(zone)))


def kept(known: Kept, *, zone: tzinfo) -> Prompts:
    return (
        Prompt("own/kept"),
        Prompt(f"own/standing-{known.standing}"),
        *_certificate(known, zone),
        Prompt("own/talked"),
        *_how_long(known.listened),
        Prompt("own/nights"),
        *spoken_number(known.nights),
        Prompt("own/debrief-wanted" if known.wants_debrief else "own/debrief-not-wanted"),
        Prompt("own/kept-apart" if known.kept_apart else "own/not-kept-apart"),
        Prompt("kept/listener"),
    )


def _own_shift(shift: OwnShift, now: datetime, zone: tzinfo) -> Prompts:
    said = (*spoken_shift(shift.starts_at, shift.ends_at, now=now, zone=zone), _COVER[shift.cover])
    if shift.swap:
        return (*said, Prompt("own/swap-is-asked"))
    return (*said, Prompt("own/signed-on")) if shift.checked_in else said


def _certificate(known: Kept, zone: tzinfo) -> Prompts:
    if known.certified_from is None:
        return (Prompt("own/certificate-none"),)
    if known.certified_until is None:
        return (Prompt("own/certificate-open"),)
    # It ends just before this moment, which may be midnight.
    last = known.certified_until.astimezone(zone) - timedelta(microseconds=1)
    return (Prompt("own/certificate-until"), *spoken_date(last))


def _how_long(lasted: timedelta) -> Prompts:
    hours, minutes = divmod(int(lasted / timedelta(minutes=1)), 60)
    said = (*spoken_number(hours), Prompt("own/hour" if hours == 1 else "own/hours")) if hours else ()
    return *said, *spoken_number(minutes), Prompt("own/minute" if minutes == 1 else "own/minutes")
