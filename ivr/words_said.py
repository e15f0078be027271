"""Short ways to say a prompt to one side in the call's language."""

from collections.abc import Sequence

from escalation import triage
from ivr import orders as o
from ivr.call import Call
from models.words import Language, Prompt


def say(call: Call, *prompts: str, wait: float = 0) -> o.Say:
    return o.Say(_lines(call.language, prompts), wait)


def escalation(call: Call, happened: triage.Happening) -> tuple[tuple[o.Order, ...], tuple[Prompt, ...]]:
    """The order to tell staff and what the caller hears about it, or neither, as the profile says."""
    decided = triage.triage(call.rules.profile, happened)
    if isinstance(decided, triage.Kept):
        return (), ()
    return (o.Escalate(decided.cause, decided.danger),), (decided.caller_hears,)


def whisper_caller(call: Call, *prompts: str) -> tuple[o.Order, ...]:
    if not prompts:
        return ()
    return (o.Whisper(o.Side.CALLER, _lines(call.language, prompts)),)


def whisper_listener(call: Call, *prompts: str, tone: bool = False) -> tuple[o.Order, ...]:
    """Listeners are spoken to in the site's language, which they were trained in."""
    return (o.Whisper(o.Side.LISTENER, _lines(call.rules.default_language, prompts), tone=tone),)


def both_languages(languages: Sequence[str], *, opening: bool) -> tuple[o.Line, ...]:
    """Each language's own name in itself, and its key."""
    lines = [o.Line(Language(languages[0]), Prompt("line/name"))] if opening else []
    for place, language in enumerate(languages, start=1):
        lines += _lines(Language(language), ("language/own-name", f"line/press-{place}"))
    return tuple(lines)


def _lines(language: Language, prompts: Sequence[str]) -> tuple[o.Line, ...]:
    return tuple(o.Line(language, Prompt(prompt)) for prompt in prompts)
