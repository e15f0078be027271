"""The gate in front of the recogniser: speech goes through with a little before and after it, silence never does."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

FRAME_SECONDS = 0.02
FRAME_BYTES = 640

# Voice in 3 of the last 5 frames opens: a click does not, and 60 ms are still inside what is passed on from before.
RECENT, NEEDED = 5, 3
PRE_ROLL = 10
# Half a second of quiet is the end of an utterance; Vosk needs about 300 ms of it to bring out the last word.
HANG_OVER = 25


@dataclass(frozen=True, slots=True)
class Passage:
    """What the gate lets through for one frame, and whether an utterance is over with it."""

    pcm: bytes = field(default=b"", repr=False)
    ended: bool = False


class Gate:
    """The voice-activity gate of one call."""

    def __init__(self, is_speech: Callable[[bytes], bool]) -> None:
        self._is_speech = is_speech
        self._before: deque[bytes] = deque(maxlen=PRE_ROLL)
        self._voiced: deque[bool] = deque(maxlen=RECENT)
        self._quiet = 0
        self._open = False

    def let_through(self, frame: bytes) -> Passage:
        voiced = self._is_speech(frame)
        self._voiced.append(voiced)
        if self._open:
            return self._while_open(frame, voiced)
        self._before.append(frame)
        if sum(self._voiced) < NEEDED:
            return Passage()
        self._open, self._quiet = True, 0
        pcm = b"".join(self._before)
        self._before.clear()
        return Passage(pcm)

    def _while_open(self, frame: bytes, voiced: bool) -> Passage:  # noqa: FBT001 - a private step of let_through
        self._quiet = 0 if voiced else self._quiet + 1
        self._open = self._quiet < HANG_OVER
        return Passage(frame, ended=not self._open)

    def wipe(self) -> None:
        self._before.clear()
        self._voiced.clear()
        self._open = False
