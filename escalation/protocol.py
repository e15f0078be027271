"""What an escalation does next: data in, data out, and it does not stop before somebody has spoken to the person."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from escalation.profile import Protocol, Step
from models.words import Instant, Outcome, PhoneId, Post, TellingEnd

# With nobody left to ring, a new round begins after this breath; without it the machine would spin.
BREATH = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Case:
    """One escalation as its rows say it is: ``being_told`` are the phones with an open telling."""

    protocol: Protocol
    step: int = 0
    round: int = 0
    due_at: Instant | None = None
    being_told: frozenset[PhoneId] = frozenset()
    acknowledged_at: Instant | None = None
    acknowledged_by: str | None = None
    closed_at: Instant | None = None
    closed_by: str | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """It begins."""


@dataclass(frozen=True, slots=True)
class MadeGraver:
    """The same call's second danger is graver than the one that staff were told."""

    protocol: Protocol


@dataclass(frozen=True, slots=True)
class Due:
    """The tick found that its time has come."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """The line is back after it died; whoever was being told when it died is not any more."""


@dataclass(frozen=True, slots=True)
class NobodyReachable:
    """No phone of this step could be rung."""


@dataclass(frozen=True, slots=True)
class TellingEnded:
    phone: PhoneId
    post: Post
    end: TellingEnd


@dataclass(frozen=True, slots=True)
class Acknowledged:
    by: str


@dataclass(frozen=True, slots=True)
class Closed:
    by: str
    spoken: bool
    outcome: Outcome | None = None


Event = Raised | MadeGraver | Due | Restarted | NobodyReachable | TellingEnded | Acknowledged | Closed


class Warn(StrEnum):
    """What the console must show at once."""

    NOBODY_LEFT = "nobody_left"
    CAME_BACK = "came_back"


@dataclass(frozen=True, slots=True)
class Tell:
    """Ring every phone of this post that is not being told already."""

    post: Post
    step: int
    round: int


@dataclass(frozen=True, slots=True)
class StopTelling:
    """Whoever is still being told need not be."""


@dataclass(frozen=True, slots=True)
class WarnConsole:
    why: Warn


Command = Tell | StopTelling | WarnConsole
Next = tuple[Case, tuple[Command, ...]]


def advance(case: Case, event: Event, now: Instant) -> Next:
    """The case after the event. What cannot happen now changes nothing."""
    if case.closed_at is not None:
        return case, ()
    match event:
        case Raised():
            following = _ring(case, now) if case.due_at is None else (case, ())
        case MadeGraver():
            following = _make_graver(case, event, now)
        case Due():
            following = _when_due(case, now)
        case Restarted():
            following = _resume(case, now)
        case NobodyReachable():
            following = _go_on(case, now)
        case TellingEnded():
            following = _telling_ended(case, event, now)
        case Acknowledged():
            following = _acknowledge(case, event.by, now)
        case Closed():
            following = _close(case, event, now)
        case _:
            assert_never(event)
    return following


def _ring(case: Case, now: Instant) -> Next:
    """Rings this step, all its posts at once."""
    step = _step(case)
    ringing = replace(case, due_at=now + timedelta(seconds=step.seconds), acknowledged_at=None, acknowledged_by=None)
    return ringing, tuple(Tell(post, case.step, case.round) for post in step.posts)


def _start_again(case: Case, now: Instant) -> Next:
    return _ring(replace(case, step=0, round=case.round + 1), now)


def _climb(case: Case, now: Instant) -> Next:
    """The next step, or a new round: there is no last round."""
    return _start_again(case, now) if _is_last(case) else _ring(replace(case, step=case.step + 1), now)


def _make_graver(case: Case, event: MadeGraver, now: Instant) -> Next:
    again, told = _start_again(replace(case, protocol=event.protocol), now)
    return again, (StopTelling(), *told)


def _go_on(case: Case, now: Instant) -> Next:
    """Nobody is being told: nobody waits for the end of the step."""
    if case.acknowledged_at is not None or case.being_told:
        return case, ()
    if not _is_last(case):
        return _climb(case, now)
    soon = now + BREATH
    return replace(case, due_at=min(case.due_at or soon, soon)), (WarnConsole(Warn.NOBODY_LEFT),)


def _when_due(case: Case, now: Instant) -> Next:
    if case.due_at is None or now < case.due_at:
        return case, ()
    if case.acknowledged_at is None:
        return _climb(case, now)
    again, told = _start_again(case, now)
    return again, (WarnConsole(Warn.CAME_BACK), *told)


def _resume(case: Case, now: Instant) -> Next:
    """The same step again in the time that it has left; a line that keeps dying still climbs."""
    if case.acknowledged_at is not None:
        return case, ()
    if case.due_at is None or now >= case.due_at:
        return _climb(case, now)
    _, told = _ring(case, now)
    return case, told


def _telling_ended(case: Case, event: TellingEnded, now: Instant) -> Next:
    if event.phone not in case.being_told:
        return case, ()
    rest = replace(case, being_told=case.being_told - {event.phone})
    return _acknowledge(rest, event.post, now) if event.end is TellingEnd.ACKNOWLEDGED else _go_on(rest, now)


def _acknowledge(case: Case, by: str, now: Instant) -> Next:
    if case.acknowledged_at is not None:
        return case, ()
    due_at = now + timedelta(seconds=case.protocol.spoken_within)
    return replace(case, acknowledged_at=now, acknowledged_by=by, due_at=due_at), (StopTelling(),)


def _close(case: Case, event: Closed, now: Instant) -> Next:
    if not event.spoken:
        return _climb(case, now)
    closed = replace(case, closed_at=now, closed_by=event.by, outcome=event.outcome, due_at=None)
    return closed, (StopTelling(),)


def _step(case: Case) -> Step:
    return case.protocol.steps[case.step]


def _is_last(case: Case) -> bool:
    return case.step == len(case.protocol.steps) - 1
