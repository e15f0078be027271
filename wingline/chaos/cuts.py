"""What a call could not hear because RTP alone was lost: from the driver's own log of which phone was cut when."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from wingline.chaos.history import Cut, History, PhoneCall

Stretch = tuple[float, float]

# Sound is in blocks of a quarter of a second, and a phone's clock of its sound a little off.
_BLURRED = 1.0
# Of the voice at the other end of a call without a conference: it is heard every few seconds (people.py).
_AT_THE_EDGE = 2.0


def deaf(history: History, call: PhoneCall) -> Iterator[Stretch]:
    """When nothing came to this phone, in this call of its own."""
    return _stretches(cut for cut in _of_its_call(history, call) if cut.deaf)


def mute(history: History, call: PhoneCall) -> Iterator[Stretch]:
    """When nothing of this phone came to Asterisk, its keys neither."""
    return _stretches(cut for cut in _of_its_call(history, call) if cut.mute)


def unheard(history: History, call: PhoneCall) -> tuple[Stretch, ...]:
    """When this call may have been silent: its own phone was deaf, or whoever was with it mute."""
    return (*deaf(history, call), *(one for other in _all_calls(history) for one in _mute_beside(history, call, other)))


def _of_its_call(history: History, call: PhoneCall) -> Iterator[Cut]:
    """The next call of that phone has other sockets, which nobody cut."""
    for cut in history.cuts:
        if cut.who == call.who and call.began <= cut.began < call.ended:
            yield replace(cut, over=min(cut.over, call.ended))


def _stretches(cuts: Iterator[Cut]) -> Iterator[Stretch]:
    return ((cut.began - _BLURRED, cut.over + _BLURRED) for cut in cuts)


def _mute_beside(history: History, call: PhoneCall, other: PhoneCall) -> Iterator[Stretch]:
    if other.who == call.who:
        return
    for began, over in mute(history, other):
        for since, until in _together(history, call, other):
            if began < until and over > since:
                yield max(began, since), min(over, until)


def _together(history: History, call: PhoneCall, other: PhoneCall) -> Iterator[Stretch]:
    """In one conference, as Asterisk says; outside of conferences, when one of them heard the other."""
    if in_conference := list(_in_conference(history, call.who, other.who)):
        yield from in_conference
        return
    since, until = max(call.began, other.began), min(call.ended, other.ended)
    for hearer, speaker in ((call, other), (other, call)):
        if any(one.speaker == speaker.who and since - _AT_THE_EDGE < one.at < until for one in hearer.heard):
            yield since, until


def _in_conference(history: History, one: str, other: str) -> Iterator[Stretch]:
    for mine, theirs in product(history.members, repeat=2):
        if (mine.who, theirs.who) == (one, other) and mine.call == theirs.call:
            ends = (history.ended if member.left is None else member.left for member in (mine, theirs))
            yield max(mine.joined, theirs.joined), min(ends)


def _all_calls(history: History) -> Iterator[PhoneCall]:
    yield from history.others
    for story in history.callers:
        yield from story.calls
