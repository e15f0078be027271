"""Whispers to one side of a conversation, one after the other, so that none talks over another."""

import asyncio
from collections.abc import Sequence

import structlog

from ivr.legs import Leg, Telephony
from ivr.prompt_files import seconds
from models.errors import AsterisksFault

log = structlog.get_logger()

PAUSE_SECONDS = 0.2


class Whispers:
    """What is being whispered into one leg."""

    def __init__(self, telephony: Telephony, leg: Leg) -> None:
        self._telephony = telephony
        self.leg = leg
        self._free_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    def say(self, files: Sequence[str]) -> float:
        """Returns the moment, on the loop's clock, at which all of it will have been said."""
        loop = asyncio.get_running_loop()
        begins = max(loop.time(), self._free_at)
        self._free_at = begins + sum(map(seconds, files)) + PAUSE_SECONDS
        task = loop.create_task(self._say_at(begins, files))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return self._free_at

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _say_at(self, begins: float, files: Sequence[str]) -> None:
        await asyncio.sleep(max(0.0, begins - asyncio.get_running_loop().time()))
        try:
            await self._telephony.whisper(self.leg, files)
        except AsterisksFault as fault:
            log.warning("whisper.failed", error=type(fault).__name__)
