"""The sound of the phrase that is being said, kept for the second pass and overwritten after it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from speech.recogniser import SAMPLE_RATE
from speech.second import AgainLater
from speech.window import overwrite

# A recogniser of whole phrases was made for some ten seconds; nobody must wait longer for the second pass either.
LONGEST_BYTES = 10 * 2 * SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class HeardAgain:
    """What the second pass made of it, and the seconds of the call from which to which; ``whole``: in one piece."""

    words: str = field(repr=False)
    began: float
    second: float
    whole: bool


class Phrase:
    """Of one call. Nothing is kept when there is no second pass."""

    def __init__(self, second: AgainLater | None) -> None:
        self._pass = second
        self._sound = bytearray()
        self._began = 0.0
        # Filled by the second pass's thread, emptied by the call's.
        self._heard: list[HeardAgain] = []
        # A piece of what is being said was sent off already.
        self._cut = False
        self._over = False
        self._changing = threading.Lock()

    def __repr__(self) -> str:
        return "Phrase()"

    def goes_on(self, pcm: bytes, second: float, *, ended: bool) -> None:
        if self._pass is None:
            return
        if not self._sound:
            self._began = second
        self._sound += pcm
        if ended:
            self.ended(second)
        elif len(self._sound) >= LONGEST_BYTES:
            self._cut = True
            self._send(second)

    def ended(self, second: float) -> None:
        """Off it goes to be heard again; `second` of the call is when it ended."""
        self._send(second)
        self._cut = False

    def heard_again(self) -> Sequence[HeardAgain]:
        """Each phrase that the second pass has done since."""
        with self._changing:
            heard, self._heard = self._heard, []
        return heard

    def wipe(self) -> None:
        with self._changing:
            self._over = True
            self._heard.clear()
        overwrite(self._sound)
        if self._pass:
            self._pass.forget(self)

    def _send(self, second: float) -> None:
        if self._pass and self._sound:
            told = partial(self._take, began=self._began, second=second, whole=not self._cut)
            self._pass.hear(self._sound, told, owner=self)
            self._sound = bytearray()

    def _take(self, words: str, *, began: float, second: float, whole: bool) -> None:
        with self._changing:
            if not self._over:
                self._heard.append(HeardAgain(words, began, second, whole))
