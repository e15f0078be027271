"""What the layers below the console say to people: English with named places, put into their language by the console.

Nothing here knows a language, so that what is decided, compared or signed cannot depend on one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Phrase:
    """The English is the message of the catalogues; ``more`` is that of several, of which there are ``count``."""

    english: str
    facts: Mapping[str, "Said"]
    more: str = ""
    count: int = 0


# What is no phrase is the same in every language, but for the names of months.
Said = Phrase | date | str


def marked(message: str) -> str:
    """A message that stands somewhere before anybody says it."""
    return message


def phrase(english: str, **facts: Said) -> Phrase:
    """As Jinja's own: a per cent sign is written twice."""
    return Phrase(english, facts)


def counted(one: str, more: str, count: int) -> Phrase:
    return Phrase(one, {}, more, count)


def in_english(some: Said) -> str:
    """For logs, and wherever nobody has a language."""
    if not isinstance(some, Phrase):
        return f"{some.day} {some:%B %Y}" if isinstance(some, date) else some
    english = some.english if not some.more or some.count == 1 else some.more
    return english % {"count": some.count, **{name: in_english(fact) for name, fact in some.facts.items()}}


def listed(some: Iterable[Said]) -> Said:
    """Such as "a, b and c"."""
    *others, last = some
    return phrase("%(others)s and %(last)s", others=joined(others), last=last) if others else last


def either(some: Iterable[Said]) -> Said:
    """Such as "a, b or c"."""
    *others, last = some
    return phrase("%(others)s or %(last)s", others=joined(others), last=last) if others else last


def joined(some: Iterable[Said], by: str = marked("%(one)s, %(next)s")) -> Said:
    """One after the other."""
    found, *others = some
    for one in others:
        found = phrase(by, one=found, next=one)
    return found
