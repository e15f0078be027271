"""How a call begins: which language, the notice, and the caller's answer to it."""

from dataclasses import replace

from ivr import orders as o
from ivr.call import Call, Phase
from ivr.staff_key import Step
from ivr.waiting import wait
from ivr.words_said import both_languages, say
from models.words import CallStage, Hearing


def opened(call: Call) -> Step:
    if call.phase is not Phase.LANGUAGE or call.page:
        return call, ()
    if len(call.rules.languages) == 1:
        return _goes_on_to_notice(call)
    return call, (o.NoteStage(CallStage.NOTICE), language_page(call))


def language_page(call: Call) -> o.Say:
    """Two languages at a time, each named in itself (domain.md 5.3, C2 and C3)."""
    pair = _pair(call)
    return o.Say(both_languages(pair, opening=call.page == 0), 1.5)


def language_chosen(call: Call, key: str | None) -> Step:
    pair = _pair(call)
    if key in ("1", "2") and int(key) <= len(pair):
        return _goes_on_to_notice(replace(call, language=call.rules.languages[2 * call.page + int(key) - 1]))
    turned = replace(call, page=call.page + 1)
    if key is None and _pair(turned):
        return turned, (language_page(turned),)
    return _goes_on_to_notice(call)


def notice(call: Call) -> o.Say:
    """Who hears, what the machine does, how to say no: within 12 s, before anything of it happens."""
    return say(call, *call.rules.profile.notice.for_mode(call.hearing), wait=1.5)


def consented(call: Call, key: str | None) -> Step:
    """Silence means no where the profile asks, and yes only where it may be presumed."""
    match call.hearing:
        case Hearing.OFF:
            return wait(call, "wait/ringing")
        case Hearing.ASK:
            listening = key == "1"
        case Hearing.OPT_OUT:
            listening = key != "2"
    answer = "caller/listening-on" if listening else "caller/listening-off"
    return wait(replace(call, listening=listening), answer, "wait/ringing")


def _pair(call: Call) -> tuple[str, ...]:
    return call.rules.languages[2 * call.page : 2 * call.page + 2]


def _goes_on_to_notice(call: Call) -> Step:
    told = replace(call, phase=Phase.NOTICE, aside=False)
    return told, (o.NoteStage(CallStage.NOTICE), notice(told))
