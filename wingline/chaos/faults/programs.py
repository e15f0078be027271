"""Line, speech and Asterisk are killed, stopped, told to end, or changed; they are started as `wingline up` does it."""

import signal
from contextlib import suppress

from wingline.chaos.prison import Prison


class Killed:
    who = None

    def __init__(self, prison: Prison, program: str, how: signal.Signals = signal.SIGKILL) -> None:
        self._prison, self._program, self._how = prison, program, how

    async def inject(self) -> bool:
        return self._prison.signal(self._program, self._how)

    async def heal(self) -> None:
        """It is started again by whoever keeps it running."""


class Upgraded:
    """As `wingline upgrade` does it (docs/upgrade.md), with the same release."""

    who = None

    def __init__(self, prison: Prison) -> None:
        self._line = prison.child("line")

    async def inject(self) -> bool:
        """Whether the other one took over; not when another fault had the line meanwhile."""
        return self._line.running and await self._line.hand_over()

    async def heal(self) -> None:
        """Nothing was broken."""


class Stopped:
    """SIGSTOP: it holds its ports and sockets, and does nothing. The watchdog kills line and speech, not Asterisk."""

    who = None

    def __init__(self, prison: Prison, program: str) -> None:
        self._prison, self._program = prison, program

    async def inject(self) -> bool:
        return self._prison.signal(self._program, signal.SIGSTOP)

    async def heal(self) -> None:
        """Nothing when it was killed meanwhile: another runs in its place, which SIGCONT does not change."""
        with suppress(ProcessLookupError):
            self._prison.signal(self._program, signal.SIGCONT)
