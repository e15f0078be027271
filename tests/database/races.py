"""Many acts at the same moment, each in a transaction of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from sqlalchemy.orm import Session

from models.database import Database

T = TypeVar("T")


def at_once(database: Database, acts: Sequence[Callable[[Session], T]]) -> list[T]:
    """Starts one thread for each act, lets them all go together, and gives back what each act gave back."""
    line = Barrier(len(acts))

    def run(act: Callable[[Session], T]) -> T:
        line.wait(timeout=10)
        return database.do(act)

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))
