"""The call: what happens next, whatever happens. One state machine; what cannot happen now changes nothing."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from escalation import triage
from ivr import happenings as h
from ivr import orders as o
from ivr.call import Call, Phase
from ivr.conversation import acknowledged, danger_heard, hearing_lost, joined, overheard_key, signalled
from ivr.listener_keys import listener_pressed
from ivr.staff_key import Step, staff_key, staff_key_answered
from ivr.words_said import both_languages, escalation, say, whisper_listener
from models.words import CallStage, Hearing, ListenerId, Seat


def step(call: Call, happening: h.Happening, now: datetime) -> Step:
    """The call after this happening, and what is to be done, in order."""
    if call.phase is Phase.ENDED:
        return call, ()
    match happening:
        case h.CallerDialled(same_again):
            return _opened(replace(call, same_again=same_again))
        case h.CallerCameBack(dialled):
            return _came_back(call, dialled)
        case h.LineIsBack():
            return _wait(call, "wait/ringing") if call.phase is Phase.WAITING else (call, ())
        case h.CallerPressed(key):
            return _pressed(call, key)
        case h.CallerWasQuiet():
            return _was_quiet(call)
        case h.CallerSignalled(key):
            return signalled(call, key)
        case h.CallerPressedStaffKey():
            return staff_key(call)
        case h.CallerHungUp():
            return _hung_up(call)
        case h.ListenerJoined(listener, seat):
            return joined(call, listener, seat)
        case h.ListenerLeft(listener):
            return _left(call, listener)
        case h.ListenerPressed(listener, key):
            return listener_pressed(call, listener, key, now)
        case h.MoreAreRung():
            return _more_are_rung(call)
        case h.NobodyCame(seat):
            return _nobody_came(call, seat)
        case h.DangerHeard(danger, rule):
            return danger_heard(call, danger, rule, now)
        case h.HearingLost():
            return hearing_lost(call)
        case h.HearingMayStart():
            return call, (o.StartHearing(),) if call.phase is Phase.TALKING and call.listening else ()
        case h.StaffAcknowledged():
            return acknowledged(call)
        case _:
            assert_never(happening)


# ---- the opening: language, notice, consent


def _opened(call: Call) -> Step:
    if call.phase is not Phase.LANGUAGE or call.page:
        return call, ()
    if len(call.rules.languages) == 1:
        return _notice(call)
    return call, (o.NoteStage(CallStage.NOTICE), _language_page(call))


def _language_page(call: Call) -> o.Say:
    """Two languages at a time, each named in itself (domain.md 5.3, C2 and C3)."""
    pair = _pair(call)
    return o.Say(both_languages(pair, opening=call.page == 0), 1.5)


def _pair(call: Call) -> tuple[str, ...]:
    return call.rules.languages[2 * call.page : 2 * call.page + 2]


def _language_chosen(call: Call, key: str | None) -> Step:
    pair = _pair(call)
    if key in ("1", "2") and int(key) <= len(pair):
        return _notice(replace(call, language=call.rules.languages[2 * call.page + int(key) - 1]))
    turned = replace(call, page=call.page + 1)
    if key is None and _pair(turned):
        return turned, (_language_page(turned),)
    return _notice(call)


def _notice(call: Call) -> Step:
    """Who hears, what the machine does, how to say no: within 12 s, before anything of it happens."""
    told = replace(call, phase=Phase.NOTICE)
    return told, (o.NoteStage(CallStage.NOTICE), *_ask_again(told)[1])


def _consented(call: Call, key: str | None) -> Step:
    """Silence means no where the profile asks, and yes only where it may be presumed."""
    match call.hearing:
        case Hearing.OFF:
            return _wait(call, "wait/ringing")
        case Hearing.ASK:
            listening = key == "1"
        case Hearing.OPT_OUT:
            listening = key != "2"
    answer = "caller/listening-on" if listening else "caller/listening-off"
    return _wait(replace(call, listening=listening), answer, "wait/ringing")


# ---- waiting


def _wait(call: Call, *prompts: str) -> Step:
    """Rings first and speaks then, so that nobody waits for our words."""
    waiting = replace(call, phase=Phase.WAITING, calm=0)
    ring = o.RingListeners(Seat.FIRST, call.language, call.same_again, call.not_again)
    if call.same_again and call.same_again not in call.not_again:
        prompts = (*prompts[:-1], "wait/same-again")
    return waiting, (o.NoteStage(CallStage.WAITING), ring, say(waiting, *prompts, wait=call.rules.calm_wait_seconds))


def _calm(call: Call) -> Step:
    words = f"wait/still-{call.calm % 3 + 1}"
    return replace(call, calm=call.calm + 1), (say(call, words, wait=call.rules.calm_wait_seconds),)


def _more_are_rung(call: Call) -> Step:
    if call.phase is not Phase.WAITING or call.staff_key or call.aside:
        return call, ()
    return call, (say(call, "wait/more-listeners", wait=call.rules.calm_wait_seconds),)


def _nobody_came(call: Call, seat: Seat) -> Step:
    if seat is Seat.SECOND:
        return call, whisper_listener(call, "key/no-second") if call.phase is Phase.TALKING else ()
    if call.phase is not Phase.WAITING:
        return call, ()
    outside = replace(call, phase=Phase.OUTSIDE)
    if call.staff_key or call.aside:
        # What the caller is just being told goes on; the outside helpline is announced after it.
        return outside, (o.NoteStage(CallStage.OUTSIDE),)
    return outside, (o.NoteStage(CallStage.OUTSIDE), say(outside, "wait/outside"))


# ---- what the caller does while we speak


def _pressed(call: Call, key: str) -> Step:
    if call.staff_key:
        return staff_key_answered(call, key)
    if key == "0":
        return staff_key(call)
    if key == "*":
        return overheard_key(call)
    if call.aside:
        return _ask_again(call)
    match call.phase:
        case Phase.LANGUAGE:
            return _language_chosen(call, key)
        case Phase.NOTICE:
            # Any other key is no answer; a caller who may have heard nothing is told again.
            return _consented(call, key) if key in ("1", "2") else _ask_again(call)
        case Phase.WAITING if key == "2" and call.same_again:
            other = replace(call, not_again=call.not_again | {call.same_again}, same_again=None)
            again, orders = _wait(other, "wait/ringing")
            return again, (o.StopRinging(), *orders)
        case Phase.LEFT if key == "2":
            return _end(call, "talk/goodbye")
        case Phase.NOBODY if key == "1":
            asked = replace(call, phase=Phase.GROUNDING)
            escalate, told = escalation(asked, triage.VisitAsked())
            return asked, (*escalate, say(asked, *told, "grounding"))
        case Phase.NOBODY if key == "2":
            return _wait(replace(call, not_again=frozenset()), "wait/try-again")
        case _:
            return _was_quiet(call)


def _was_quiet(call: Call) -> Step:
    if call.staff_key:
        return staff_key_answered(call, None)
    if call.aside:
        return _ask_again(call)
    match call.phase:
        case Phase.LANGUAGE:
            return _language_chosen(call, None)
        case Phase.NOTICE:
            return _consented(call, None)
        case Phase.WAITING:
            return _calm(call)
        case Phase.TALKING:
            return call, (o.LetGo(o.Next.BACK),)
        case Phase.LEFT:
            return _wait(call, "wait/ringing")
        case Phase.OUTSIDE:
            return call, (o.LetGo(o.Next.OUTSIDE),)
        case Phase.DUTY_OFFICE:
            return call, (o.LetGo(o.Next.DUTY),)
        case Phase.NOBODY:
            grounding = replace(call, phase=Phase.GROUNDING)
            return grounding, (say(grounding, "grounding"),)
        case Phase.GROUNDING:
            return _wait(replace(call, not_again=frozenset()), "wait/try-again")
        case Phase.ENDING:
            return call, (o.LetGo(o.Next.BYE),)
        case Phase.ENDED:
            return call, ()
        case _:
            assert_never(call.phase)


def _ask_again(call: Call) -> Step:
    """What this phase says or asks first: a key that came in between is no answer to it."""
    asked = replace(call, aside=False)
    match call.phase:
        case Phase.LANGUAGE:
            return asked, (_language_page(asked),)
        case Phase.NOTICE:
            notice = call.rules.profile.notice.for_mode(asked.hearing)
            return asked, (say(asked, *notice, wait=1.5),)
        case Phase.LEFT:
            return asked, (say(asked, "talk/listener-gone", wait=4),)
        case Phase.OUTSIDE:
            return asked, (say(asked, "wait/outside"),)
        case Phase.DUTY_OFFICE:
            return asked, (say(asked, "wait/duty-office"),)
        case Phase.NOBODY:
            return asked, (say(asked, "wait/visit", wait=4),)
        case _:
            return _was_quiet(asked)


def _came_back(call: Call, dialled: h.Dialled | None) -> Step:
    if dialled is h.Dialled.KEY_0:
        return staff_key(call)
    match call.phase:
        case Phase.OUTSIDE | Phase.DUTY_OFFICE if dialled is None:
            return _ask_again(call)
        case Phase.OUTSIDE | Phase.DUTY_OFFICE if dialled is h.Dialled.ANSWER:
            return _asked_what_next(call)
        case Phase.OUTSIDE:
            duty = replace(call, phase=Phase.DUTY_OFFICE)
            return duty, (o.NoteStage(CallStage.DUTY_OFFICE), say(duty, "wait/duty-office"))
        case Phase.DUTY_OFFICE:
            nobody = replace(call, phase=Phase.NOBODY)
            return nobody, (o.NoteStage(CallStage.GROUNDING), say(nobody, "wait/nobody", "wait/visit", wait=4))
        case Phase.LANGUAGE | Phase.NOTICE:
            return _ask_again(call)
        case Phase.WAITING:
            words = "talk/passing-on" if call.not_again else "wait/ringing"
            return call, (say(call, words, wait=call.rules.calm_wait_seconds),)
        case Phase.ENDING:
            return _end(call, "talk/ended-by-listener")
        case Phase.TALKING:
            # The caller is quicker than the news that the Listener has left.
            parted, orders = _parted(call)
            back, spoken = _came_back(parted, None)
            return back, (*orders, *spoken)
        case _:
            return _asked_what_next(call)


def _asked_what_next(call: Call) -> Step:
    return _ask_again(replace(call, phase=Phase.LEFT))


def _end(call: Call, prompt: str) -> Step:
    ending = replace(call, phase=Phase.ENDING)
    return ending, (say(ending, prompt, wait=0.5),)


def _hung_up(call: Call) -> Step:
    away = tuple(o.SendAway(listener) for listener in call.listeners)
    ended = replace(call, phase=Phase.ENDED, listeners=())
    return ended, (o.StopRinging(), o.StopHearing(), *away, o.NoteStage(CallStage.ENDED))


# ---- the end of a conversation


def _left(call: Call, listener: ListenerId) -> Step:
    if listener not in call.listeners:
        return call, ()
    remaining = replace(call, listeners=tuple(one for one in call.listeners if one != listener))
    if remaining.listeners or call.phase is not Phase.TALKING:
        return remaining, ()
    return _parted(call)


def _parted(call: Call) -> Step:
    """The last Listener has gone. The dialplan brings the caller back to us by itself, and only then can we speak."""
    handed_over = any(listener in call.not_again for listener in call.listeners)
    alone = replace(call, phase=Phase.LEFT, listeners=(), aside=False, staff_key=False)
    ended = (o.StopHearing(), o.StopRinging())
    if not handed_over:
        return alone, ended
    waiting, orders = _wait(alone, "wait/ringing")
    return waiting, (*ended, *(order for order in orders if not isinstance(order, o.Say)))
