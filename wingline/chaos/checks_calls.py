"""What has to hold for callers and Listeners, whatever broke meanwhile: pure functions over a history."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import TypeVar

from ivr.asterisk_config import MISSED_WITHIN_SECONDS
from wingline.chaos import cuts
from wingline.chaos.bounds import Bounds
from wingline.chaos.faulty_times import lost, overlapping
from wingline.chaos.history import CallerStory, EndedBy, Heard, History, PhoneCall
from wingline.chaos.kinds import ENDS_CALLS, KEEPS_FROM_DIALLING, STOPS_THE_LINE, TAKES_THE_SOUND, FaultKind
from wingline.chaos.plan import LISTENERS
from wingline.chaos.signs import ABOUT_A_HUMAN, GOODBYE, STAFF_ARE_TOLD
from wingline.chaos.violation import Broken

T = TypeVar("T")
FIRST = "first"

# Somebody may be heard between two others for a moment when one Listener hands a call over to another.
_BETWEEN_SECONDS = 15.0
# A caller whose keys are lost in the opening hears it to its end, as one who mashes keys does (plan.py).
UNHEARD_KEYS = 24.0
_UNPLUGGED = frozenset({FaultKind.PHONE_UNPLUGGED})


def reaches_a_human(history: History, bounds: Bounds) -> Iterator[Broken]:
    """As long as somebody is on the line, they are never for long without a human, or a word about the next one."""
    for story, call in _calls(history):
        signs = [(one.at, one.until) for one in call.heard if _is_about_a_human(one)]
        after = min(_is_through(history, story, call), call.ended)
        for begins, ends in _gaps([*signs, *cuts.unheard(history, call)], after, call.ended):
            allowed = bounds.human + lost(history.faults, TAKES_THE_SOUND, begins, ends)
            if any(overlapping(history.faults, STOPS_THE_LINE, begins, ends)):
                allowed += bounds.rung_anew
            allowed += _until_missed(history, call, begins, ends)
            if ends - begins > allowed:
                what = f"{ends - begins:.0f} s without a human or a word about one, from {begins:.0f} s on"
                yield _broken("reaches_a_human", story, f"{what}; at most {allowed:.0f} s")


def is_never_silent(history: History, bounds: Bounds) -> Iterator[Broken]:
    """The line is never dead: some sound comes within the time that the dialplan gives to a line that is silent."""
    for story, call in _calls(history):
        unheard = cuts.unheard(history, call)
        for begins, ends in (piece for silent in call.silent for piece in _gaps(unheard, *silent)):
            allowed = bounds.silence + lost(history.faults, TAKES_THE_SOUND, begins - 1, ends + 1)
            allowed += _until_missed(history, call, begins, ends)
            if ends - begins > allowed:
                what = f"{ends - begins:.1f} s of silence from {begins:.0f} s on; at most {allowed:.0f} s"
                yield _broken("is_never_silent", story, what)


def _is_through(history: History, story: CallerStory, call: PhoneCall) -> float:
    """When the opening is over: later, when keys in it were lost."""
    planned = call.began + story.plan.through
    lost_keys = any(began < planned for began, _ in cuts.mute(history, call))
    return planned + (UNHEARD_KEYS if lost_keys else 0)


def _until_missed(history: History, call: PhoneCall, begins: float, ends: float) -> float:
    """Seconds that are nobody's fault, if who is with this caller then has a phone that lost its power meanwhile."""
    there = [one for one in history.members if one.joined < ends and (one.left is None or one.left > begins)]
    mine = {one.call for one in there if one.who == call.who}
    with_them = {one.who: one for one in there if one.call in mine and one.who != call.who}
    for fault in history.faults:
        gone = with_them.get(fault.who or "") if fault.kind in _UNPLUGGED else None
        if gone and fault.began < ends and (gone.left is None or gone.left > fault.began):
            return MISSED_WITHIN_SECONDS
    return 0.0


def is_answered(history: History, bounds: Bounds) -> Iterator[Broken]:
    """Who dials the code is answered, unless there is no Asterisk at that moment; then soon after it is back."""
    for story in history.callers:
        for attempt in story.dialled:
            until = attempt.given_up if attempt.answered is None else attempt.answered
            late = until - attempt.at > bounds.answered
            if late and not any(overlapping(history.faults, KEEPS_FROM_DIALLING, attempt.at - 1, until)):
                yield _broken("is_answered", story, f"dialled at {attempt.at:.0f} s, not answered by {until:.0f} s")


def is_not_cut_off(history: History, bounds: Bounds) -> Iterator[Broken]:
    """No call ends but by the caller's hand, after a goodbye, after a human outside has hung up, or with Asterisk."""
    del bounds
    for story, call in _calls(history):
        if call.by is EndedBy.SELF or _ended_by_a_fault(history, call):
            continue
        since = call.ended - 12
        last = [one for one in call.heard if one.until > since]
        # Nobody knows what was said to a phone to which nothing came.
        knows = not any(over > since for _, over in cuts.deaf(history, call))
        if knows and not any(one.what in GOODBYE or _is_from_outside(one) for one in last):
            yield _broken(
                "is_not_cut_off", story, f"cut off at {call.ended:.0f} s, after {call.ended - call.began:.0f} s"
            )


