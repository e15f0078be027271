"""What a recogniser makes of a telephone's words: what heard.tsv shows of single words, played back at random."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache

from corpus.heard import all_heard

# On a bad line one word in three is wrong; the encoder learns from good and bad ones.
WORST = 0.35
LOST = 0.3
# More words than this on one side are a lost stretch and not a mishearing.
LONGEST = 3


def misheard(words: str, dice: random.Random) -> str:
    """The same words as a noisy line would bring them; another line each time."""
    often = dice.random() * WORST
    return " ".join(heard for word in words.split() if (heard := _one(word, often, dice)))


def _one(word: str, often: float, dice: random.Random) -> str:
    if word == "." or dice.random() >= often:
        return word
    known = _table().get(word)
    if known:
        return dice.choice(known)
    return "" if dice.random() < LOST else word


@cache
def _table() -> dict[str, list[str]]:
    """Each word and what it was heard as, as often as it was."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in all_heard():
        said = " ".join(one.said).split()
        for heard in (one.first, one.second):
            for word, instead in pairs(said, " ".join(heard).split()):
                found[word].append(instead)
    return dict(found)


def pairs(said: Sequence[str], heard: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each word that was not heard as itself, and what stands in its place; nothing when it was lost."""
    for tag, at, to, other_at, other_to in SequenceMatcher(None, said, heard, autojunk=False).get_opcodes():
        if tag == "delete" and to - at <= LONGEST:
            yield from ((word, "") for word in said[at:to])
        elif tag == "replace" and to - at <= LONGEST and other_to - other_at <= LONGEST:
            yield said[at], " ".join(heard[other_at:other_to])
            yield from ((word, "") for word in said[at + 1 : to])
