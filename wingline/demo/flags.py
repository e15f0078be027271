"""Stands beside the line and notes when the machine reported a danger."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Self

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from speech.door import Door


class FlagClock:
    """Subscribed to the speech process like the line itself."""

    def __init__(self, door: Door, each: Callable[[bytes], None] = lambda _frame: None) -> None:
        """``each`` gets every frame as it came."""
        self._door = door
        self._each = each
        self._flags: asyncio.Queue[tuple[float, str]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._listen(ready))
        await asyncio.wait_for(ready.wait(), 5)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def next(self, within: float) -> tuple[float, str] | None:
        """When, by time.monotonic(), and which kind."""
        try:
            return await asyncio.wait_for(self._flags.get(), within)
        except TimeoutError:
            return None

    async def _listen(self, ready: asyncio.Event) -> None:
        async with connect(self._door.url("/flags"), subprotocols=[Subprotocol("flags")]) as connection:
            ready.set()
            async for frame in connection:
                self._each(frame if isinstance(frame, bytes) else frame.encode())
                report = json.loads(frame)
                if report["event"] == "flag":
                    self._flags.put_nowait((time.monotonic(), report["danger"]))
