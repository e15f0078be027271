"""`wingline bench --calls N`: the four load tables, side by side in one run, bounded in time, on loopback alone."""

import asyncio
import os
import platform
import time
from collections.abc import Collection
from contextlib import AsyncExitStack
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wingline.bench.day import days
from wingline.bench.ground import ground
from wingline.bench.hearing import hearing
from wingline.bench.setting_up import setting_up
from wingline.bench.sound import spoken, write_telephone_sound
from wingline.bench.talking import talking
from wingline.setup.extras import BENCH
from wingline.setup.steps import step

SPOKEN_SECONDS = 60.0


class Table(StrEnum):
    SETTING_UP = "setting-up"
    TALKING = "talking"
    HEARING = "hearing"
    DAY = "day"


# Of the time that is given; the day takes what is left.
_SHARES = {Table.SETTING_UP: 0.2, Table.TALKING: 0.25, Table.HEARING: 0.25, Table.DAY: 0.3}


async def measure(tables: Collection[Table], *, calls: int, seconds: float) -> dict[str, Any]:
    """In their order; a table whose time is over says what it has until then."""
    # Before anything is started: without it there is nothing to call with.
    BENCH.command("sipp")
    found: dict[str, Any] = {"calls": calls, "seconds": seconds, "machine": _machine()}
    began, share = time.monotonic(), sum(_SHARES[one] for one in tables)
    ends = dict.fromkeys(tables, 0.0)
    at = began
    for table in [one for one in Table if one in tables]:
        at += seconds * _SHARES[table] / share
        ends[table] = at
    async with AsyncExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory(prefix="wingline-bench-")))
        pcm = spoken(SPOKEN_SECONDS)
        sound = folder / "said.ulaw"
        write_telephone_sound(pcm, sound)
        if set(tables) - {Table.HEARING}:
            # A cell that dials again at once has to wait: each has its pause while the others call.
            here = await held.enter_async_context(ground(callers=3 * calls, listeners=2 * calls))
        for table in ends:
            with step(f"{table}, for about {max(1, round((ends[table] - time.monotonic()) / 60))} minutes"):
                until = ends[table]
                match table:
                    case Table.SETTING_UP:
                        one = await setting_up(here, calls=calls, until=until, sound=sound)
                    case Table.TALKING:
                        one = await talking(here, most=calls, until=until, sound=sound)
                    case Table.HEARING:
                        one = await hearing(pcm, folder / "speech", until=until)
                    case Table.DAY:
                        one = await days(here, calls=100 * calls, until=until, sound=sound)
            found[table.replace("-", "_")] = one
    found["took_seconds"] = round(time.monotonic() - began, 1)
    return found


def run(tables: Collection[Table], *, calls: int, seconds: float) -> dict[str, Any]:
    return asyncio.run(measure(tables, calls=calls, seconds=seconds))


def _machine() -> dict[str, Any]:
    """Load is that of the minute before, of whoever works on the machine."""
    return {
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "niceness": os.nice(0),
        "kind": platform.machine(),
        "python": platform.python_version(),
    }
