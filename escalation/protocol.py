"""What an escalation does next: data in, data out, and it does not stop before somebody has spoken to the person."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from escalation.case import (
    Acknowledged,
    AtDoor,
    ByStaff,
    Case,
    Closed,
    Command,
    Due,
    Event,
    HandedOver,
    MadeGraver,
    NobodyReachable,
    OpenLocation,
    Raised,
    Restarted,
    Spoken,
    StopTelling,
    Tell,
    TellingEnded,
    ToldWithAnother,
    Warn,
    WarnConsole,
)
from escalation.profile import Deciding, Undecided
from models.words import Instant, Outcome, Post, TellingEnd

# With nobody left to ring, a new round begins after this breath; without it the machine would spin.
BREATH = timedelta(seconds=10)


Next = tuple[Case, tuple[Command, ...]]


def advance(case: Case, event: Event, now: Instant) -> Next:
    """The case after the event. What cannot happen now changes nothing."""
    if case.closed_at is not None:
        return case, ()
    match event:
        case Raised():
            following = _begin(case, now) if case.step_ends_at is None else (case, ())
        case MadeGraver():
            following = _make_graver(case, event, now)
        case Due():
            following = _when_due(case, now)
        case Restarted():
            following = _resume(case, event, now)
        case ToldWithAnother():
            following = _withdraw(case, now)
        case NobodyReachable():
            following = _nobody_reachable(case, now)
        case TellingEnded():
            following = _telling_ended(case, event, now)
        case Closed():
            following = _close(case, event, now)
        case Acknowledged() | AtDoor() | Spoken() | HandedOver():
            following = _by_staff(case, event, now)
        case _:
            assert_never(event)
    return following


def _by_staff(case: Case, event: ByStaff, now: Instant) -> Next:
    """What somebody does who has been told; before it is decided that staff are told, they cannot."""
    if case.deciding:
        return case, ()
    match event:
        case Acknowledged(by, post):
            return _acknowledge(case, by, post, now)
        case AtDoor(by, post):
            return _at_door(case, by, post, now)
        case Spoken(by):
            return _spoken(case, by, now)
        case HandedOver():
            return (case, ()) if case.acknowledged_at is None or case.spoken_at else _start_again(case, now)
        case _:
            assert_never(event)


# ---- the steps


def _begin(case: Case, now: Instant) -> Next:
    return _ask_who_decides(case, case.protocol.decided_by, now) if case.protocol.decided_by else _ring(case, now)


def _ring(case: Case, now: Instant) -> Next:
    """Rings this step, all its posts at once, but for those whose group has acknowledged."""
    step = case.protocol.steps[case.step]
    ringing = replace(case, step_ends_at=now + timedelta(seconds=step.seconds))
    return ringing, tuple(Tell(post, case.step, case.round) for post in step.posts if case.lacks(post))


def _start_again(case: Case, now: Instant) -> Next:
    return _ring(replace(case.nobody_going(), step=0, round=case.round + 1), now)


def _climb(case: Case, now: Instant) -> Next:
    """The next step in which somebody is still wanted, or a new round: there is no last round.

    Whoever has acknowledged is still going, and a step of theirs alone would be a wait for nobody.
    """
    following = case
    for _ in case.protocol.steps:
        last = following.at_last_step
        step, rounds = (0, following.round + 1) if last else (following.step + 1, following.round)
        following = replace(following, step=step, round=rounds)
        if any(following.lacks(post) for post in following.protocol.steps[step].posts):
            break
    return _ring(following, now)


def _make_graver(case: Case, event: MadeGraver, now: Instant) -> Next:
    """Staff who have been told once are told again at once: nobody is asked first any more."""
    if case.deciding:
        begun, told = _begin(replace(case, protocol=event.protocol, deciding=False, round=0), now)
        opened = () if begun.deciding else (OpenLocation(),)
        return begun, (StopTelling(), *opened, *told)
    again, told = _start_again(replace(case, protocol=replace(event.protocol, decided_by=None)), now)
    return again, (StopTelling(), *told)


def _go_on(case: Case, now: Instant) -> Next:
    """Nobody is being told: nobody waits for the end of the step."""
    if case.settled or case.being_told:
        return case, ()
    if case.deciding:
        return _ask_later(case, now)
    if not case.at_last_step:
        return _climb(case, now)
    soon = now + BREATH
    return replace(case, step_ends_at=min(case.step_ends_at or soon, soon)), (WarnConsole(Warn.NOBODY_LEFT),)


def _when_due(case: Case, now: Instant) -> Next:
    if case.due_at is None or now < case.due_at:
        return case, ()
    if case.deciding:
        return _ask(case, now)
    if case.spoken_at is not None:
        return _remind(case, now)
    if case.back_at is not None and now >= case.back_at:
        again, told = _start_again(case, now)
        return again, (WarnConsole(Warn.CAME_BACK), *told)
    return _climb(case, now)


def _resume(case: Case, event: Restarted, now: Instant) -> Next:
    """The same step again in the time that it has left, and who listened from an earlier one; it still climbs."""
    if case.settled:
        return case, ()
    if case.deciding:
        following, told = _ask(case.asked_later(now), now)
    elif case.due_at is None or now >= case.due_at:
        following, told = _when_due(replace(case, step_ends_at=case.step_ends_at or now), now)
    else:
        following, told = case, _ring(case, now)[1]
    return following, (*told, *_cut_off(following, event.posts, told))


def _cut_off(case: Case, posts: Iterable[Post], told: Iterable[Command]) -> Iterator[Command]:
    """Of the posts whose phones were given up, those that have to go and are not told by ``told``."""
    staff = {post for step in case.protocol.steps for post in step.posts}
    rung = {command.post for command in told if isinstance(command, Tell)}
    if not case.deciding and case.closed_at is None:
        for post in dict.fromkeys(posts):
            if post in staff - rung and case.lacks(post):
                yield Tell(post, case.step, case.round)


# ---- whoever decides whether staff are told


def _ask_who_decides(case: Case, deciding: Deciding, now: Instant) -> Next:
    return _ask(replace(case, deciding=True, step_ends_at=now + timedelta(seconds=deciding.seconds)), now)


def _ask(case: Case, now: Instant) -> Next:
    deciding = case.protocol.decided_by
    if deciding is None or case.step_ends_at is None or now >= case.step_ends_at:
        return _undecided(case, now)
    return case, (Tell(deciding.post, case.step, case.round),)


def _ask_later(case: Case, now: Instant) -> Next:
    """Engaged, away from their phone, or not sure yet: only a key, or the end of their time, decides."""
    over = case.step_ends_at is None or now >= case.step_ends_at
    return _undecided(case, now) if over else (case.asked_later(now), ())


def _nobody_reachable(case: Case, now: Instant) -> Next:
    """Whoever decides and has no phone from the start cannot be asked at all, and nobody waits for that."""
    nobody_to_ask = case.deciding and case.round == 0 and not case.being_told
    return _undecided(case, now) if nobody_to_ask else _go_on(case, now)


def _withdraw(case: Case, now: Instant) -> Next:
    """Nobody is asked any more. What was not decided stays so, and the caller hears no answer that is none."""
    if case.protocol.decided_by is None:
        return case, ()
    return replace(case, closed_at=now, step_ends_at=None), (StopTelling(),)


def _decided(case: Case, *, tell: bool, by: str | None, now: Instant) -> Next:
    decided = replace(case, deciding=False, round=0)
    if not tell:
        closed = replace(decided, closed_at=now, closed_by=by, outcome=Outcome.NOT_TOLD, step_ends_at=None)
        return closed, (StopTelling(),)
    ringing, told = _ring(decided, now)
    return ringing, (StopTelling(), OpenLocation(), *told)


def _undecided(case: Case, now: Instant) -> Next:
    deciding = case.protocol.decided_by
    tell = deciding is None or deciding.undecided is Undecided.TELL
    return _decided(case, tell=tell, by=None, now=now)


# ---- what staff do


def _telling_ended(case: Case, event: TellingEnded, now: Instant) -> Next:
    if event.phone not in case.being_told:
        return case, ()
    others = {phone: post for phone, post in case.being_told.items() if phone != event.phone}
    rest = replace(case, being_told=others)
    if case.deciding and event.end in {TellingEnd.ACKNOWLEDGED, TellingEnd.CANNOT_GO}:
        return _decided(rest, tell=event.end is TellingEnd.ACKNOWLEDGED, by=event.post, now=now)
    if event.end is TellingEnd.ACKNOWLEDGED:
        return _acknowledge(rest, event.post, event.post, now)
    return _go_on(rest, now)


def _acknowledge(case: Case, by: str, post: Post | None, now: Instant) -> Next:
    """The first one starts the clocks; whoever is wanted besides goes on being told."""
    if case.settled:
        # After they have been spoken to, a key only ends the reminder.
        return case, (StopTelling(),) if case.being_told else ()
    posts = (post,) if post else tuple(group[0] for group in case.wanting)
    if case.acknowledged_at is not None and set(posts) <= set(case.posts):
        return case, ()
    going = replace(
        case,
        acknowledged_at=case.acknowledged_at or now,
        acknowledged_by=case.acknowledged_by or by,
        posts=(*case.posts, *(one for one in posts if one not in case.posts)),
    )
    if going.complete:
        return going, (StopTelling(),)
    done = frozenset(one for one in Post if not going.lacks(one))
    left = {phone: at for phone, at in going.being_told.items() if at not in done}
    following, more = _go_on(replace(going, being_told=left), now)
    return following, (StopTelling(done), *more)


def _at_door(case: Case, by: str, post: Post | None, now: Instant) -> Next:
    if case.at_door_at is not None or case.spoken_at is not None:
        return case, ()
    going = case.acknowledged_at is not None
    following, stopped = (case, ()) if going else _acknowledge(case, by, post, now)
    return replace(following, at_door_at=now, at_door_by=by), stopped


def _spoken(case: Case, by: str, now: Instant) -> Next:
    if case.spoken_at is not None:
        return case, ()
    told = replace(
        case, acknowledged_at=case.acknowledged_at or now, acknowledged_by=case.acknowledged_by or by,
        spoken_at=now, spoken_by=by, step_ends_at=_close_by(case, now),
    )  # fmt: skip
    return told, (StopTelling(),)


def _remind(case: Case, now: Instant) -> Next:
    """Somebody has spoken to the person, and nobody has said what happened: whoever is told first is asked."""
    told = tuple(Tell(post, case.step, case.round) for post in case.protocol.steps[0].posts)
    return replace(case, step_ends_at=_close_by(case, now)), (WarnConsole(Warn.NOT_CLOSED), *told)


def _close_by(case: Case, now: Instant) -> Instant:
    return now + timedelta(seconds=case.protocol.closed_within)


def _close(case: Case, event: Closed, now: Instant) -> Next:
    if case.deciding:
        return case, ()
    if not event.spoken:
        return _climb(case.nobody_going(), now)
    spoken_by = case.spoken_by or event.by
    closed = replace(
        case, spoken_at=case.spoken_at or now, spoken_by=spoken_by, closed_at=now, closed_by=event.by,
        outcome=event.outcome, step_ends_at=None,
    )  # fmt: skip
    return closed, (StopTelling(),)
