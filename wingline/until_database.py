"""A line that starts while its database is away waits for it: it may have callers by then, whom an end would cut."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import OperationalError

log = structlog.get_logger()

AGAIN_SECONDS = 1.0


async def until_the_database_answers(act: Callable[[], Awaitable[object]]) -> None:
    """Acts once; tries again every second while the database cannot be asked."""
    while not await _done(act):  # noqa: ASYNC110  no event tells of it
        await asyncio.sleep(AGAIN_SECONDS)


async def _done(act: Callable[[], Awaitable[object]]) -> bool:
    try:
        await act()
    except OperationalError:
        # Its message names hosts, and is the same every second.
        log.warning("start.database_away")
        return False
    return True
