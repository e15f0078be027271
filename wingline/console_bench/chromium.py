"""One board in a real browser: what its first page weighs, when it is drawn, and how soon an event is on it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from shutil import which
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from console.sessions import COOKIE
from models.words import AccountRole
from wingline.console_bench.live import PATIENCE_SECONDS
from wingline.console_bench.people import Console
from wingline.console_bench.server import Server

LOADS, EVENTS = 10, 30
_QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
_TIMES = """
() => {
  const page = performance.getEntriesByType("navigation")[0];
  const painted = performance.getEntriesByName("first-contentful-paint")[0];
  return { answered: page.responseEnd, painted: painted ? painted.startTime : null, loaded: page.loadEventEnd };
}
"""
# The moment, on the wall, of the first frame after the calls were changed by the stream; not by a clock that ticks.
_WATCHES = """
() => {
  const calls = document.getElementById("calls");
  new MutationObserver((changes) => {
    if (changes.some((one) => one.target === calls)) {
      requestAnimationFrame(() => window.frameDrawn((performance.timeOrigin + performance.now()) / 1000));
    }
  }).observe(calls, { childList: true });
}
"""


@dataclass(slots=True)
class FirstPage:
    """Of the first visit, with nothing in the browser's cache: bytes as they came over the wire, milliseconds."""

    path: str
    bytes: int = 0
    requests: int = 0
    answered: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    loaded: list[float] = field(default_factory=list)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    found = os.environ.get("WINGLINE_CHROMIUM") or which("chromium") or "/usr/bin/chromium"
    # Chromium refuses to run as root inside its own sandbox.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=found, args=[*_QUIET, *as_root])
        yield opened
        await opened.close()


async def first_page(opened: Browser, console: Console, path: str, role: AccountRole | None) -> FirstPage:
    found = FirstPage(path)
    for _ in range(LOADS):
        context = await _context(opened, console, role)
        page = await context.new_page()
        sizes = await _weighed(page)
        await page.goto(path, wait_until="load")
        await asyncio.sleep(0.3)
        times = await page.evaluate(_TIMES)
        found.bytes, found.requests = sum(sizes), len(sizes)
        found.answered.append(times["answered"])
        found.painted.append(times["painted"] or times["loaded"])
        found.loaded.append(times["loaded"])
        await context.close()
    return found


async def _weighed(page: Page) -> list[int]:
    """Grows by the size of each answer as it came, compressed and with its headers; a live stream never ends."""
    sizes: list[int] = []
    network = await page.context.new_cdp_session(page)

    def over(event: dict[str, Any]) -> None:
        sizes.append(int(event["encodedDataLength"]))

    network.on("Network.loadingFinished", over)
    await network.send("Network.enable")
    return sizes


async def events_on_a_board(opened: Browser, console: Console, server: Server) -> list[float]:
    """Milliseconds from the written event until the frame in which it is drawn."""
    context = await _context(opened, console, AccountRole.STAFF)
    page = await context.new_page()
    drawn: asyncio.Queue[float] = asyncio.Queue()
    await page.expose_function("frameDrawn", drawn.put_nowait)
    await page.goto("/")
    # From its first change on, the board says only what is new.
    await expect(page.locator("#said")).not_to_be_empty()
    await page.evaluate(_WATCHES)
    took = []
    for number in range(EVENTS):
        # So that events fall on every part of the second in which a board is read.
        await asyncio.sleep(0.35 + 0.618 * number % 1)
        written = await server.happens(comes=number % 2 == 0)
        took.append(1000 * (await asyncio.wait_for(drawn.get(), PATIENCE_SECONDS) - written.wall))
    await context.close()
    return took


async def _context(opened: Browser, console: Console, role: AccountRole | None) -> BrowserContext:
    context = await opened.new_context(base_url=console.address, viewport={"width": 1280, "height": 800})
    if role is not None:
        await context.add_cookies([{"name": COOKIE, "value": console.cookie(role), "url": console.address}])
    return context
