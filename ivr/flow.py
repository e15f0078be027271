"""The call: what happens next, whatever happens. One state machine; what cannot happen now changes nothing."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from escalation import triage
from ivr import agreed, greeting
from ivr import happenings as h
from ivr import orders as o
from ivr.call import Call, Phase
from ivr.conversation import (
    acknowledged,
    danger_heard,
    decided,
    fell_behind,
    hearing_lost,
    joined,
    overheard_key,
    signalled,
)
from ivr.listener_keys import listener_pressed, listener_was_quiet
from ivr.parting import left, line_lost, names_a_danger, parted, staff_key_after
from ivr.staff_key import Step, staff_key, staff_key_answered, staff_key_on_the_way
from ivr.waiting import calm, more_are_rung, nobody_came, wait
from ivr.words_said import before, escalation, say, unsaid
from models.words import CallStage


def step(call: Call, happening: h.Happening, now: datetime) -> Step:
    """The call after this happening, and what is to be done, in order."""
    if call.phase is Phase.ENDED:
        return call, ()
    match happening:
        case h.CallerDialled(same_again):
            return greeting.opened(replace(call, same_again=same_again))
        case h.CallerCameBack(dialled):
            return _came_back(call, dialled, now)
        case h.LineIsBack(dialled):
            return _line_is_back(call, dialled)
        case h.CallerPressed(key):
            return _pressed(call, key)
        case h.CallerWasQuiet():
            return _was_quiet(call)
        case h.CallerSignalled(key):
            return signalled(call, key)
        case h.CallerPressedStaffKey():
            return staff_key_after(call) if call.danger_left_open else staff_key(call)
        case h.CallerHadAgreed():
            return agreed.agreed_before(call, now)
        case h.CallerHadTheirSay(agreed_at):
            return agreed.had_their_say(call, agreed_at)
        case h.CallerHungUp():
            return _hung_up(call, now)
        case h.ListenerJoined(listener, seat):
            return joined(call, listener, seat)
        case h.ListenerLeft(listener):
            return left(call, listener, now)
        case h.ListenerPressed(listener, key):
            return listener_pressed(call, listener, key, now)
        case h.ListenerWasQuiet(listener):
            return listener_was_quiet(call, listener, now)
        case h.MoreAreRung():
            return more_are_rung(call)
        case h.NobodyCame(seat):
            return nobody_came(call, seat)
        case h.DangerHeard(danger, rule):
            return danger_heard(call, danger, rule, now)
        case h.HearingLost():
            return hearing_lost(call)
        case h.FellBehind():
            return fell_behind(call, now)
        case h.HearingMayStart():
            return call, (o.StartHearing(),) if call.phase is Phase.TALKING and call.listening else ()
        case h.Decided():
            return decided(call, happening)
        case h.StaffAcknowledged():
            return acknowledged(call)
        case _:
            assert_never(happening)


# ---- what the caller does while we speak


def _pressed(call: Call, key: str) -> Step:
    if call.staff_key:
        return staff_key_answered(call, key)
    if key == "0":
        on_the_way = call.phase is Phase.TALKING and not call.aside
        return staff_key_on_the_way(call) if on_the_way else staff_key(call)
    if key == "2" and call.agreed_at:
        return agreed.taken_back(call)
    if key == "*":
        return overheard_key(call)
    if call.aside:
        return _ask_again(call)
    match call.phase:
        case Phase.LANGUAGE:
            return greeting.language_chosen(call, key)
        case Phase.NOTICE:
            # Any other key is no answer; a caller who may have heard nothing is told again.
            return greeting.consented(call, key) if key in ("1", "2") else _ask_again(call)
        case Phase.WAITING if key == "2" and call.same_again:
            other = replace(call, not_again=call.not_again | {call.same_again}, same_again=None)
            again, orders = wait(other, "wait/ringing")
            return again, (o.StopRinging(), *orders)
        case Phase.LEFT if key == "2":
            return _end(call, "talk/goodbye")
        case Phase.NOBODY if key == "1":
            asked = replace(call, phase=Phase.GROUNDING)
            escalate, told = escalation(asked, triage.VisitAsked())
            return asked, (say(asked, *told, "grounding"), *escalate)
        case Phase.NOBODY if key == "2":
            return wait(replace(call, not_again=frozenset()), "wait/try-again")
        case _:
            return _was_quiet(call)


def _was_quiet(call: Call) -> Step:
    if call.staff_key:
        return staff_key_answered(call, None)
    if call.aside:
        return _ask_again(call)
    match call.phase:
        case Phase.LANGUAGE:
            return greeting.language_chosen(call, None)
        case Phase.NOTICE:
            return greeting.consented(call, None)
        case Phase.WAITING:
            return calm(call)
        case Phase.TALKING:
            return call, (o.LetGo(o.Next.BACK),)
        case Phase.LEFT:
            return wait(call, "wait/ringing")
        case Phase.OUTSIDE:
            return call, (o.LetGo(o.Next.OUTSIDE),)
        case Phase.DUTY_OFFICE:
            return call, (o.LetGo(o.Next.DUTY),)
        case Phase.NOBODY:
            grounding = replace(call, phase=Phase.GROUNDING)
            return grounding, (say(grounding, "grounding"),)
        case Phase.GROUNDING:
            return wait(replace(call, not_again=frozenset()), "wait/try-again")
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
            return asked, (greeting.language_page(asked),)
        case Phase.NOTICE:
            return asked, (greeting.notice(asked),)
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


def _came_back(call: Call, dialled: h.Dialled | None, now: datetime) -> Step:
    if dialled is h.Dialled.KEY_0:
        return staff_key(call)
    if call.danger_left_open:
        return _line_lost(call, now)
    if call.staff_key and call.phase is not Phase.TALKING:
        return _staff_key_again(call, dialled, now)
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
            return replace(call, aside=False), (say(call, words, wait=call.rules.calm_wait_seconds),)
        case Phase.ENDING:
            return _end(call, "talk/ended-by-listener")
        case Phase.TALKING:
            # The caller is quicker than the news that the Listener has left.
            alone, orders = parted(call, now)
            back, spoken = _came_back(replace(alone, aside=False), None, now)
            return back, (*orders, *spoken)
        case _:
            return _asked_what_next(call)


def _staff_key_again(call: Call, dialled: h.Dialled | None, now: datetime) -> Step:
    """What was said of a 0 was cut off: it is said again, before whatever is asked next."""
    back, orders = _came_back(replace(call, staff_key=False), dialled, now)
    asked, words = staff_key(back)
    return asked, (*unsaid(orders), *words)


def _line_is_back(call: Call, dialled: h.Dialled | None) -> Step:
    """Nobody rings for them any more. A 0 while the helpline's phone rang is not lost because the line was away."""
    if call.phase is not Phase.WAITING:
        return call, ()
    waiting, orders = wait(call, "wait/ringing")
    if dialled is h.Dialled.KEY_0:
        asked, words = staff_key(waiting)
    elif call.agreed_at:
        asked, words = agreed.said_again(waiting, call.agreed_at)
    else:
        return waiting, orders
    return asked, (*unsaid(orders), *words)


def _asked_what_next(call: Call) -> Step:
    return _ask_again(replace(call, phase=Phase.LEFT))


def _end(call: Call, prompt: str) -> Step:
    ending = replace(call, phase=Phase.ENDING)
    return ending, (say(ending, prompt, wait=0.5),)


def _hung_up(call: Call, now: datetime) -> Step:
    """Who pressed *3 saw a danger and can say no more of it: staff look, as when the Listener is cut off."""
    away = tuple(o.SendAway(listener) for listener in call.listeners)
    naming = call.danger_left_open or any(names_a_danger(call, listener, now) for listener in call.listeners)
    lost, _ = escalation(call, triage.ListenerLost()) if naming else ((), ())
    told, agreed_to = agreed.staff_told(call)
    ended = replace(told, phase=Phase.ENDED, listeners=())
    return ended, (*lost, *agreed_to, o.StopRinging(), o.StopHearing(), *away, o.NoteStage(CallStage.ENDED))


def _line_lost(call: Call, now: datetime) -> Step:
    settled, escalate, told = line_lost(call)
    back, orders = _came_back(settled, None, now)
    return back, (*before(back, told, orders), *escalate)
