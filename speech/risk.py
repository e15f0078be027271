"""Which dangers are in these words: a pure function over the rules and what stands around them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.dangers import Danger
from speech.context import excuses_for
from speech.phrases import Rule, rules


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that holds, and where: the positions of its first word and of the word after its last."""

    rule: str
    danger: Danger
    span: tuple[int, int]


def dangers_in(words: str | Sequence[str]) -> tuple[Hit, ...]:
    tokens = plain_words(words)
    text = "".join(f"{token} " for token in tokens)
    return tuple(hit for rule in rules() if (hit := _first_hit(rule, tokens, text)))


def plain_words(words: str | Sequence[str]) -> tuple[str, ...]:
    """Lower-case words as a recogniser writes them; typed text may come with capitals and punctuation."""
    said = words if isinstance(words, str) else " ".join(words)
    return tuple(re.findall(r"[a-z0-9']+", said.lower().replace("\u2019", "'")))


def _first_hit(rule: Rule, tokens: Sequence[str], text: str) -> Hit | None:
    for match in rule.said.finditer(text):
        start = text.count(" ", 0, match.start())
        end = start + match.group().count(" ")
        if not (_is_idiom(rule, text, match) or rule.heeds & excuses_for(tokens, start, end)):
            return Hit(rule.id, rule.danger, (start, end))
    return None


def _is_idiom(rule: Rule, text: str, match: re.Match[str]) -> bool:
    goes_on = rule.unless_next is not None and rule.unless_next.match(text, match.end())
    came_from = rule.unless_before is not None and rule.unless_before.search(text, 0, match.start())
    return bool(goes_on or came_from)
