"""What has to hold for escalations: none lost, none doubled, and staff rung until it is closed."""

from collections.abc import Iterator
from itertools import combinations, pairwise

from models.words import TellingEnd
from wingline.chaos import cuts
from wingline.chaos.bounds import BUSY, Bounds
from wingline.chaos.faulty_times import lost, overlapping
from wingline.chaos.history import EndedBy, Escalation, History, PhoneCall, Telling
from wingline.chaos.kinds import STOPS_THE_LINE, TAKES_THE_SOUND, FaultKind
from wingline.chaos.signs import ANSWERS_TO_STAFF, LISTENER_HEARS_STAFF_CALLED, STAFF_ARE_TOLD
from wingline.chaos.violation import Broken

# The line may die between the words and the row: then the words were not heard to their end either.
# Words are heard a moment after it was written down that somebody is owed them (ivr/owed.py).
_BETWEEN_WORDS_AND_FILE = 0.5
_FULL = frozenset({FaultKind.DISK_FULL})
_SHORTEST_RING = 1.5
_IN_ONE_ACT = 0.5
_JUMPS = frozenset({FaultKind.CLOCK_JUMPED})
_BY_SOMEBODY = frozenset({TellingEnd.ACKNOWLEDGED, TellingEnd.CANNOT_GO, TellingEnd.NOT_NEEDED})
# Until a phone that was answered is known to be listened to.
_SESSION_BEGINS = 1.0


def is_not_lost(history: History, bounds: Bounds) -> Iterator[Broken]:
    """Whoever heard that staff are told was told the truth: there is a row about their cell."""
    for story in history.callers:
        for call in story.calls:
            for one in call.heard:
                if one.what in STAFF_ARE_TOLD and not _has_row(history, bounds, story.cell, one.at):
                    what = f"heard {one.what} at {one.at:.0f} s, and no escalation says so"
                    yield Broken("is_not_lost", str(story.plan.number), what)
    for call in history.others:
        for one in call.heard:
            cell = _cell_with(history, call, one.at) if one.what == LISTENER_HEARS_STAFF_CALLED else None
            if cell and not _has_row(history, bounds, cell, one.at):
                what = f"heard {one.what} at {one.at:.0f} s, and no escalation says so"
                yield Broken("is_not_lost", call.who, what)


def is_not_doubled(history: History, bounds: Bounds) -> Iterator[Broken]:
    """Behind one door there is one escalation at a time; a second danger joins it."""
    del bounds
    told = [one for one in history.rows.escalations if one.cell and not one.kept]
    for one, other in combinations(told, 2):
        if one.cell == other.cell and (one.closed is None or one.closed > other.raised):
            what = f"raised at {other.raised:.0f} s, while {one.id} of {one.raised:.0f} s was open behind that door"
            yield Broken("is_not_doubled", other.id, what)


def somebody_is_told(history: History, bounds: Bounds) -> Iterator[Broken]:
    """Until it is closed, staff are rung again and again; the clocks of whoever goes are in the bound."""
    for one in history.rows.escalations:
        if one.kept:
            continue
        for begins, ends in _nobody_told(history, one):
            # A clock that is put back begins the wait anew.
            jumps = len(list(overlapping(history.faults, _JUMPS, begins, ends)))
            allowed = bounds.nobody_told + jumps * (bounds.nobody_told - BUSY)
            allowed += lost(history.faults, STOPS_THE_LINE, begins, ends)
            if ends - begins > allowed:
                what = f"nobody was told for {ends - begins:.0f} s from {begins:.0f} s on; at most {allowed:.0f} s"
                yield Broken("somebody_is_told", one.id, what)


def is_rung_once(history: History, bounds: Bounds) -> Iterator[Broken]:
    """However many nodes tell staff, a phone rings once at a time for one escalation."""
    del bounds
    mine = sorted(history.rows.tellings, key=lambda one: (one.escalation, one.post, one.began))
    for one, other in pairwise(mine):
        same = (one.escalation, one.post) == (other.escalation, other.post)
        # What rings again at once because it is graver now ends and begins in one act.
        twice = one.ended is None or one.ended > other.began + _IN_ONE_ACT
        if same and twice and not any(overlapping(history.faults, _JUMPS, one.began - 1, other.began + 1)):
            what = f"{one.post} was rung at {other.began:.0f} s, and still rang since {one.began:.0f} s"
            yield Broken("is_rung_once", one.escalation, what)


