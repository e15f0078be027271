"""A caller waits: who is rung, what they hear meanwhile, and what follows when nobody comes."""

from dataclasses import replace

from ivr import orders as o
from ivr.call import Call, Phase
from ivr.staff_key import Step
from ivr.words_said import say, whisper_listener
from models.words import CallStage, Seat


def wait(call: Call, *prompts: str) -> Step:
    """Rings first and speaks then, so that nobody waits for our words."""
    waiting = replace(call, phase=Phase.WAITING, calm=0)
    ring = o.RingListeners(Seat.FIRST, call.language, call.same_again, call.not_again)
    if call.same_again and call.same_again not in call.not_again:
        prompts = (*prompts[:-1], "wait/same-again")
    return waiting, (o.NoteStage(CallStage.WAITING), ring, say(waiting, *prompts, wait=call.rules.calm_wait_seconds))


def calm(call: Call) -> Step:
    words = f"wait/still-{call.calm % 3 + 1}"
    return replace(call, calm=call.calm + 1), (say(call, words, wait=call.rules.calm_wait_seconds),)


def more_are_rung(call: Call) -> Step:
    if call.phase is not Phase.WAITING or call.staff_key or call.aside:
        return call, ()
    return call, (say(call, "wait/more-listeners", wait=call.rules.calm_wait_seconds),)


def nobody_came(call: Call, seat: Seat) -> Step:
    if seat is Seat.SECOND:
        return call, whisper_listener(call, "key/no-second") if call.phase is Phase.TALKING else ()
    if call.phase is not Phase.WAITING:
        return call, ()
    outside = replace(call, phase=Phase.OUTSIDE)
    if call.staff_key or call.aside:
        # What the caller is just being told goes on; the outside helpline is announced after it.
        return outside, (o.NoteStage(CallStage.OUTSIDE),)
    return outside, (o.NoteStage(CallStage.OUTSIDE), say(outside, "wait/outside"))
