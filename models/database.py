"""One door to the database: SQLite (WAL) by default, PostgreSQL by URL."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from contextvars import copy_context
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from models.audit import write_noted

T = TypeVar("T")


class Database:
    """Where state lives. One act, one transaction: nobody but ``transaction()`` commits."""

    def __init__(self, url: str) -> None:
        self.url = url
        # Told, in any thread, that it could not be asked: locked, full or gone.
        self.on_trouble: Callable[[], None] = lambda: None
        self.engine = _engine(url)
        # SQLite has one writer; a queue of our own is fair, where its busy timeout is not.
        workers = 1 if self.engine.dialect.name == "sqlite" else 8
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="database")

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session
            write_noted(session)

    async def run(self, act: Callable[[Session], T]) -> T:
        """Does one act in a transaction of its own, off the event loop."""
        return await self.aside(lambda: self.do(act))

    def do(self, act: Callable[[Session], T]) -> T:
        try:
            with self.transaction() as session:
                return act(session)
        except OperationalError:
            self.on_trouble()
            raise

    async def aside(self, work: Callable[[], T]) -> T:
        """Work of several transactions, off the event loop, when it is its turn, in the language of whoever asks."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, work)

    def sweep(self) -> None:
        """What was deleted is in no byte of SQLite's files any more.

        Its secure_delete leaves copies behind where a page was split, so that the file is written anew, and the
        write-ahead log is cut to nothing. PostgreSQL's files are its administrator's (docs/kept.md).
        """
        if self.engine.dialect.name != "sqlite":
            return
        with closing(self.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
            # The copy that VACUUM makes is of rows that will be forgotten later: it must not lie on a disk.
            for pragma in ("PRAGMA temp_store=MEMORY", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                cursor.execute(pragma).fetchall()

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def _engine(url: str) -> Engine:
    # Whoever shows an error's message shows no row: a parameter may be a cell, or somebody's name.
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(url, connect_args={"timeout": 10}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _wal(connection: Any, _record: object) -> None:
        # We begin transactions ourselves, so that a write takes its lock before it reads.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
