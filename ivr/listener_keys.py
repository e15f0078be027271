"""The Listener's star keys. Each is read back to the Listener alone and does nothing before a 1."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from escalation import triage
from ivr import orders as o
from ivr.call import STAR_KEYS, VERDICTS, Ask, Call, Keys, Phase
from ivr.staff_key import Step
from ivr.words_said import escalation, whisper_caller, whisper_listener
from models.words import Counted, ListenerId, Seat


def listener_pressed(call: Call, listener: ListenerId, key: str, now: datetime) -> Step:
    if call.phase is not Phase.TALKING or listener not in call.listeners:
        return call, ()
    keys = call.keys.get(listener, Keys())
    if key == "*":
        return _with(call, listener, Keys(star=True)), ()
    if keys.star and key in VERDICTS:
        return _judged(_with(call, listener, Keys()), VERDICTS[key])
    if keys.star:
        return _asked(call, listener, STAR_KEYS.get(key), now)
    ask = keys.open_ask(now)
    if ask is None:
        return call, ()
    answered = _with(call, listener, Keys())
    if key == "1":
        return _confirmed(answered, listener, ask)
    return answered, whisper_listener(call, "key/not-done")


def _judged(call: Call, verdict: Counted) -> Step:
    """Once for each prompt; without one there is nothing to judge."""
    if call.prompted is None:
        return call, whisper_listener(call, "key/not-done")
    said = "key/prompt-right" if verdict is Counted.RIGHT else "key/prompt-wrong"
    return replace(call, prompted=None), (o.CountRule(call.prompted, verdict), *whisper_listener(call, said))


def _asked(call: Call, listener: ListenerId, ask: Ask | None, now: datetime) -> Step:
    if ask is None:
        return _with(call, listener, Keys()), whisper_listener(call, "key/not-done")
    return _with(call, listener, Keys(asked=ask, asked_at=now)), whisper_listener(call, ask.value)


def _confirmed(call: Call, listener: ListenerId, ask: Ask) -> Step:
    match ask:
        case Ask.SECOND:
            ring = o.RingListeners(Seat.SECOND, call.language, None, call.not_again | frozenset(call.listeners))
            return call, (ring, *whisper_listener(call, "key/done"))
        case Ask.AGREED:
            return _staff_told(call, triage.CallerAgreed())
        case Ask.DANGER:
            return _staff_told(call, triage.DangerNow())
        case Ask.HAND_OVER:
            passed = replace(call, not_again=call.not_again | {listener})
            return passed, (o.SendAway(listener),)
        case Ask.MISUSE:
            ending = replace(call, phase=Phase.ENDING, listeners=())
            return ending, (o.StopHearing(), *(o.SendAway(one) for one in call.listeners))
        case _:
            assert_never(ask)


def _staff_told(call: Call, happened: triage.Happening) -> Step:
    """The caller is told first, in the same words whatever was said (domain.md 5.3, C8)."""
    escalate, told = escalation(call, happened)
    answer = whisper_listener(call, "key/staff-called" if escalate else "key/not-done")
    return replace(call, staff_called=call.staff_called or bool(escalate)), (
        *whisper_caller(call, *told),
        *escalate,
        *answer,
    )


def _with(call: Call, listener: ListenerId, keys: Keys) -> Call:
    return replace(call, keys={**call.keys, listener: keys})
