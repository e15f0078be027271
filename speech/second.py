"""The second pass: a finished phrase is heard once more by a better recogniser, as far as there is time for it."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Protocol, TypeAlias

import structlog

from speech.secrecy import kind_of
from speech.window import overwrite

# What has waited longer than this is not worth hearing: the flag would come after the conversation has gone on.
PATIENCE_SECONDS = 4.0
MOST_WAITING = 16

log: structlog.stdlib.BoundLogger = structlog.get_logger("speech")

Engine: TypeAlias = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Counts:
    """Phrases since this process began: heard a second time, and left out for want of time."""

    heard: int = 0
    dropped: int = 0


class AgainLater(Protocol):
    """Takes the sound of a phrase over (16-bit, 16 kHz) and tells its words when it has heard it, or never.

    ``owner`` is whose phrases are forgotten together: when ``forget`` returns nothing of them is left.
    """

    def hear(self, pcm: bytearray, told: Callable[[str], None], *, owner: object) -> None: ...

    def forget(self, owner: object) -> None: ...

    @property
    def counts(self) -> Counts: ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The sound of one phrase, and who is told its words."""

    pcm: bytearray = field(repr=False)
    since: float
    told: Callable[[str], None] = field(repr=False)
    owner: object = field(repr=False)


class SecondPass:
    """One thread and one model for all calls; under load it drops whole phrases, the first pass goes on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: deque[_Waiting] = deque()
        self._in_hand: _Waiting | None = None
        self._changed = threading.Condition()
        self.counts = Counts()
        self._thread: threading.Thread | None = None

    def hear(self, pcm: bytearray, told: Callable[[str], None], *, owner: object) -> None:
        """Takes the sound over, and overwrites it when it has been heard or dropped."""
        with self._changed:
            if self._thread is None:
                # Not before: Landlock holds only threads that begin after it (speech/sandbox.py).
                self._thread = threading.Thread(target=self._work, name="second pass", daemon=True)
                self._thread.start()
            if len(self._waiting) == MOST_WAITING:
                self._drop(self._waiting.popleft())
            self._waiting.append(_Waiting(pcm, monotonic(), told, owner))
            self._changed.notify_all()

    def forget(self, owner: object) -> None:
        """What waits is overwritten unheard; what is just being heard, for a second or two, is waited for."""
        with self._changed:
            for phrase in [one for one in self._waiting if one.owner is owner]:
                self._waiting.remove(phrase)
                overwrite(phrase.pcm)
            self._changed.wait_for(lambda: self._in_hand is None or self._in_hand.owner is not owner)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting))
                phrase = self._in_hand = self._waiting.popleft()
            if monotonic() - phrase.since > PATIENCE_SECONDS:
                self._drop(phrase)
            else:
                self._hear_again(phrase)
            with self._changed:
                self._in_hand = None
                self._changed.notify_all()

    def _hear_again(self, phrase: _Waiting) -> None:
        try:
            phrase.told(self._engine(bytes(phrase.pcm)))
            self.counts = replace(self.counts, heard=self.counts.heard + 1)
        except Exception as error:  # noqa: BLE001 - the edge: whatever fell may carry words, only its class goes on
            log.error("speech.second_pass_fell", error=kind_of(error))  # noqa: TRY400 - a traceback could carry words
        finally:
            overwrite(phrase.pcm)

    def _drop(self, phrase: _Waiting) -> None:
        self.counts = replace(self.counts, dropped=self.counts.dropped + 1)
        overwrite(phrase.pcm)
