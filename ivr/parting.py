"""The end of a conversation: a Listener goes, or is cut off between naming a danger and saying which."""

from dataclasses import replace
from datetime import datetime

from escalation import triage
from ivr import orders as o
from ivr.call import Ask, Call, Keys, Phase
from ivr.staff_key import Step, staff_key
from ivr.waiting import wait
from ivr.words_said import escalation, say, unsaid, whisper_listener
from models.words import ListenerId, Prompt


def left(call: Call, listener: ListenerId, now: datetime) -> Step:
    if listener not in call.listeners:
        return call, ()
    remaining = replace(call, listeners=tuple(one for one in call.listeners if one != listener))
    if call.phase is not Phase.TALKING:
        return remaining, ()
    if remaining.listeners:
        # Whoever is still there knows whether there is a danger, and has the same key.
        naming = names_a_danger(call, listener, now)
        return remaining, whisper_listener(call, "key/other-was-naming") if naming else ()
    alone, orders = parted(call, now)
    if not (alone.aside and alone.danger_left_open):
        return alone, orders
    # They hear us already: a danger does not wait for the end of what is said of a 0.
    told, words = _line_lost_beside(alone)
    return told, (*orders, *words)


def names_a_danger(call: Call, listener: ListenerId, now: datetime) -> bool:
    return call.keys.get(listener, Keys()).open_ask(now) is Ask.DANGER


def parted(call: Call, now: datetime) -> Step:
    """The last Listener has gone. The dialplan brings the caller back to us by itself, and only then can we speak.

    But for a caller who hears us beside the conversation: that goes on, and a 0 in it is answered there.
    """
    handed_over = any(listener in call.not_again for listener in call.listeners)
    cut_off = any(names_a_danger(call, listener, now) for listener in call.listeners)
    alone = replace(call, phase=Phase.LEFT, listeners=(), danger_left_open=cut_off)
    ended = (o.StopHearing(), o.StopRinging())
    if not handed_over:
        return alone, ended
    waiting, orders = wait(alone, "wait/ringing")
    return waiting, (*ended, *unsaid(orders))


def line_lost(call: Call) -> tuple[Call, tuple[o.Order, ...], tuple[Prompt, ...]]:
    """Nobody is left who could say whether there is a danger: staff look, and the caller hears it (domain.md 6)."""
    escalate, told = escalation(call, triage.ListenerLost())
    settled = replace(
        call,
        danger_left_open=False,
        staff_called=call.staff_called or bool(escalate),
        # Those who come for the danger come for the 0 as well.
        staff_key=call.staff_key and not escalate,
    )
    return settled, escalate, told


def staff_key_after(call: Call) -> Step:
    """0 in the moment in which the Listener was cut off: the danger goes before it, and nobody is asked about that."""
    settled, words = _line_lost_beside(replace(call, aside=True))
    return (settled, words) if words else staff_key(settled)


def _line_lost_beside(call: Call) -> Step:
    """What is asked next comes after it: a 2 that was meant for the 0 is no answer to that."""
    settled, escalate, told = line_lost(call)
    return settled, ((say(settled, *told), *escalate) if escalate else ())
