"""What the line does again and again: when it fails it is logged by its kind, and done again at its next time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from models.clock import now, steady
from models.errors import WinglineError

log = structlog.get_logger()

Tick = Callable[[], Awaitable[None]]

LOOK_SECONDS = 0.5
# The wall clock and the steady one never drift apart so far by themselves between two looks.
SET_BY = timedelta(seconds=0.25)


class Ticking:
    """APScheduler, which goes by the wall clock: put back by two hours it would not tick for two hours, so it is woken.

    What is due is a row, so a tick that is late is not made up for.
    """

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._watching: asyncio.Task[None] | None = None

    def every(self, seconds: float, tick: Tick, *, first_after: float | None = None) -> None:
        """``first_after``: so many seconds; else after the first ``seconds``."""
        first = now() + timedelta(seconds=seconds if first_after is None else first_after)
        once = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler.add_job(logged(tick), "interval", seconds=seconds, next_run_time=first, **once)
        if self._watching is None:
            self._scheduler.start()
            self._watching = asyncio.create_task(self._watch_the_clock())

    def pause(self) -> None:
        """Nothing more begins; what runs goes on."""
        self._scheduler.pause()

    async def stop(self) -> None:
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._scheduler.shutdown(wait=False)

    async def _watch_the_clock(self) -> None:
        apart = now() - steady()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            before, apart = apart, now() - steady()
            if abs(apart - before) > SET_BY:
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=now())


def logged(tick: Tick) -> Tick:
    """APScheduler itself would write a traceback with the error's message, and a database's message repeats rows."""

    async def one_tick() -> None:
        try:
            await tick()
        except WinglineError as fault:
            log.warning("tick.failed", tick=tick.__qualname__, error=type(fault).__name__)
        except Exception as fault:  # noqa: BLE001  whatever it was, the next tick must come
            log.error("tick.failed", tick=tick.__qualname__, error=type(fault).__name__)  # noqa: TRY400  no traceback

    return one_tick
