"""The database: locked by somebody else, and a line that can write nothing to any file."""

import asyncio
import resource
import sqlite3
from contextlib import closing, suppress

import psycopg

from wingline.chaos.prison import Prison

_TABLES = "calls, offers, talks, escalations, tellings"


class Locked:
    """Somebody else has begun to write and does not end: another program, a backup, an administrator."""

    who = None

    def __init__(self, prison: Prison) -> None:
        self._url = prison.world.settings.database_url
        self._over = asyncio.Event()
        self._holding: asyncio.Task[None] | None = None
        self._held = asyncio.Event()

    async def inject(self) -> bool:
        holds = self._sqlite if self._url.startswith("sqlite") else self._postgres
        self._holding = asyncio.create_task(holds())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._held.wait(), 5)
        return self._held.is_set()

    async def heal(self) -> None:
        self._over.set()
        if self._holding:
            await asyncio.gather(self._holding, return_exceptions=True)

    async def _sqlite(self) -> None:
        file = self._url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, timeout=4, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            self._held.set()
            await self._over.wait()
            connection.execute("ROLLBACK")

    async def _postgres(self) -> None:
        address = self._url.replace("+psycopg", "")
        async with await psycopg.AsyncConnection.connect(address) as connection:
            await connection.execute(f"LOCK TABLE {_TABLES} IN ACCESS EXCLUSIVE MODE")
            self._held.set()
            await self._over.wait()
            await connection.rollback()


class DiskFull:
    """No file of the line's can be written, as on a full disk or at the end of a quota: RLIMIT_FSIZE, no root needed.

    The kernel answers each write with EFBIG where a full disk says ENOSPC; to the programs it is the same failure.
    """

    who = None

    def __init__(self, prison: Prison) -> None:
        self._prison = prison
        self._pid: int | None = None

    async def inject(self) -> bool:
        self._pid = self._prison.child("line").pid
        return self._pid is not None and _limit(self._pid, 0)

    async def heal(self) -> None:
        """A line that was started meanwhile has no limit."""
        if self._pid is not None:
            _limit(self._pid, resource.RLIM_INFINITY)


def _limit(pid: int, size: int) -> bool:
    try:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if size == resource.RLIM_INFINITY else size, hard))
    except ProcessLookupError:
        return False
    return True
