"""Whispers to one side of a conversation, one after the other, so that none talks over another."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from ivr.legs import Leg, Telephony
from ivr.orders import Whisper
from ivr.prompt_files import PromptFiles, seconds
from models.errors import AsterisksFault

log = structlog.get_logger()

PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Whisper:
    """Times are on the loop's clock."""

    begins: float
    ends: float
    task: asyncio.Task[None]


class Whispers:
    """What is being whispered into one leg."""

    def __init__(self, telephony: Telephony, leg: Leg) -> None:
        self._telephony = telephony
        self.leg = leg
        self._free_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._menu: list[_Whisper] = []

    def say(self, files: Sequence[str]) -> float:
        """Returns the moment, on the loop's clock, at which all of it will have been said."""
        return self._say(files).ends

    def offer(self, files: Sequence[str]) -> None:
        """A menu: a whisper for each line of it."""
        self._menu = [self._say([file]) for file in files]

    def answered(self) -> None:
        """What has not begun of the menu is not said any more."""
        later = [line for line in self._menu if line.begins > asyncio.get_running_loop().time()]
        for line in later:
            line.task.cancel()
        if later and self._free_at == later[-1].ends:
            self._free_at = later[0].begins
        self._menu = []

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _say(self, files: Sequence[str]) -> _Whisper:
        loop = asyncio.get_running_loop()
        begins = max(loop.time(), self._free_at)
        self._free_at = begins + sum(map(seconds, files)) + PAUSE_SECONDS
        task = loop.create_task(self._say_at(begins, files))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return _Whisper(begins, self._free_at, task)

    async def _say_at(self, begins: float, files: Sequence[str]) -> None:
        await asyncio.sleep(max(0.0, begins - asyncio.get_running_loop().time()))
        try:
            await self._telephony.whisper(self.leg, files)
        except AsterisksFault as fault:
            log.warning("whisper.failed", error=type(fault).__name__)


class CallWhispers:
    """What is being whispered into each leg of one call."""

    def __init__(self, telephony: Telephony, prompts: PromptFiles) -> None:
        self._telephony = telephony
        self._prompts = prompts
        self._by_leg: dict[str, Whispers] = {}

    def say(self, order: Whisper, leg: Leg) -> float:
        """Returns the moment, on the loop's clock, at which all of it will have been said; 0 for a menu."""
        files = self._prompts.paths(order.lines)
        if order.tone:
            files = [self._prompts.tone, *files]
        if not order.menu:
            return self._to(leg).say(files)
        self._to(leg).offer(files)
        return 0.0

    def menu_answered(self, legs: Iterable[Leg]) -> None:
        for leg in legs:
            self._to(leg).answered()

    def stop(self) -> None:
        for whispers in self._by_leg.values():
            whispers.stop()

    def _to(self, leg: Leg) -> Whispers:
        if leg.id not in self._by_leg:
            self._by_leg[leg.id] = Whispers(self._telephony, leg)
        return self._by_leg[leg.id]
