"""Fifty people who open every page of their role, again and again, each in a browser of their own."""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from html import unescape
from random import Random
from urllib.parse import urljoin, urlsplit

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.routing import compile_path

from console import sessions_store
from console.accounts import signed_in
from console.desk import Desk
from console.sessions import COOKIE
from models.clock import now
from models.database import Database
from models.tables import Account
from models.words import AccountRole
from wingline.console_bench.server import Server

# Of fifty, as a prison might have them.
SHARES: Mapping[AccountRole, int] = {
    AccountRole.STAFF: 20,
    AccountRole.COORDINATOR: 16,
    AccountRole.SCHEME_PARTNER: 5,
    AccountRole.GOVERNOR: 3,
    AccountRole.MONITORING_BOARD: 3,
    AccountRole.TECHNICIAN: 3,
}
_LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')
_PATIENCE = 60.0

# Milliseconds of each answer, by the path of its route.
Times = defaultdict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Console:
    """The served console, and the same once more in this process: for its routes, and to sign people in."""

    address: str
    app: FastAPI
    database: Database

    def cookie(self, role: AccountRole) -> str:
        """Somebody of this role has signed in, in another browser each time."""
        desk: Desk = self.app.state.desk
        fresh = desk.sessions.begin()

        def begin(session: Session) -> None:
            row = session.scalars(select(Account).where(Account.name == role.value)).one()
            sessions_store.begin(session, signed_in(row), fresh, desk.door.rules, now())

        self.database.do(begin)
        return desk.sessions.cookie(fresh)

    def browser(self, role: AccountRole) -> httpx.AsyncClient:
        # The server closes what is idle for five seconds; a browser would ask again on another connection.
        limits = httpx.Limits(keepalive_expiry=2)
        cookies = {COOKIE: self.cookie(role)}
        return httpx.AsyncClient(base_url=self.address, cookies=cookies, timeout=_PATIENCE, limits=limits)


@dataclass(frozen=True, slots=True)
class Crowd:
    """``pause``: for how many seconds somebody looks at a page, give or take a half; 0 is a rush."""

    people: int
    seconds: float
    pause: float

    @property
    def roles(self) -> list[AccountRole]:
        every = [role for role, share in SHARES.items() for _ in range(share)]
        return [every[number * len(every) // self.people % len(every)] for number in range(self.people)]


async def pages_of(console: Console, role: AccountRole) -> dict[str, str]:
    """One address for each page, by the path of its route: from the console's routes, and from links on its pages."""
    contexts = iter_route_contexts(console.app.routes)
    routes = [one.path for one in contexts if one.path and "GET" in (one.methods or ())]
    ahead = [route for route in routes if "{" not in route and "live" not in route and "sign-in" not in route]
    found: dict[str, str] = {}
    async with console.browser(role) as browser:
        while ahead:
            there = ahead.pop(0)
            route = next((path for path in routes if compile_path(path)[0].match(urlsplit(there).path)), None)
            if route is None or route in found or route.startswith(("/assets", "/api", "/healthz")):
                continue
            answer = await browser.get(there)
            if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
                found[route] = there
                ahead += _links(there, answer.text)
    return found


def _links(address: str, html: str) -> Iterator[str]:
    for href in _LINK.findall(html):
        there = urlsplit(urljoin(address, unescape(href)))
        if not there.netloc:
            yield there.path + (f"?{there.query}" if there.query else "")


async def one_by_one(console: Console, server: Server, times: int) -> dict[str, float]:
    """Milliseconds for which the console computes for each page, when nobody else is there; the dearest role's."""
    found: dict[str, float] = defaultdict(float)
    for role in SHARES:
        pages = await pages_of(console, role)
        async with console.browser(role) as browser:
            for route, address in pages.items():
                began = await server.cpu()
                for _ in range(times):
                    await browser.get(address)
                took = 1000 * (await server.cpu() - began) / times
                found[route] = max(found[route], round(took, 1))
    return dict(found)


async def many_people(console: Console, crowd: Crowd) -> Times:
    pages = {role: await pages_of(console, role) for role in SHARES}
    times: Times = defaultdict(list)
    async with AsyncExitStack() as stack:
        browsers = [(role, await stack.enter_async_context(console.browser(role))) for role in crowd.roles]
        until = time.monotonic() + crowd.seconds
        visits = [
            _visits(_Somebody(browser, pages[role], crowd.pause, Random(number)), until, times)  # noqa: S311  no secret
            for number, (role, browser) in enumerate(browsers)
        ]
        await asyncio.gather(*visits)
    return times


@dataclass(frozen=True, slots=True)
class _Somebody:
    browser: httpx.AsyncClient
    pages: Mapping[str, str]
    pause: float
    dice: Random


async def _visits(one: _Somebody, until: float, times: Times) -> None:
    """Every page at least once, however long it takes."""
    await asyncio.sleep(one.dice.random() * one.pause)
    ahead: list[tuple[str, str]] = []
    seen = False
    while ahead or not seen or time.monotonic() < until:
        if not ahead:
            ahead, seen = list(one.pages.items()), True
            one.dice.shuffle(ahead)
        route, address = ahead.pop()
        began = time.perf_counter()
        answer = await one.browser.get(address)
        times[route].append(1000 * (time.perf_counter() - began))
        answer.raise_for_status()
        await asyncio.sleep(one.pause * (0.5 + one.dice.random()))
