"""Reads the database once for all open boards, each second and whenever the line says that something changed."""

import asyncio
from collections.abc import AsyncIterator

import structlog
from sqlalchemy.exc import SQLAlchemyError

from console.ports import LineView
from console.store import NOTHING_READ, Facts, facts_of
from models.clock import now
from models.database import Database
from models.words import SiteId

EVERY_SECONDS = 1.0
# A burst of changes is read together; people do not see a tenth of a second.
SETTLE_SECONDS = 0.1

_log = structlog.get_logger()


class Watch:
    """The one who reads; the boards wait for its next reading."""

    def __init__(self, database: Database, line: LineView, site: SiteId) -> None:
        self._database = database
        self._line = line
        self._site = site
        self._news = asyncio.Condition()
        self._readings = 0
        self._boards = 0
        self._latest = NOTHING_READ

    async def read(self) -> Facts:
        return await self._database.run(lambda session: facts_of(session, self._site, now()))

    async def readings(self) -> AsyncIterator[Facts]:
        """One at once, then each new one; when the database cannot be read there are none, and the board says so."""
        self._boards += 1
        try:
            yield await self.read()
            while True:
                yield await self._after(self._readings)
        finally:
            self._boards -= 1

    async def run(self) -> None:
        """A change that comes while others are read and told is read next, and not a second later."""
        change = asyncio.create_task(self._line.wait_for_change(EVERY_SECONDS))
        try:
            while True:
                await change
                change = asyncio.create_task(self._line.wait_for_change(EVERY_SECONDS))
                # It waits before anything is read.
                await asyncio.sleep(0)
                if self._boards:
                    await self._tell_boards()
                await asyncio.sleep(SETTLE_SECONDS)
        finally:
            change.cancel()

    async def _after(self, seen: int) -> Facts:
        async with self._news:
            await self._news.wait_for(lambda: self._readings > seen)
        return self._latest

    async def _tell_boards(self) -> None:
        try:
            self._latest = await self.read()
        except SQLAlchemyError:
            _log.exception("console.board_not_read", site=self._site)
            return
        self._readings += 1
        async with self._news:
            self._news.notify_all()
