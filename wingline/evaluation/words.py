"""Word error rate: insertions, deletions and substitutions per word that was said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from speech.risk import plain_words


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Errors against what was said."""

    errors: int
    said: int

    @property
    def rate(self) -> float | None:
        return round(self.errors / self.said, 4) if self.said else None

    @classmethod
    def over(cls, pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> "WordErrors":
        """Pairs of what was said and what was heard; each a sequence of words or of utterances."""
        errors = said = 0
        for said_, heard in pairs:
            wanted, got = plain_words(said_), plain_words(heard)
            errors += distance(wanted, got)
            said += len(wanted)
        return cls(errors, said)


def distance(wanted: Sequence[str], got: Sequence[str]) -> int:
    """Levenshtein's, over words."""
    row = np.arange(len(got) + 1)
    for number, word in enumerate(wanted, 1):
        changed = row[:-1] + np.array([word != other for other in got], dtype=int)
        left = number
        new = [left]
        for at, (substituted, above) in enumerate(zip(changed, row[1:], strict=True)):
            left = min(int(substituted), int(above) + 1, new[at] + 1)
            new.append(left)
        row = np.array(new)
    return int(row[-1])
