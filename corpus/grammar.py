"""Makes speech/learnt/callers.arpa.gz: which words follow each other in what callers say.

    python -m corpus.grammar     (half a minute; `make meaning` does it too)

An n-gram model of three words (one absolute discount, interpolated: Ney, Essen and Kneser 1994) over every author that
is learnt from. The set-up mixes it into the first recogniser's own (wingline.setup.grammar), which was made of what is
written and read aloud, and knows neither cells nor how people say that they want to die.
"""

import gzip
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from corpus.texts import to_learn_from
from wingline.setup.grammar import BEGIN, END, ORDER, UNKNOWN
from wingline.setup.graph import CALLERS

DISCOUNT = 0.75
# What was said once is left out, but for single words: it is most of the file, and taught nothing.
SEEN = {1: 1, 2: 2, 3: 2}
Gram = tuple[str, ...]


@dataclass(slots=True)
class Counted:
    """How often each sequence of so many words was said, and after which words how much was."""

    grams: Counter[Gram]
    after: Counter[Gram] = field(default_factory=Counter)
    kinds_after: Counter[Gram] = field(default_factory=Counter)

    @classmethod
    def of(cls, grams: Counter[Gram]) -> "Counted":
        counted = cls(grams)
        for gram, times in grams.items():
            counted.after[gram[:-1]] += times
            counted.kinds_after[gram[:-1]] += 1
        return counted


class Grammar:
    """How likely a word is after one or two others, as the corpus has it."""

    def __init__(self, utterances: Iterable[str]) -> None:
        grams: dict[int, Counter[Gram]] = {order: Counter() for order in range(1, ORDER + 1)}
        for utterance in utterances:
            words = (BEGIN, *utterance.split(), END)
            for order, of_order in grams.items():
                of_order.update(words[at : at + order] for at in range(len(words) - order + 1))
        del grams[1][BEGIN,]
        self._counted = {order: Counted.of(of_order) for order, of_order in grams.items()}

    def likely(self, gram: Gram) -> float:
        """Of the last word, after those before it; all that nobody said is one word, UNKNOWN."""
        if not gram:
            return 0.0
        if gram == (UNKNOWN,):
            return DISCOUNT * self._counted[1].kinds_after[()] / self._counted[1].after[()]
        counted = self._counted[len(gram)]
        after = counted.after[gram[:-1]]
        if not after:
            return self.likely(gram[1:])
        seen = max(counted.grams[gram] - DISCOUNT, 0.0) / after
        return seen + DISCOUNT * counted.kinds_after[gram[:-1]] / after * self.likely(gram[1:])

    def kept(self, order: int) -> list[Gram]:
        return sorted(gram for gram, times in self._counted[order].grams.items() if times >= SEEN[order])

    def left_over(self, order: int) -> dict[Gram, float]:
        """After these words, what is left for those that are not kept: the weight of the shorter sequence."""
        said: defaultdict[Gram, float] = defaultdict(float)
        shorter: defaultdict[Gram, float] = defaultdict(float)
        for gram in self.kept(order):
            said[gram[:-1]] += self.likely(gram)
            shorter[gram[:-1]] += self.likely(gram[1:])
        return {before: (1 - share) / (1 - shorter[before]) for before, share in said.items()}


def arpa(grammar: Grammar) -> Iterator[str]:
    """The lines of the format that every toolkit for speech reads (D. Paul, 1992)."""
    kept = {order: grammar.kept(order) for order in range(1, ORDER + 1)}
    yield "\\data\\"
    # Beside the words, the beginning and all that nobody said.
    yield from (f"ngram {order}={len(grams) + 2 * (order == 1)}" for order, grams in kept.items())
    for order, grams in kept.items():
        left = grammar.left_over(order + 1) if order < ORDER else {}
        yield f"\n\\{order}-grams:"
        if order == 1:
            yield f"{math.log10(grammar.likely((UNKNOWN,))):.4f}\t{UNKNOWN}"
            yield f"-99\t{BEGIN}\t{math.log10(left[BEGIN,]):.4f}"
        for gram in grams:
            weight = f"\t{math.log10(left[gram]):.4f}" if gram in left else ""
            yield f"{math.log10(grammar.likely(gram)):.4f}\t{' '.join(gram)}{weight}"
    yield "\n\\end\\"


def main(out: Path = CALLERS) -> None:
    grammar = Grammar(utterance for statement in to_learn_from() for utterance in statement.said)
    text = "\n".join(arpa(grammar)) + "\n"
    # Without the time of making: the same corpus gives the same file.
    out.write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))


if __name__ == "__main__":
    main()
