"""What a recogniser makes of a telephone's words: misheard.tsv (by corpus.mishear), played back at random."""

import random
from collections import defaultdict
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("misheard.tsv")
# On a bad line one word in three is wrong; the encoder learns from good and bad ones.
WORST = 0.35
LOST = 0.3


@cache
def _table() -> dict[str, list[str]]:
    """Each word and what it was heard as, as often as it was."""
    found: dict[str, list[str]] = defaultdict(list)
    if TABLE.exists():
        for line in TABLE.read_text("utf-8").splitlines():
            said, heard, times = line.split("\t")
            found[said] += [heard] * int(times)
    return dict(found)


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
