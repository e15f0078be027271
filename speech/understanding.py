"""How well a caller is understood: how far two recognisers agree on what was said. Of one call, and gone with it.

Neither says of itself when it has understood nothing; but two that were made in different ways are wrong in different
ways (docs/decisions/0017-how-well-a-caller-is-understood.md).
"""

from collections import deque
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from speech.risk import plain_words

# Until phrases have been heard twice, a caller counts as understood; this is as many words' worth of that.
UNDERSTOOD = 1.0
WORDS_BEFORE = 3.0
# What the second pass has not heard by then it will not hear (speech.second).
PENDING_SECONDS = 10.0
# Both passes say when a phrase ended by the sound that they were given; one chunk may lie between (speech.hearing).
SAME_MOMENT_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What the first pass settled on at this second of the call, and when, by the clock that ages words."""

    words: tuple[int, ...] = field(repr=False)
    second: float
    since: float


class Understanding:
    """Words are kept as numbers, to tell which are the same, until the other pass has heard the phrase too."""

    def __init__(self) -> None:
        self._pending: deque[_Phrase] = deque()
        self._words = WORDS_BEFORE
        self._agreed = WORDS_BEFORE * UNDERSTOOD

    def __repr__(self) -> str:
        return "Understanding()"

    @property
    def agreement(self) -> float:
        """0 to 1, over all words so far."""
        return self._agreed / self._words

    def first_heard(self, words: str, second: float, now: float) -> None:
        """What the first pass has settled on; ``second`` of the call is when the phrase ended."""
        self._pending.append(_Phrase(_numbers(words), second, now))

    def heard_again(self, words: str, second: float) -> None:
        """What the second pass made of a phrase; nothing follows from a piece that the first has not settled on."""
        before = next((one for one in self._pending if abs(one.second - second) < SAME_MOMENT_SECONDS), None)
        if before is None:
            return
        self._pending.remove(before)
        again = _numbers(words)
        longer = max(len(before.words), len(again))
        self._words += longer
        self._agreed += longer * SequenceMatcher(None, before.words, again, autojunk=False).ratio()

    def forget_old(self, now: float) -> None:
        while self._pending and now - self._pending[0].since >= PENDING_SECONDS:
            self._pending.popleft()

    def wipe(self) -> None:
        self._pending.clear()


def _numbers(words: str) -> tuple[int, ...]:
    # The hash of a string is salted by the process (PYTHONHASHSEED).
    return tuple(hash(word) for word in plain_words(words))
