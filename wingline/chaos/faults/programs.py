"""Line, speech and Asterisk are killed, stopped, or told to end; `wingline up` starts and kills as it always does."""

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
