"""Ended from outside: Ctrl-C, SIGTERM, or a terminal that is closed."""

import asyncio
import signal

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def cancelled_when_told() -> None:
    """The task that asks is cancelled, so that it ends what it has started; told a second time, it is killed."""
    mine, loop = asyncio.current_task(), asyncio.get_running_loop()

    def end() -> None:
        for told in ENDS:
            loop.remove_signal_handler(told)
        if mine:
            mine.cancel()

    for told in ENDS:
        loop.add_signal_handler(told, end)
