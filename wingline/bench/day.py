"""(d) A large prison's days in compressed time: real calls as fast as the machine bears, and nothing may grow."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models import tables
from models.clock import now
from models.database import Database
from models.overdue import purge
from wingline.bench.figures import share, slope
from wingline.bench.ground import NO, Ground
from wingline.bench.usage import usages

# Each of them is called a day: its rows are then made old, and forgotten as the line forgets.
DAYS = 8
AT_ONCE = 16
STAY_MS, THINKS_MS = 2500, 100
OLD = timedelta(days=91)


@dataclass(frozen=True, slots=True)
class Sample:
    """After so many calls: megabytes and open descriptors by program, and kilobytes of the database, swept."""

    calls: int
    memory: dict[str, float]
    descriptors: dict[str, int]
    database_kb: float
    before_retention_kb: float


def slopes(samples: Sequence[Sample]) -> dict[str, Any]:
    """For a thousand calls. The first day is left out: what is made once is made then."""
    later = samples[1:]
    at = [one.calls / 1000 for one in later]
    programs = sorted({name for one in later for name in one.memory})
    return {
        "memory_mb_per_1000_calls": {name: slope(at, [one.memory.get(name, 0) for one in later]) for name in programs},
        "descriptors_per_1000_calls": {
            name: slope(at, [one.descriptors.get(name, 0) for one in later]) for name in programs
        },
        # What a thousand calls hold until they are forgotten, of the first day.
        "database_kb_held_per_1000_calls": share(
            samples[0].before_retention_kb - samples[0].database_kb, samples[0].calls / 1000
        )
        if samples
        else None,
        "database_kb_per_1000_calls": slope(at, [one.database_kb for one in later]),
    }


async def days(ground: Ground, *, calls: int, until: float, sound: Path) -> dict[str, Any]:
    samples: list[Sample] = []
    made = 0
    began = time.monotonic()
    for day in range(DAYS):
        if time.monotonic() > until:
            break
        ends = time.monotonic() + (until - time.monotonic()) / (DAYS - day)
        made += await _a_day(ground, max(AT_ONCE, calls // DAYS), until=ends, sound=sound)
        samples.append(await _sample(ground, made))
    took = time.monotonic() - began
    left = await ground.world.database.run(lambda session: session.scalar(select(func.count(tables.Call.id))) or 0)
    return {
        "calls": made,
        "days": len(samples),
        "seconds": round(took, 1),
        "calls_per_second": round(made / took, 2) if took else None,
        "calls_left_in_the_database": left,
        **slopes(samples),
        "samples": [
            {
                "calls": one.calls,
                "memory_mb": {name: round(value, 1) for name, value in one.memory.items()},
                "descriptors": one.descriptors,
                "database_kb": one.database_kb,
                "database_kb_before_retention": one.before_retention_kb,
            }
            for one in samples
        ],
    }


async def _a_day(ground: Ground, calls: int, *, until: float, sound: Path) -> int:
    before = await _ended(ground.world.database)
    async with ground.phones("answering", bare=False, sound=sound, thinks=THINKS_MS, talks=STAY_MS):
        at_once = min(AT_ONCE, len(ground.callers), len(ground.listeners))
        made = await ground.call(
            bare=False, calls=calls, at_once=at_once, a_second=4 * at_once, stay=STAY_MS, consent=NO, sound=sound
        )
        await made.finished(max(5.0, until - time.monotonic()))
        await made.stop()
    return await _ended(ground.world.database) - before


async def _ended(database: Database) -> int:
    asked = select(func.count()).where(tables.Call.ended_at.is_not(None))
    return await database.run(lambda session: session.scalar(asked) or 0)


async def _sample(ground: Ground, calls: int) -> Sample:
    database = ground.world.database
    file = ground.world.settings.data / "wingline.db"
    # What is in it, and not how long its log happens to be.
    await database.aside(database.sweep)
    large = _size(file)
    await database.run(_make_old)
    await database.aside(lambda: purge(database, now()))
    used = usages(ground.pids(bare=False))
    return Sample(
        calls,
        {name: one.memory for name, one in used.items()},
        {name: one.descriptors for name, one in used.items()},
        _size(file),
        large,
    )


def _make_old(session: Session) -> None:
    """Whatever of calls has ended is put back to before the ninety days for which it is kept."""
    for table, times in (
        (tables.Call, ("began_at", "waiting_since", "first_waiting_at", "outside_at", "duty_office_at", "ended_at")),
        (tables.Offer, ("rang_at", "ended_at")),
        (tables.Talk, ("began_at", "ended_at", "rest_until")),
    ):
        long_ago = {name: now() - OLD for name in times}
        ended = update(table).where(table.ended_at.is_not(None))
        for name, at in long_ago.items():
            session.execute(ended.where(getattr(table, name).is_not(None)).values({name: at}))


def _size(file: Path) -> float:
    """Kilobytes of the file and its log."""
    return round(sum(one.stat().st_size for one in file.parent.glob(f"{file.name}*")) / 1024, 1)
