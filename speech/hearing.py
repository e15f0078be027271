"""One call being heard: a thread that takes audio and raises flags until it forgets it all."""

import threading
import time
from collections.abc import Callable

import structlog

from models.dangers import Flag
from speech.backlog import Backlog
from speech.gate import FRAME_SECONDS
from speech.listening import Listening, Means
from speech.reports import CallForgotten, FellBehind, Report
from speech.secrecy import kind_of

# 100 ms: small enough for the flag's budget of 600 ms, large enough to keep the recogniser cheap.
CHUNK = 5
# Without audio the words still grow old.
HOUSEKEEPING_SECONDS = 1.0
# One report of lost audio a second is enough to act on.
BEHIND_EVERY_SECONDS = 1.0

log: structlog.stdlib.BoundLogger = structlog.get_logger("speech")


class Hearing:
    """Everything that exists of one call in this process; `tell` is called from its thread."""

    def __init__(self, call: str, tell: Callable[[Report], None], means: Means) -> None:
        self.call = call
        self._tell = tell
        self._means = means
        self._backlog = Backlog()
        self._lost = 0.0
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
        listening: Listening | None = None
        try:
            listening = Listening(self._means, time.monotonic)
            self._hear_until_closed(listening)
        except Exception as error:  # noqa: BLE001 - the edge: whatever fell may carry words, only its class goes on
            log.error("speech.hearing_fell", call=self.call, error=kind_of(error))  # noqa: TRY400 - a traceback could carry words
        finally:
            self._backlog.close()
            if listening:
                listening.wipe()
            # With it go the recogniser and what it was given: before anybody is told that the call is forgotten.
            del listening
            self._tell(CallForgotten(self.call))

    def _hear_until_closed(self, listening: Listening) -> None:
        while taken := self._backlog.take(CHUNK, within=HOUSEKEEPING_SECONDS):
            self._note_lost(listening, taken.dropped)
            for noticed in listening.hear(taken.frames):
                self._tell(Flag(self.call, noticed.found.rule, noticed.found.danger, noticed.second))

    def _note_lost(self, listening: Listening, frames: int) -> None:
        lost = frames * FRAME_SECONDS
        listening.skip(lost)
        self._lost += lost
        if self._lost > 0 and listening.second >= self._next_behind:
            self._tell(FellBehind(self.call, self._lost))
            self._lost = 0.0
            self._next_behind = listening.second + BEHIND_EVERY_SECONDS
