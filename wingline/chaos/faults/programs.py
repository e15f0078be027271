"""Programs are killed, stopped, told to end, or changed; they are started again as `wingline up` does it."""

import os
import signal
from contextlib import suppress

from wingline.children import Child


class Killed:
    who = None

    def __init__(self, program: Child, how: signal.Signals = signal.SIGKILL) -> None:
        self._program, self._how = program, how

    async def inject(self) -> bool:
        return _tell(self._program, self._how)

    async def heal(self) -> None:
        """It is started again by whoever keeps it running."""


class Upgraded:
    """As `wingline upgrade` does it (docs/upgrade.md), with the same release."""

    who = None

    def __init__(self, line: Child) -> None:
        self._line = line

    async def inject(self) -> bool:
        """Whether the other one took over; not when another fault had the line meanwhile."""
        return self._line.running and await self._line.hand_over()

    async def heal(self) -> None:
        """Nothing was broken."""


class Stopped:
    """SIGSTOP: it holds its ports and sockets, and does nothing. The watchdog kills line and speech, not Asterisk."""

    who = None

    def __init__(self, program: Child) -> None:
        self._program = program

    async def inject(self) -> bool:
        return _tell(self._program, signal.SIGSTOP)

    async def heal(self) -> None:
        """Nothing when it was killed meanwhile: another runs in its place, which SIGCONT does not change."""
        with suppress(ProcessLookupError):
            _tell(self._program, signal.SIGCONT)


def _tell(program: Child, what: signal.Signals) -> bool:
    """It and what it has started; whether it was there to be told."""
    if program.pid is None:
        return False
    os.killpg(program.pid, what)
    return True
