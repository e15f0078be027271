"""`python -m wingline.line`: the line's own process, until it is told to end."""

import asyncio
import gc
import signal
import sys

import structlog

from models.errors import WinglineError
from wingline.logs import set_up_logs
from wingline.settings import read_settings
from wingline.wiring import Line

log = structlog.get_logger()


async def run() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, stopped.set)
    line = Line(read_settings())
    async with line.running():
        _freeze_what_start_up_made()
        log.info("line.up")
        ends = [asyncio.create_task(stopped.wait()), asyncio.create_task(line.hand_over())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        ends[1].cancel()
    log.info("line.ended")


def _freeze_what_start_up_made() -> None:
    """Its 300,000 objects live as long as the line; to look through them again stops every call for 0.2 s."""
    gc.collect()
    gc.freeze()


def main() -> int:
    set_up_logs()
    try:
        asyncio.run(run())
    except WinglineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
