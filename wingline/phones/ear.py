"""The pipe through which a phone's loudspeaker reaches us, and the search for a sound in it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable

from .heard import Heard, HeardCall


class Ear:
    """A pipe in the place of the WAV file that baresip believes to write: nothing heard is on disk."""

    def __init__(self, *, news: Callable[[], None]) -> None:
        self.heard = Heard()
        self._news = news
        self._ends: tuple[int, int] | None = None

    def open(self) -> str:
        """The name under which baresip can open it; a short one, for baresip cuts names at 128 characters."""
        # We keep the end for writing open too: the end of a call is not the end of the file.
        read_end, write_end = self._ends = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        asyncio.get_running_loop().add_reader(read_end, self._listen, read_end)
        return f"/proc/{os.getpid()}/fd/{write_end}"

    def close(self) -> None:
        if self._ends is not None:
            asyncio.get_running_loop().remove_reader(self._ends[0])
            for end in self._ends:
                os.close(end)
            self._ends = None

    def _listen(self, pipe: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self.heard.feed(os.read(pipe, 1 << 20), time.monotonic())
            self._news()


class Search:
    """Looks at each stretch of sound once, but for what a clip needs to lie across two blocks."""

    def __init__(self, heard: Heard, find: Callable[[bytes], int | None], *, since: float, length: int) -> None:
        self._heard, self._find, self._since, self._length = heard, find, since, length
        self._call: HeardCall | None = None
        self._looked_to = 0

    def look(self) -> float | None:
        """When what is sought began, if it is in what was heard since the last look."""
        call = self._heard.calls[-1] if self._heard.calls else None
        if call is None or not call.end:
            return None
        if call is not self._call:
            self._call, self._looked_to = call, max(0, call.clock.sample_at(self._since))
        if call.end - self._looked_to < self._length:
            return None
        first, pcm = call.samples(self._looked_to, call.end)
        place = self._find(pcm)
        self._looked_to = max(first, call.end - self._length + 1)
        return None if place is None else call.clock.time_of(first + place)
