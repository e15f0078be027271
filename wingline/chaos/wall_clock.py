"""The line's wall clock, set apart from the machine's while it runs (libfaketime), and which of its times are whose.

Only the wall clock: monotonic time goes on, as it does when somebody sets the clock of a machine. Asterisk, speech and
this driver keep the machine's. Without the library there is none to set, and nothing is preloaded.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from wingline.setup.clock import clock_library
from wingline.setup.failure import SetupFailed

# libfaketime reads the file again so often.
SEEN_WITHIN = 1.0
_RIGHT = 0.0


@dataclass(frozen=True, slots=True)
class Jump:
    """``by`` so many seconds; ``over`` when it has come right."""

    by: float
    over: bool = False


class WallClock:
    def __init__(self, file: Path) -> None:
        self._file, self.since = file, time.time()
        self.jumps: list[Jump] = []
        try:
            self._library: Path | None = clock_library()
        except SetupFailed:
            self._library = None
        self._write(_RIGHT)

    @property
    def can_be_set(self) -> bool:
        return self._library is not None

    def environment(self) -> dict[str, str]:
        """For the one program whose clock is set."""
        if self._library is None:
            return {}
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": f"{SEEN_WITHIN:.0f}",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # With it threads of Python wait for one another eight times as long.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",
        }

    def jump(self, by: float) -> bool:
        """Whether it could be set: not without the library, nor while it is wrong already."""
        if self._library is None or (self.jumps and not self.jumps[-1].over):
            return False
        self.jumps.append(Jump(by))
        self._write(by)
        return True

    def come_right(self) -> None:
        self.jumps[-1] = replace(self.jumps[-1], over=True)
        self._write(_RIGHT)

    def _write(self, by: float) -> None:
        """Whole at once, for it is read at any moment."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{by:+.0f}\n")
        fresh.replace(self._file)


def really(timestamp: float, jumps: Iterable[Jump], run: tuple[float, float]) -> float:
    """What the machine's clock said when a line's said this.

    ``run``: its begin and now. Every jump is longer, so what is not within it a clock had said that had jumped.
    """
    begin, end = run
    said_by = (timestamp - by for by in (0.0, *(jump.by for jump in jumps)))
    return next((at for at in said_by if begin <= at <= end), timestamp)
