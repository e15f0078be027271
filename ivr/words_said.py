"""Short ways to say a prompt to one side in the call's language."""

from collections.abc import Sequence
from dataclasses import replace

from escalation import triage
from ivr import orders as o
from ivr.call import Call
from models.words import Language, Prompt


def say(call: Call, *prompts: str, wait: float = 0) -> o.Say:
    return o.Say(_lines(call.language, prompts), wait)


def escalation(call: Call, happened: triage.Happening) -> tuple[tuple[o.Order, ...], tuple[Prompt, ...]]:
    """The order to tell staff and what the caller hears about it, or neither, as the profile says."""
    decided = triage.triage(call.rules.profile, happened)
    return ((), ()) if isinstance(decided, triage.Kept) else escalation_of(decided)


def escalation_of(decided: triage.Escalate) -> tuple[tuple[o.Order, ...], tuple[Prompt, ...]]:
    return (o.Escalate(decided.cause, decided.danger, decided.asks_first),), (decided.caller_hears,)


def before(call: Call, prompts: Sequence[str], orders: Sequence[o.Order]) -> tuple[o.Order, ...]:
    """The same orders, and these words before whatever is said in them."""
    lines = _lines(call.language, prompts)
    return tuple(replace(one, lines=(*lines, *one.lines)) if isinstance(one, o.Say) else one for one in orders)


def unsaid(orders: Sequence[o.Order]) -> tuple[o.Order, ...]:
    """The same orders, and nothing is said."""
    return tuple(order for order in orders if not isinstance(order, o.Say))


def whisper_caller(call: Call, *prompts: str) -> tuple[o.Order, ...]:
    if not prompts:
        return ()
    return (o.Whisper(o.Side.CALLER, _lines(call.language, prompts)),)


def whisper_listener(call: Call, *prompts: str, tone: bool = False) -> tuple[o.Order, ...]:
    """Listeners are spoken to in the site's language, which they were trained in."""
    return (o.Whisper(o.Side.LISTENER, _lines(call.rules.default_language, prompts), tone=tone),)


def whisper_menu(call: Call, *prompts: str) -> tuple[o.Order, ...]:
    return (o.Whisper(o.Side.LISTENER, _lines(call.rules.default_language, prompts), menu=True),)


def both_languages(languages: Sequence[str], *, opening: bool) -> tuple[o.Line, ...]:
    """Each language's own name in itself, and its key."""
    lines = [o.Line(Language(languages[0]), Prompt("line/name"))] if opening else []
    for place, language in enumerate(languages, start=1):
        lines += _lines(Language(language), ("language/own-name", f"line/press-{place}"))
    return tuple(lines)


def _lines(language: Language, prompts: Sequence[str]) -> tuple[o.Line, ...]:
    return tuple(o.Line(language, Prompt(prompt)) for prompt in prompts)
