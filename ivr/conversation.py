"""What happens while a caller and a Listener talk: who joins, which keys count, what the machine hears."""

from dataclasses import replace
from datetime import datetime, timedelta

from escalation import triage
from ivr import agreed
from ivr import happenings as h
from ivr import orders as o
from ivr.call import Call, Phase
from ivr.staff_key import Step, staff_called
from ivr.words_said import escalation, say, whisper_caller, whisper_listener
from models.dangers import DANGER_NOW, Danger
from models.words import CallStage, Counted, ListenerId, Seat

_BEHIND_EVERY = timedelta(seconds=60)


def joined(call: Call, listener: ListenerId, seat: Seat) -> Step:
    if listener in call.listeners:
        return call, ()
    overheard = whisper_listener(call, "key/overheard") if call.overheard else ()
    if call.phase is Phase.TALKING and seat is Seat.SECOND:
        both = replace(call, listeners=(*call.listeners, listener))
        here = (*whisper_caller(call, "talk/second-listener"), *whisper_listener(call, "key/second-here"))
        return both, (*here, *overheard)
    if call.phase is not Phase.WAITING:
        return call, (o.SendAway(listener),)
    talking = replace(
        call, phase=Phase.TALKING, listeners=(listener,), same_again=None, keys={}, aside=False, staff_key=False
    )
    hearing = (o.StartHearing(),) if call.listening else ()
    orders = (o.StopRinging(), o.JoinTalk(), o.NoteStage(CallStage.TALKING), *hearing)
    if call.staff_key:
        # The key was pressed and not taken back: it is not lost because a Listener came in between.
        talking, escalate, told = staff_called(talking)
        return talking, (*orders, *whisper_caller(talking, *told), *escalate, *overheard)
    return talking, (*orders, *whisper_caller(talking, "talk/listener-here"), *overheard)


def signalled(call: Call, key: str) -> Step:
    if call.phase is not Phase.TALKING or call.aside:
        return call, ()
    if key == "2" and call.agreed_at:
        return agreed.taken_back(call)
    if key == "*":
        overheard = replace(call, overheard=not call.overheard)
        on_off = ("overheard/on", "key/overheard") if overheard.overheard else ("overheard/off", "key/overheard-off")
        return overheard, (*whisper_caller(call, on_off[0]), *whisper_listener(call, on_off[1]))
    if call.overheard and key in ("1", "2"):
        return call, whisper_listener(call, "key/yes" if key == "1" else "key/no")
    return call, ()


def danger_heard(call: Call, danger: Danger, rule: str, now: datetime) -> Step:
    """Only the Listener is prompted, with a kind and never a word; staff only where the notice has said so."""
    if call.phase is not Phase.TALKING or not call.listening or not _is_listened_for(call, danger):
        return call, ()
    prompted: tuple[o.Order, ...] = ()
    if _may_prompt(call, danger, now):
        prompted = (*whisper_listener(call, f"flag/{danger.value}", tone=True), o.CountRule(rule, Counted.PROMPTED))
        call = replace(call, prompted=rule, prompted_at=now)
    escalate, told = escalation(call, triage.Flagged(danger))
    if not escalate:
        return call, prompted
    # Told each time: staff called for another reason were not told of this one.
    return replace(call, staff_called=True), (*whisper_caller(call, *told), *escalate, *prompted)


def _is_listened_for(call: Call, danger: Danger) -> bool:
    """Harm to others only where the profile says so, and its notice with it (domain.md section 6, E8)."""
    return danger is not Danger.HARM_OTHERS or call.rules.profile.hearing.harm_others


def _may_prompt(call: Call, danger: Danger, now: datetime) -> bool:
    """A Listener who is prompted all the time stops listening to the prompts; danger now does not wait."""
    every = timedelta(seconds=call.rules.profile.hearing.prompt_every)
    return danger in DANGER_NOW or call.prompted_at is None or now - call.prompted_at >= every


def hearing_lost(call: Call) -> Step:
    if call.phase is not Phase.TALKING or not call.listening:
        return call, ()
    return call, whisper_listener(call, "key/not-listening")


def fell_behind(call: Call, now: datetime) -> Step:
    """By a tone and words, and not again and again: who is told all the time stops listening to it."""
    lately = call.behind_at is not None and now - call.behind_at < _BEHIND_EVERY
    if call.phase is not Phase.TALKING or not call.listening or lately:
        return call, ()
    return replace(call, behind_at=now), whisper_listener(call, "key/not-listening", tone=True)


def decided(call: Call, decision: h.Decided) -> Step:
    """Somebody was asked whether staff are told. The caller hears the answer before staff do, and the Listener too."""
    hears = triage.hears(decision.cause) if decision.told else "caller/staff-are-not-told"
    coming = decision.told and decision.cause not in triage.NOT_FOR_THE_CALLER
    called = replace(call, staff_called=call.staff_called or coming)
    if call.phase is Phase.TALKING:
        who = "key/samaritan-decided" if decision.by_somebody else "key/nobody-reached"
        answer = "key/staff-called" if decision.told else "key/nobody-is-told"
        return called, (*whisper_caller(call, hears), *whisper_listener(call, who, answer))
    if call.phase in (Phase.OUTSIDE, Phase.DUTY_OFFICE):
        return called, whisper_caller(call, hears)
    return replace(called, aside=True), (say(call, hears),)


def acknowledged(call: Call) -> Step:
    return call, whisper_listener(call, "key/staff-acknowledged") if call.phase is Phase.TALKING else ()


def overheard_key(call: Call) -> Step:
    """The same key while we speak to the caller, before a Listener is there."""
    overheard = replace(call, overheard=not call.overheard, aside=True)
    return overheard, (say(call, "overheard/on" if overheard.overheard else "overheard/off"),)
