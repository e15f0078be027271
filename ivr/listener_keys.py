"""The Listener's star keys. Each is read back to the Listener alone and does nothing before a second key."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from escalation import triage
from ivr import orders as o
from ivr.agreed import agreed
from ivr.call import ASKED_HOW, CONDITIONS, DANGERS, STAR_KEYS, VERDICTS, Ask, Call, Keys, Phase
from ivr.happenings import ListenerWasQuiet
from ivr.staff_key import Step
from ivr.words_said import escalation_of, whisper_caller, whisper_listener, whisper_menu
from models.words import Cause, Counted, ListenerId, Seat


def listener_pressed(call: Call, listener: ListenerId, key: str, now: datetime) -> Step:
    if call.phase is not Phase.TALKING or listener not in call.listeners:
        return call, ()
    keys = call.keys.get(listener, Keys())
    if key == "*":
        return _with(call, listener, Keys(star=True)), _menu_answered(keys)
    if keys.star and key in VERDICTS:
        return _judged(_with(call, listener, Keys()), VERDICTS[key])
    if keys.star:
        return _asked(call, listener, STAR_KEYS.get(key), now)
    ask = keys.open_ask(now)
    if ask is None:
        return call, ()
    answered, orders = _answered(_with(call, listener, Keys()), listener, ask, key, now=now)
    return answered, (*_menu_answered(keys), *orders)


def listener_was_quiet(call: Call, listener: ListenerId, now: datetime) -> Step:
    """Silence is no: they hear that nothing was done. How the person is may stay unknown."""
    keys = call.keys.get(listener, Keys())
    if call.phase is not Phase.TALKING or keys.asked in (None, Ask.CONDITION) or keys.open_ask(now):
        return call, ()
    return _with(call, listener, Keys()), whisper_listener(call, "key/not-done")


def _menu_answered(keys: Keys) -> tuple[o.Order, ...]:
    return (o.MenuAnswered(),) if keys.asked is Ask.DANGER else ()


def _judged(call: Call, verdict: Counted) -> Step:
    """Once for each prompt; without one there is nothing to judge."""
    if call.prompted is None:
        return call, whisper_listener(call, "key/not-done")
    said = "key/prompt-right" if verdict is Counted.RIGHT else "key/prompt-wrong"
    return replace(call, prompted=None), (o.CountRule(call.prompted, verdict), *whisper_listener(call, said))


def _asked(call: Call, listener: ListenerId, ask: Ask | None, now: datetime) -> Step:
    if ask is None:
        return _with(call, listener, Keys()), whisper_listener(call, "key/not-done")
    asked = Keys(asked=ask, asked_at=now)
    said = _dangers(call) if ask is Ask.DANGER else whisper_listener(call, ask.value)
    return _with(call, listener, asked), (*said, o.Later(ListenerWasQuiet(listener), asked.patience))


def _dangers(call: Call) -> tuple[o.Order, ...]:
    """Which key means what: only what the profile can tell of, and a no that it respects."""
    profile = call.rules.profile
    offered = [key for key, cause in DANGERS.items() if cause is Cause.REFUSES or triage.may_be_told(profile, cause)]
    return whisper_menu(call, Ask.DANGER.value, *(f"key/danger-{key}" for key in offered))


def _answered(call: Call, listener: ListenerId, ask: Ask, key: str, *, now: datetime) -> Step:
    if ask is Ask.DANGER and key in DANGERS:
        return _danger_named(call, listener, DANGERS[key], now)
    if ask is Ask.CONDITION and key in CONDITIONS:
        return call, (o.Learn(CONDITIONS[key]), *whisper_listener(call, "key/done"))
    if key == "1":
        return _confirmed(call, listener, ask, now)
    return call, whisper_listener(call, "key/not-done")


def _danger_named(call: Call, listener: ListenerId, cause: Cause, now: datetime) -> Step:
    """The caller is told first, in the same words whatever was said (domain.md 5.3, C8)."""
    decided = triage.triage(call.rules.profile, triage.DangerNow(cause))
    if isinstance(decided, triage.Kept):
        why = "key/kept-no-respected" if cause is Cause.REFUSES else "key/kept-by-rules"
        return call, whisper_listener(call, why)
    escalate, told = escalation_of(decided)
    answer = "key/samaritan-asked" if decided.asks_first else "key/staff-called"
    coming = not decided.asks_first and cause not in triage.NOT_FOR_THE_CALLER
    called = replace(call, staff_called=call.staff_called or coming)
    orders = (*whisper_caller(call, *told), *escalate, *whisper_listener(call, answer))
    if cause not in ASKED_HOW:
        return called, orders
    asked = Keys(asked=Ask.CONDITION, asked_at=now)
    return _with(called, listener, asked), (*orders, *whisper_listener(call, Ask.CONDITION.value))


def _confirmed(call: Call, listener: ListenerId, ask: Ask, now: datetime) -> Step:
    match ask:
        case Ask.SECOND:
            ring = o.RingListeners(Seat.SECOND, call.language, None, call.not_again | frozenset(call.listeners))
            return call, (ring, *whisper_listener(call, "key/done"))
        case Ask.AGREED:
            return agreed(call, now)
        case Ask.HAND_OVER:
            passed = replace(call, not_again=call.not_again | {listener})
            return passed, (o.SendAway(listener),)
        case Ask.MISUSE:
            return _attacked(call)
        case Ask.DANGER | Ask.CONDITION:
            return call, ()
        case _:
            assert_never(ask)


def _attacked(call: Call) -> Step:
    """The call ends; those who were attacked are supported, and nobody of the prison learns of it (domain.md 6, E7)."""
    ending = replace(call, phase=Phase.ENDING, listeners=())
    support = (o.SupportListener(one) for one in call.listeners)
    return ending, (o.StopHearing(), *support, *(o.SendAway(one) for one in call.listeners))


def _with(call: Call, listener: ListenerId, keys: Keys) -> Call:
    return replace(call, keys={**call.keys, listener: keys})
