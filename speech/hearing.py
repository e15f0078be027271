"""One call being heard: a thread that takes audio, lets speech through, and raises flags until it forgets it all."""

import threading
import time
from collections.abc import Callable, Sequence

import structlog

from models.dangers import Flag
from speech.backlog import Backlog
from speech.gate import FRAME_SECONDS, Gate
from speech.lookout import Lookout
from speech.recogniser import Heard, NewDetector, NewRecogniser, Recogniser
from speech.reports import CallForgotten, FellBehind, Report
from speech.secrecy import kind_of
from speech.window import Window

# 100 ms: small enough for the flag's budget of 600 ms, large enough to keep the recogniser cheap.
CHUNK = 5
# Without audio the words still grow old.
HOUSEKEEPING_SECONDS = 1.0
# One report of lost audio a second is enough to act on.
BEHIND_EVERY_SECONDS = 1.0

log: structlog.stdlib.BoundLogger = structlog.get_logger("speech")


class Hearing:
    """Everything that exists of one call in this process; `tell` is called from its thread."""

    def __init__(
        self, call: str, tell: Callable[[Report], None], *, recogniser: NewRecogniser, detector: NewDetector
    ) -> None:
        self.call = call
        self._tell = tell
        self._new_recogniser = recogniser
        self._gate = Gate(detector())
        self._backlog = Backlog()
        self._window = Window()
        self._lookout = Lookout()
        self._second = 0.0
        self._lost = FellBehind(call, 0.0)
        self._next_behind = 0.0
        self._thread = threading.Thread(target=self._listen, name="hearing", daemon=True)

    def __repr__(self) -> str:
        return f"Hearing({self.call!r})"

    def begin(self) -> None:
        self._thread.start()

    def take_in(self, frame: bytes) -> None:
        self._backlog.put(frame)

    def end(self) -> None:
        """At once: what waits is dropped, and `CallForgotten` follows when the words are gone."""
        self._backlog.close()

    def _listen(self) -> None:
        try:
            self._hear_until_closed(self._new_recogniser())
        except Exception as error:  # noqa: BLE001 - the edge: whatever fell may carry words, only its class goes on
            log.error("speech.hearing_fell", call=self.call, error=kind_of(error))  # noqa: TRY400 - a traceback could carry words
        finally:
            self._backlog.close()
            self._window.wipe()
            self._gate.wipe()
            self._tell(CallForgotten(self.call))

    def _hear_until_closed(self, recogniser: Recogniser) -> None:
        while taken := self._backlog.take(CHUNK, within=HOUSEKEEPING_SECONDS):
            self._note_lost(taken.dropped)
            self._window.forget_old(time.monotonic())
            self._hear(recogniser, taken.frames)

    def _hear(self, recogniser: Recogniser, frames: Sequence[bytes]) -> None:
        if not frames:  # no audio comes: what was half said is settled, so that it grows old like the rest
            self._gate.wipe()
            self._weigh(recogniser.finish())
            return
        speech = b""
        for frame in frames:
            self._second += FRAME_SECONDS
            passage = self._gate.let_through(frame)
            speech += passage.pcm
            if passage.ended:
                self._weigh(recogniser.hear(speech))
                self._weigh(recogniser.finish())
                speech = b""
        if speech:
            self._weigh(recogniser.hear(speech))

    def _weigh(self, heard: Heard) -> None:
        if not heard.words:
            return
        words = self._window.with_newest(heard.words)
        for hit in self._lookout.raised_by(words, self._second, settled=heard.settled):
            self._tell(Flag(self.call, hit.rule, hit.danger, self._second))
        if heard.settled:
            self._window.keep(heard.words, time.monotonic())

    def _note_lost(self, frames: int) -> None:
        lost = frames * FRAME_SECONDS
        self._second += lost
        self._lost = FellBehind(self.call, self._lost.seconds + lost)
        if self._lost.seconds > 0 and self._second >= self._next_behind:
            self._tell(self._lost)
            self._lost = FellBehind(self.call, 0.0)
            self._next_behind = self._second + BEHIND_EVERY_SECONDS
