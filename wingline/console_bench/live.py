"""Fifty open boards: how long from a caller who begins to wait until each of them has heard of it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random

import httpx

from models.words import AccountRole
from wingline.console_bench.people import Console
from wingline.console_bench.server import Server

EVENTS = 40
# In which every board must have heard of it; one that has not is lost.
PATIENCE_SECONDS = 10.0


@dataclass(slots=True)
class Heard:
    """Milliseconds from before and from after the transaction, one for each board and event."""

    from_before: list[float] = field(default_factory=list)
    from_written: list[float] = field(default_factory=list)
    lost: int = 0


async def many_boards(console: Console, server: Server, boards: int, events: int = EVENTS) -> Heard:
    roles = (AccountRole.STAFF, AccountRole.COORDINATOR)
    arrivals: list[asyncio.Queue[float]] = [asyncio.Queue() for _ in range(boards)]
    heard, dice = Heard(), Random(1)  # noqa: S311  no secret
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(console.browser(roles[number % 2])) for number in range(boards)]
        watching = [asyncio.create_task(_board(one, queue)) for one, queue in zip(browsers, arrivals, strict=True)]
        # The first event of each is the whole board.
        await asyncio.gather(*(asyncio.wait_for(one.get(), PATIENCE_SECONDS) for one in arrivals))
        for number in range(events):
            await asyncio.sleep(0.3 + dice.random())
            await _one_event(server, arrivals, heard, comes=number % 2 == 0)
        for one in watching:
            one.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    return heard


async def _one_event(server: Server, arrivals: list[asyncio.Queue[float]], heard: Heard, *, comes: bool) -> None:
    written = await server.happens(comes=comes)
    for queue in arrivals:
        try:
            at = await asyncio.wait_for(queue.get(), PATIENCE_SECONDS)
        except TimeoutError:
            heard.lost += 1
            continue
        heard.from_before.append(1000 * (at - written.before))
        heard.from_written.append(1000 * (at - written.written))


async def _board(browser: httpx.AsyncClient, queue: asyncio.Queue[float]) -> None:
    async with browser.stream("GET", "/live", headers={"Accept": "text/event-stream"}) as stream:
        async for at in _changes(stream):
            queue.put_nowait(at)


async def _changes(stream: httpx.Response) -> AsyncIterator[float]:
    """When each event came that changes the calls."""
    kind = ""
    async for line in stream.aiter_lines():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: ") and kind == "change":
            at = time.monotonic()
            if "calls" in json.loads(line.removeprefix("data: "))["parts"]:
                yield at
