"""What the line does again and again: when it fails it is logged by its kind, and done again at its next time."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from models.errors import WinglineError

log = structlog.get_logger()

Tick = Callable[[], Awaitable[None]]


class Ticking:
    """Ticks by a clock that nobody can set: by the wall clock they would stop for as long as it is put back.

    What is due is a row, so a tick that is late is not made up for.
    """

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._paused = False

    def every(self, seconds: float, tick: Tick, *, first_after: float | None = None) -> None:
        """``first_after``: so many seconds; else after the first ``seconds``."""
        after = seconds if first_after is None else first_after
        self._tasks.append(asyncio.create_task(self._again(logged(tick), seconds, after)))

    def pause(self) -> None:
        """Nothing more begins; what runs goes on."""
        self._paused = True

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _again(self, tick: Tick, seconds: float, after: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + after
        while True:
            await asyncio.sleep(due - loop.time())
            if not self._paused:
                await tick()
            due = max(due + seconds, loop.time())


def logged(tick: Tick) -> Tick:
    """A traceback would have the error's message, and a database's message repeats rows."""

    async def one_tick() -> None:
        try:
            await tick()
        except WinglineError as fault:
            log.warning("tick.failed", tick=tick.__qualname__, error=type(fault).__name__)
        except Exception as fault:  # noqa: BLE001  whatever it was, the next tick must come
            log.error("tick.failed", tick=tick.__qualname__, error=type(fault).__name__)  # noqa: TRY400  no traceback

    return one_tick
