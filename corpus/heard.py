"""What the recognisers made of statements that were spoken through a telephone: heard.tsv, by corpus.mishear."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from corpus.texts import to_learn_from

TABLE = Path(__file__).with_name("heard.tsv")
BETWEEN = " / "
# Of the words, for what is heard to be dangerous still.
LEFT = 0.4


@dataclass(frozen=True, slots=True)
class Heard:
    """One statement of an author that is learnt from, and each recogniser's utterances; some are lost whole."""

    author: str
    # As in the author's file: kinds, or -why.
    label: str
    said: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]

    def readings(self) -> Iterator[tuple[str, ...]]:
        """What there is to learn from: of each recogniser the utterances of which something was heard.

        None of dangerous words of which too little is left: who learnt from them would take for danger whatever makes
        no sense, and no telephone call makes sense throughout.
        """
        for heard in (self.first, self.second):
            words = tuple(utterance for utterance in heard if utterance)
            if words and (self.label.startswith("-") or self._left(words) >= LEFT):
                yield words

    def _left(self, heard: tuple[str, ...]) -> float:
        """0 to 1: the share of the words that was heard; a rare one counts more, for it says more."""
        said = " ".join(self.said).split()
        same = SequenceMatcher(None, said, " ".join(heard).split(), autojunk=False).get_matching_blocks()
        there = sum(_rarity(word) for block in same for word in said[block.a : block.a + block.size])
        return there / sum(_rarity(word) for word in said)

    def row(self) -> str:
        return "\t".join((self.author, self.label, *map(BETWEEN.join, (self.said, self.first, self.second))))


def _rarity(word: str) -> float:
    utterances, often = _counted()
    return math.log(utterances / (1 + often[word]))


@cache
def _counted() -> tuple[int, Counter[str]]:
    """How many utterances are learnt from, and in how many of them each word is."""
    known = [utterance.split() for statement in to_learn_from() for utterance in statement.said]
    return len(known), Counter(word for words in known for word in set(words))


@cache
def all_heard() -> tuple[Heard, ...]:
    return tuple(_read()) if TABLE.exists() else ()


def _read() -> Iterator[Heard]:
    for line in TABLE.read_text("utf-8").splitlines():
        author, label, said, first, second = line.split("\t")
        yield Heard(author, label, *(tuple(part.split(BETWEEN)) for part in (said, first, second)))
