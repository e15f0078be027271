"""The caller has agreed that staff are told: they hear what will be told, and have a moment to say no (E1)."""

from dataclasses import replace
from datetime import datetime

from escalation import triage
from ivr import orders as o
from ivr.call import TO_SAY_NO, Call, Phase
from ivr.happenings import CallerHadTheirSay
from ivr.staff_key import Step, stopped
from ivr.words_said import escalation, say, whisper_caller, whisper_listener

_STANDS = o.NoteAgreement(stands=True)
_SETTLED = o.NoteAgreement(stands=False)


def agreed(call: Call, now: datetime) -> Step:
    """Only here does telling wait: a life in danger never does (domain.md 6, E2 and E9)."""
    _, told = escalation(call, triage.CallerAgreed())
    if call.agreed_at is not None or not told:
        return call, whisper_listener(call, "key/not-done")
    return replace(call, agreed_at=now), (
        _STANDS,
        *whisper_caller(call, *told, "caller/press-2-to-stop"),
        o.Later(CallerHadTheirSay(now), TO_SAY_NO),
        *whisper_listener(call, "key/caller-can-say-no"),
    )


def agreed_before(call: Call, now: datetime) -> Step:
    """The line was lost in that moment, and a 2 with it: they hear it all again, and have the same time once more."""
    return agreed(call, now) if call.phase is Phase.TALKING else (replace(call, agreed_at=now), ())


def said_again(call: Call, agreed_at: datetime) -> Step:
    """The same to a caller whom we speak to: the Listener has gone while the line was away."""
    _, told = escalation(call, triage.CallerAgreed())
    words = say(call, *told, "caller/press-2-to-stop", wait=TO_SAY_NO.total_seconds())
    return replace(call, aside=True), (_STANDS, words, o.Later(CallerHadTheirSay(agreed_at), TO_SAY_NO))


def had_their_say(call: Call, agreed_at: datetime) -> Step:
    """Silence goes ahead: they have agreed once."""
    if call.agreed_at != agreed_at:
        return call, ()
    called, escalate = staff_told(call)
    return called, (*escalate, *(whisper_listener(call, "key/staff-called") if call.phase is Phase.TALKING else ()))


def staff_told(call: Call) -> tuple[Call, tuple[o.Order, ...]]:
    """Also when they hang up in this moment: whoever agreed to help is not left without it because the line went."""
    if call.agreed_at is None:
        return call, ()
    escalate, _ = escalation(call, triage.CallerAgreed())
    return replace(call, agreed_at=None, staff_called=call.staff_called or bool(escalate)), (*escalate, _SETTLED)


def taken_back(call: Call) -> Step:
    """2, in the conversation or while we speak to them, also beside it."""
    back = replace(call, agreed_at=None)
    prompted = whisper_listener(back, "key/caller-said-no") if call.phase is Phase.TALKING else ()
    if call.phase is not Phase.TALKING or call.aside:
        return replace(back, aside=True), (_SETTLED, say(back, stopped(back)), *prompted)
    return back, (_SETTLED, *whisper_caller(back, stopped(back)), *prompted)
