"""The sound of the phrase that is being said, kept for the second pass and overwritten after it."""

import threading
from collections.abc import Sequence
from functools import partial

from speech.recogniser import SAMPLE_RATE
from speech.second import AgainLater
from speech.window import overwrite

# A recogniser of whole phrases was made for some ten seconds; nobody must wait longer for the second pass either.
LONGEST_BYTES = 10 * 2 * SAMPLE_RATE


class Phrase:
    """Of one call. Nothing is kept when there is no second pass."""

    def __init__(self, second: AgainLater | None) -> None:
        self._pass = second
        self._sound = bytearray()
        # Filled by the second pass's thread, emptied by the call's.
        self._heard: list[tuple[str, float]] = []
        self._over = False
        self._changing = threading.Lock()

    def __repr__(self) -> str:
        return "Phrase()"

    def goes_on(self, pcm: bytes, second: float, *, ended: bool) -> None:
        if self._pass is None:
            return
        self._sound += pcm
        if ended or len(self._sound) >= LONGEST_BYTES:
            self.ended(second)

    def ended(self, second: float) -> None:
        """Off it goes to be heard again; `second` of the call is when it ended."""
        if self._pass and self._sound:
            self._pass.hear(self._sound, partial(self._take, second=second))
            self._sound = bytearray()

    def heard_again(self) -> Sequence[tuple[str, float]]:
        """The words of each phrase that the second pass has done since, and when the phrase ended."""
        with self._changing:
            heard, self._heard = self._heard, []
        return heard

    def wipe(self) -> None:
        with self._changing:
            self._over = True
            self._heard.clear()
        overwrite(self._sound)

    def _take(self, words: str, *, second: float) -> None:
        with self._changing:
            if not self._over:
                self._heard.append((words, second))
