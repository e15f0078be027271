"""What the line does again and again: when it fails it is logged by its kind, and done again at its next time."""

from collections.abc import Awaitable, Callable

import structlog

from models.errors import WinglineError

log = structlog.get_logger()

Tick = Callable[[], Awaitable[None]]


def logged(tick: Tick) -> Tick:
    """APScheduler itself would write a traceback with the error's message, and a database's message repeats rows."""

    async def one_tick() -> None:
        try:
            await tick()
        except WinglineError as fault:
            log.warning("tick.failed", tick=tick.__qualname__, error=type(fault).__name__)
        except Exception as fault:  # noqa: BLE001  whatever it was, the next tick must come
            log.error("tick.failed", tick=tick.__qualname__, error=type(fault).__name__)  # noqa: TRY400  no traceback

    return one_tick
