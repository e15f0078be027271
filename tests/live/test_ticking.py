"""The line's ticks, in a process whose wall clock is really put back while it runs (libfaketime)."""

import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from wingline.chaos.wall_clock import WallClock

TWO_HOURS = 7200
TICKS = """
import asyncio, time
from wingline.ticking import Ticking

async def main():
    async def tick():
        print(time.time(), flush=True)
    Ticking().every(0.2, tick)
    await asyncio.sleep(30)

asyncio.run(main())
"""


def test_ticks_go_on_when_the_clock_is_put_back(tmp_path: Path) -> None:
    clock = WallClock(tmp_path / "clock")
    if not clock.can_be_set:
        pytest.skip("libfaketime is not set up: .venv/bin/python -m wingline.setup clock")
    ticking = subprocess.Popen(
        [sys.executable, "-c", TICKS], env=os.environ | clock.environment(), stdout=subprocess.PIPE, text=True
    )
    with ticking:
        assert ticking.stdout
        first = float(ticking.stdout.readline())
        clock.jump(-TWO_HOURS)
        told = (float(line) for line in ticking.stdout)
        put_back = list(islice((moment for moment in told if moment < first - TWO_HOURS / 2), 2))
        ticking.kill()

    assert len(put_back) == 2
