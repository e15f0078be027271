"""The database: locked by somebody else, gone, and a line that can write nothing to any file."""

import asyncio
import resource
import sqlite3
from contextlib import closing, suppress

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from wingline.chaos.node import Node
from wingline.children import Child

_TABLES = "calls, offers, talks, escalations, tellings"


class Locked:
    """Somebody else has begun to write and does not end: another program, a backup, an administrator."""

    who = None

    def __init__(self, node: Node) -> None:
        self._url = node.settings.database_url
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


class Gone:
    """PostgreSQL puts out whoever is connected, and lets nobody in: as when its machine or the way to it is lost.

    A file of SQLite that is deleted under who has it open stays, so there nothing is done and nothing counted.
    """

    who = None

    def __init__(self, node: Node) -> None:
        self._url = make_url(node.settings.database_url)
        self._gone = False

    async def inject(self) -> bool:
        if self._url.get_backend_name() != "postgresql":
            return False
        self._gone = True
        await self._lets_in(False)
        await self._ask(
            sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(
                self._url.database
            )
        )
        return True

    async def heal(self) -> None:
        if self._gone:
            await self._lets_in(True)

    async def _lets_in(self, anybody: bool) -> None:  # noqa: FBT001  it says which
        name = sql.Identifier(self._url.database or "")
        await self._ask(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(name, anybody))

    async def _ask(self, command: sql.Composed) -> None:
        """In another database of the same server: nobody can be in the one that is gone."""
        elsewhere = self._url.set(drivername="postgresql", database="postgres")
        address = elsewhere.render_as_string(hide_password=False)
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            await connection.execute(command)


class DiskFull:
    """No file of the line's can be written, as on a full disk or at the end of a quota: RLIMIT_FSIZE, no root needed.

    The kernel answers each write with EFBIG where a full disk says ENOSPC; to the programs it is the same failure.
    """

    who = None

    def __init__(self, line: Child) -> None:
        self._line = line
        self._pid: int | None = None

    async def inject(self) -> bool:
        self._pid = self._line.pid
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
