"""The caller has agreed that staff are told: they hear what will be told, and have a moment to say no (E1)."""

from dataclasses import replace
from datetime import datetime

from escalation import triage
from ivr import orders as o
from ivr.call import TO_SAY_NO, Call, Phase
from ivr.happenings import CallerHadTheirSay
from ivr.staff_key import Step
from ivr.words_said import escalation, say, whisper_caller, whisper_listener


def agreed(call: Call, now: datetime) -> Step:
    """Only here does telling wait: a life in danger never does (domain.md 6, E2 and E9)."""
    _, told = escalation(call, triage.CallerAgreed())
    if call.agreed_at is not None or not told:
        return call, whisper_listener(call, "key/not-done")
    return replace(call, agreed_at=now), (
        *whisper_caller(call, *told, "caller/press-2-to-stop"),
        o.Later(CallerHadTheirSay(now), TO_SAY_NO),
        *whisper_listener(call, "key/caller-can-say-no"),
    )


def had_their_say(call: Call, agreed_at: datetime) -> Step:
    """Silence goes ahead: they have agreed once."""
    if call.agreed_at != agreed_at:
        return call, ()
    called, escalate = staff_told(call)
    return called, (*escalate, *(whisper_listener(call, "key/staff-called") if call.phase is Phase.TALKING else ()))


def staff_told(call: Call) -> tuple[Call, tuple[o.Order, ...]]:
    """Also when they hang up in this moment: whoever agreed to help is not left without it because the line went."""
    escalate, _ = escalation(call, triage.CallerAgreed()) if call.agreed_at else ((), ())
    return replace(call, agreed_at=None, staff_called=call.staff_called or bool(escalate)), escalate


def taken_back(call: Call) -> Step:
    """2, in the conversation or while we speak to them."""
    back = replace(call, agreed_at=None)
    if call.phase is not Phase.TALKING:
        return replace(back, aside=True), (say(back, "staff-key/stopped"),)
    return back, (*whisper_caller(back, "staff-key/stopped"), *whisper_listener(back, "key/caller-said-no"))
