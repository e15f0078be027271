"""Key 0: staff now, in every phase of the call, told first and taken back with 2."""

from dataclasses import replace

from escalation import triage
from ivr import orders as o
from ivr.call import Call, Phase
from ivr.words_said import escalation, say, whisper_caller, whisper_listener
from models.words import Prompt

Step = tuple[Call, tuple[o.Order, ...]]


def staff_key(call: Call) -> Step:
    """Told first; then silence goes ahead too, because somebody who pressed 0 may not be able to press again.

    Also where staff were called before: only the engine knows whether they still come, or a 0 brings others.
    """
    return replace(call, aside=True, staff_key=True), (say(call, "staff-key/going", wait=3),)


def staff_key_on_the_way(call: Call) -> Step:
    """Heard in the moment in which the caller went to the Listener: only a whisper reaches them there."""
    called, orders, told = staff_called(call)
    return called, (*whisper_caller(called, *told), *orders)


def staff_key_answered(call: Call, key: str | None) -> Step:
    answered = replace(call, staff_key=False)
    if key == "2":
        return answered, (say(answered, stopped(answered)),)
    called, orders, told = staff_called(answered)
    return called, (say(called, *told), *orders)


def stopped(call: Call) -> Prompt:
    """What a 2 is answered with: it takes back what was just asked, and sends nobody away who was called before."""
    return Prompt("staff-key/taken-back" if call.staff_called else "staff-key/stopped")


def staff_called(call: Call) -> tuple[Call, tuple[o.Order, ...], tuple[Prompt, ...]]:
    escalate, told = escalation(call, triage.CallerAsked())
    prompted = whisper_listener(call, "key/caller-asked-staff") if call.phase is Phase.TALKING else ()
    return replace(call, staff_called=True, staff_key=False), (*escalate, *prompted), told
