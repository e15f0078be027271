"""A call's audio that waits for its recogniser: at most a second, and the oldest goes first."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

# A flag that comes late is worth less than one from what is said now, and a call is never delayed.
MOST_FRAMES = 50


@dataclass(frozen=True, slots=True)
class Taken:
    """The next frames of a call, and how many before them were dropped."""

    frames: Sequence[bytes] = field(repr=False)
    dropped: int


class Backlog:
    """The frames between the socket, which never waits, and the worker thread, which does."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._dropped = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, frame: bytes) -> None:
        with self._changed:
            if self._closed:
                return
            if len(self._frames) == MOST_FRAMES:
                self._frames.popleft()
                self._dropped += 1
            self._frames.append(frame)
            self._changed.notify()

    def take(self, count: int, *, within: float) -> Taken | None:
        """The next `count` frames, fewer when time is up, None when the call is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._frames) >= count, within)
            if self._closed:
                return None
            frames = [self._frames.popleft() for _ in range(min(count, len(self._frames)))]
            dropped, self._dropped = self._dropped, 0
            return Taken(frames, dropped)

    def close(self) -> None:
        """What still waits is dropped: after an end or an opt-out nothing more is heard."""
        with self._changed:
            self._closed = True
            self._frames.clear()
            self._changed.notify()