def calls_again_and_reaches_somebody(history: History, bounds: Bounds) -> Iterator[Broken]:
    """When Asterisk has died its calls are over; what holds then is that whoever dials again and again gets through."""
    cut = {id(story): call.ended for story, call in _calls(history) if call.by is not EndedBy.SELF}
    for story in history.callers:
        again = [one for one in story.dialled if one.at > cut.get(id(story), 0.0)]
        if not again or again[-1].answered is not None:
            continue
        last = again[-1]
        if not any(overlapping(history.faults, KEEPS_FROM_DIALLING, last.at - bounds.answered, last.given_up)):
            tried = f"dialled {len(again)} times, at last at {last.at:.0f} s, and never answered"
            yield _broken("calls_again", story, tried)


# ---- who is with whom


def has_one_listener(history: History, bounds: Bounds) -> Iterator[Broken]:
    """By what Asterisk says of its conferences, by the rows, and by whose voices the caller heard in between."""
    del bounds
    yield from _crowded(history)
    for call, talks in _grouped((talk for talk in history.rows.talks if talk.seat == FIRST), lambda one: one.call):
        for one, other in pairwise(sorted(talks, key=lambda one: one.began)):
            if one.ended is None or one.ended > other.began:
                yield Broken("has_one_listener", call, f"{one.listener} and {other.listener} both had the call")
    yield from _heard_together(_alone_with_one(history), set(LISTENERS), "has_one_listener")


def _alone_with_one(history: History) -> Iterator[PhoneCall]:
    """Callers' calls in which no Listener asked for a second one."""
    with_second = {talk.call for talk in history.rows.talks if talk.seat != FIRST}
    for _, call in _calls(history):
        calls = {one.call for one in history.members if one.who == call.who and call.began <= one.joined <= call.ended}
        if not calls & with_second:
            yield call


def has_one_call(history: History, bounds: Bounds) -> Iterator[Broken]:
    """No Listener is in two calls: by the rows, and by whose voices the Listener heard."""
    del bounds
    for listener, talks in _grouped(history.rows.talks, lambda one: one.listener):
        for one, other in pairwise(sorted(talks, key=lambda one: one.began)):
            if one.ended is None or one.ended > other.began:
                yield Broken("has_one_call", other.call, f"{listener} still had {one.call}")
    callers = {call.who for _, call in _calls(history)}
    yield from _heard_together(history.others, callers, "has_one_call")


def _crowded(history: History) -> Iterator[Broken]:
    """Two callers in one conference, or more Listeners than there are seats."""
    seats: dict[str, set[str]] = {}
    for talk in history.rows.talks:
        seats.setdefault(talk.call, set()).add(talk.seat)
    for call, members in _grouped(history.members, lambda one: one.call):
        together = list(members)
        for member in together:
            there = {
                one.who
                for one in together
                if one.joined <= member.joined and (one.left is None or one.left > member.joined)
            }
            callers = {who for who in there if who.startswith("caller-")}
            if len(callers) > 1 or len(there - callers) > max(1, len(seats.get(call, ()))):
                yield Broken("has_one_listener", call, f"{', '.join(sorted(there))} were together")


def _heard_together(calls: Iterable[PhoneCall], speakers: set[str], invariant: str) -> Iterator[Broken]:
    """One, another, and the first again within seconds: both were there at once."""
    for call in calls:
        heard = [one for one in call.heard if one.speaker in speakers]
        for one, other, again in zip(heard, heard[1:], heard[2:], strict=False):
            if one.speaker == again.speaker != other.speaker and again.at - one.at < _BETWEEN_SECONDS:
                what = f"heard {one.speaker} and {other.speaker} at once, at {other.at:.0f} s"
                yield Broken(invariant, call.who, what)
                break


# ---- parts


def _broken(invariant: str, story: CallerStory, what: str) -> Broken:
    return Broken(invariant, str(story.plan.number), what)


def _calls(history: History) -> Iterator[tuple[CallerStory, PhoneCall]]:
    """A call is over when Asterisk dies, although nobody tells the phone, which only hears nothing any more."""
    deaths = [fault.began for fault in history.faults if fault.kind is FaultKind.ASTERISK_KILLED]
    for story in history.callers:
        for call in story.calls:
            died = next((at for at in deaths if call.began - 1 < at < call.ended), None)
            yield story, call if died is None else _until(call, died)


def _until(call: PhoneCall, died: float) -> PhoneCall:
    silent = tuple((begins, min(ends, died)) for begins, ends in call.silent if begins < died)
    heard = tuple(one for one in call.heard if one.at < died)
    return replace(call, ended=died, by=EndedBy.FAULT, heard=heard, silent=silent)


def _is_about_a_human(one: Heard) -> bool:
    return one.speaker is not None or one.what in ABOUT_A_HUMAN | STAFF_ARE_TOLD | GOODBYE


def _is_from_outside(one: Heard) -> bool:
    """The dialplan alone hangs up when a helpline or a duty office has (wl-alone)."""
    return one.speaker is not None or one.what in ("wait/outside", "wait/duty-office")


def _gaps(signs: Sequence[cuts.Stretch], begins: float, ends: float) -> Iterator[cuts.Stretch]:
    """Between two signs, and before the first and after the last."""
    covered = begins
    for since, until in sorted(signs):
        if covered < since and covered < ends:
            yield covered, min(since, ends)
        covered = max(covered, until)
    if covered < ends:
        yield covered, ends


def _ended_by_a_fault(history: History, call: PhoneCall) -> bool:
    near = overlapping(history.faults, ENDS_CALLS, call.ended - 2, call.ended + 2)
    return call.by is EndedBy.FAULT or any(one.who in (None, call.who) for one in near)


def _grouped(items: Iterable[T], key: Callable[[T], str]) -> Iterator[tuple[str, Iterator[T]]]:
    return groupby(sorted(items, key=key), key)
