"""Programs that we start, watch and end: only those, and by their own ids."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

import structlog

log = structlog.get_logger()

STOP_SECONDS = 5.0
SHORT_LIFE_SECONDS = 5.0
# Its start, a quiet moment, and the change itself (wingline/handover.py).
HAND_OVER_SECONDS = 90.0
FIRST_PAUSE, LONGEST_PAUSE = 0.3, 10.0


def pause_after(lived: float, before: float) -> float:
    """A program that ends at once, again and again, is started less and less often."""
    return FIRST_PAUSE if lived > SHORT_LIFE_SECONDS else min(max(2 * before, FIRST_PAUSE), LONGEST_PAUSE)


def in_its_release(program: str) -> str:
    """Its folder without links: when one moves, what runs goes on loading modules and pages of its own release."""
    path = Path(program)
    return str(path.parent.resolve() / path.name) if path.is_absolute() else program


class Child:
    """One program of the line; its output goes to a file, where no word of a caller can be."""

    def __init__(self, name: str, command: Sequence[str], logs: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = command
        self._log = logs / f"{name}.log"
        self._environment = {**os.environ, **environment}
        self.process: asyncio.subprocess.Process | None = None
        # Where its release has it.
        self._program = ""
        self._next: tuple[asyncio.subprocess.Process, str] | None = None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.running and self.process else None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        self._program = self._as_before()
        self.process = await self._start(self._program)

    def _as_before(self) -> str:
        """Of the release that it was of: the one that is installed now may need other tables (``hand_over``)."""
        return self._program if Path(self._program).is_file() else in_its_release(self._command[0])

    async def _start(self, program: str) -> asyncio.subprocess.Process:
        self._log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._log.open("ab") as log_file:
            return await asyncio.create_subprocess_exec(
                program,
                *self._command[1:],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log_file,
                stderr=log_file,
                env=self._environment,
                start_new_session=True,
            )

    async def hand_over(self) -> bool:
        """Starts it, of the release that is installed now, beside the one that runs, which it asks to let go.

        False when the old one goes on.
        """
        program = in_its_release(self._command[0])
        before, after = self.process, await self._start(program)
        self._next = after, program
        if before is None:
            self._take_next()
            return True
        ended, other = asyncio.create_task(before.wait()), asyncio.create_task(after.wait())
        await asyncio.wait((ended, other), timeout=HAND_OVER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        handed = ended.done()
        other.cancel()
        ended.cancel()
        self._take_next() if handed else await self._without_next(after)
        return handed

    def _take_next(self) -> None:
        if self._next is not None:
            (self.process, self._program), self._next = self._next, None

    async def _without_next(self, after: asyncio.subprocess.Process) -> None:
        self._next = None
        if after.returncode is None:
            after.kill()
        await after.wait()

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Gently, and after a while for certain."""
        if self._next is not None:
            await self._without_next(self._next[0])
        if not self.running or not self.process:
            return
        self.process.send_signal(how)
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

    async def keep_running(self) -> None:
        """Starts it again whenever it has ended, for ever; the dialplan carries the calls meanwhile."""
        pause = 0.0
        while True:
            began = monotonic()
            if not self.running:
                await self.start()
            if self.process:
                code = await self.process.wait()
                if self._next is not None:
                    self._take_next()
                    log.info("child.handed_over", child=self.name)
                    continue
                log.warning("child.ended", child=self.name, code=code)
            pause = pause_after(monotonic() - began, pause)
            await asyncio.sleep(pause)