def rings_as_written(history: History, bounds: Bounds) -> Iterator[Broken]:
    """What the row of a telling says, the phone of that post knows: it rang, unless it was engaged."""
    # A telling that was written in the future has the time at which the clock was put back (clock_put_back.py).
    troubles = STOPS_THE_LINE | TAKES_THE_SOUND | _JUMPS
    for one in history.rows.tellings:
        until = history.ended if one.ended is None else one.ended
        if one.end == TellingEnd.UNREACHABLE or until - one.began < _SHORTEST_RING or _engaged(history, one):
            continue
        rang = any(ring.who == one.post and -1 < ring.at - one.began < bounds.rang for ring in history.rings)
        if not rang and not any(overlapping(history.faults, troubles, one.began - 2, one.began + bounds.rang)):
            yield Broken(
                "rings_as_written", one.escalation, f"{one.post} was to ring at {one.began:.0f} s, and did not"
            )


def staff_hear_what_came_of_it(history: History, bounds: Bounds) -> Iterator[Broken]:
    """Who takes it, or cannot go, hears that it counted; who still listens then, that somebody else goes."""
    del bounds
    troubles = STOPS_THE_LINE | TAKES_THE_SOUND | _JUMPS
    for one in history.rows.tellings:
        if one.ended is None or one.end not in _BY_SOMEBODY or _rung_again(history, one):
            continue
        for call in history.others:
            in_it = call.who == one.post and call.began + _SESSION_BEGINS < one.ended < call.ended
            told = any(said.what in ANSWERS_TO_STAFF and said.at > one.ended - 1 for said in call.heard)
            unheard = any(over > one.ended - 1 for _, over in cuts.deaf(history, call))
            if not in_it or told or unheard or call.by is not EndedBy.OTHER:
                continue
            if not any(overlapping(history.faults, troubles, one.ended - 2, call.ended + 1)):
                what = (
                    f"{one.post}: {one.end} at {one.ended:.0f} s, and hung up on at {call.ended:.0f} s without a word"
                )
                yield Broken("staff_hear_what_came_of_it", one.escalation, what)


# ---- parts


def _has_row(history: History, bounds: Bounds, cell: str, at: float) -> bool:
    later = lost(history.faults, STOPS_THE_LINE, at - 1, at + 60)
    for one in history.rows.escalations:
        in_time = one.raised < at + bounds.written + later
        if one.cell == cell and in_time and (one.closed is None or one.closed > at - bounds.written):
            return True
    # A disk that is full takes neither row nor file, until then.
    full = (one.over or history.ended for one in overlapping(history.faults, _FULL, at - 1, at + 1))
    nowhere_until = max(full, default=at + _BETWEEN_WORDS_AND_FILE)
    ended = overlapping(history.faults, STOPS_THE_LINE - _FULL, at - 1, nowhere_until)
    return any(at - 1 < one.began < nowhere_until for one in ended)


def _cell_with(history: History, listener: PhoneCall, at: float) -> str | None:
    """Where the caller is whom this Listener has: by what Asterisk says of the conference."""

    def there(who: str) -> set[str]:
        members = (one for one in history.members if one.who == who)
        return {one.call for one in members if one.joined <= at and (one.left is None or one.left >= at)}

    calls = there(listener.who)
    for story in history.callers:
        if any(call.began <= at <= call.ended and there(call.who) & calls for call in story.calls):
            return story.cell
    return None


def _nobody_told(history: History, escalation: Escalation) -> Iterator[tuple[float, float]]:
    ends = history.ended if escalation.closed is None else escalation.closed
    told_until = escalation.raised
    mine = (one for one in history.rows.tellings if one.escalation == escalation.id)
    for one in sorted(mine, key=lambda one: one.began):
        if one.began > told_until:
            yield told_until, min(one.began, ends)
        told_until = max(told_until, ends if one.ended is None else one.ended)
    if told_until < ends:
        yield told_until, ends


def _rung_again(history: History, telling: Telling) -> bool:
    """At once, because it is graver now: then the call before it ends without a word."""
    ended = telling.ended
    return ended is not None and any(
        one.post == telling.post and ended - 0.5 < one.began < ended + 2 for one in history.rows.tellings
    )


def _engaged(history: History, telling: Telling) -> bool:
    """In a call, or ringing for somebody else."""
    mine = [call for call in history.others if call.who == telling.post]
    if any(call.began - 1 < telling.began < call.ended + 1 for call in mine):
        return True
    return any(
        one is not telling
        and one.post == telling.post
        and one.began <= telling.began
        and (one.ended is None or one.ended > telling.began)
        for one in history.rows.tellings
    )
