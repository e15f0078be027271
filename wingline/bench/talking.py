"""(b) What a bridged call costs in processor and memory, with and without listening, beside app_queue alone."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from models import tables
from wingline.bench.figures import middle, slope
from wingline.bench.ground import NO, YES, Ground
from wingline.bench.sipp import Message
from wingline.bench.usage import Usage, usages

THINKS_MS = 300
# Everybody is through; then so long is measured; then they hang up.
SETTLE_SECONDS, WINDOW_SECONDS = 4.0, 5.0
STEPS = (1, 2, 4, 8, 16, 32, 64, 128)
# Calls that came together, of those that were wanted: with fewer the machine does not bear them.
BORNE = 0.95
# Of all processors, by what is measured alone: whoever makes the calls needs the rest.
FULL = 0.8


class Way(StrEnum):
    QUEUE = "app_queue_alone"
    SILENT = "wingline_without_listening"
    HEARD = "wingline_with_listening"


@dataclass(frozen=True, slots=True)
class Step:
    """So many calls at once: cores in use by each program, and megabytes of each."""

    calls: int
    together: int
    cores: Mapping[str, float]
    memory: Mapping[str, float]
    # Of the whole machine, whoever it is that works.
    busy: float


def cost(steps: Sequence[Step]) -> dict[str, Any]:
    """What one more call costs, by the slope over all steps; None from a single step."""
    borne = [one for one in steps if one.together >= BORNE * one.calls]
    at = [one.together for one in borne]
    programs = sorted({name for one in borne for name in one.cores})
    return {
        "most_at_once": max(at, default=0),
        "cores_per_call": slope(at, [sum(one.cores.values()) for one in borne]),
        "memory_mb_per_call": slope(at, [sum(one.memory.values()) for one in borne]),
        "by_program": {
            name: {
                "cores_per_call": slope(at, [one.cores.get(name, 0.0) for one in borne]),
                "memory_mb_per_call": slope(at, [one.memory.get(name, 0.0) for one in borne]),
            }
            for name in programs
        },
        "machine_busy_median": middle([one.busy for one in steps]),
        "steps": [
            {
                "calls": one.calls,
                "together": one.together,
                "cores": round(sum(one.cores.values()), 3),
                "memory_mb": round(sum(one.memory.values()), 1),
                "machine_busy": one.busy,
            }
            for one in steps
        ],
    }


async def talking(ground: Ground, *, most: int, until: float, sound: Path) -> dict[str, Any]:
    """Doubles the calls until ``most``, until they are not borne, or until ``until`` (time.monotonic())."""
    found: dict[Way, list[Step]] = {way: [] for way in Way}
    going = set(Way)
    idle = await _idle(ground)
    for calls in [one for one in STEPS if one <= most]:
        for way in [one for one in Way if one in going]:
            if time.monotonic() > until:
                going.clear()
                break
            step = await _step(ground, way, calls, sound)
            if step.together < BORNE * calls and time.monotonic() < until:
                # A key that came a moment too soon is no sign of a machine that bears no more: once again.
                step = await _step(ground, way, calls, sound)
            found[way].append(step)
            if step.together < BORNE * calls or sum(step.cores.values()) > FULL * (os.cpu_count() or 1):
                going.discard(way)
    return {"idle": idle, **{way.value: cost(steps) for way, steps in found.items()}}


async def _idle(ground: Ground) -> dict[str, Any]:
    """What a site costs while nobody calls: cores in use and megabytes of each program, and of the bare Asterisk."""
    before, began = [usages(ground.pids(bare=bare)) for bare in (False, True)], time.monotonic()
    await asyncio.sleep(WINDOW_SECONDS)
    after, took = [usages(ground.pids(bare=bare)) for bare in (False, True)], time.monotonic() - began
    names = ("wingline", "app_queue_alone")
    return {
        which: {
            "cores": {name: round((one[name].cpu - was[name].cpu) / took, 4) for name in one if name in was},
            "memory_mb": {name: round(used.memory, 1) for name, used in one.items()},
        }
        for which, was, one in zip(names, before, after, strict=True)
    }


async def _step(ground: Ground, way: Way, calls: int, sound: Path) -> Step:
    bare = way is Way.QUEUE
    consent = YES if way is Way.HEARD else NO
    stay = int(1000 * (SETTLE_SECONDS + WINDOW_SECONDS + 2))
    async with ground.phones("answering", bare=bare, sound=sound, thinks=THINKS_MS, talks=stay) as phones:
        made = await ground.call(
            bare=bare, calls=calls, at_once=calls, a_second=max(4, calls), stay=stay, consent=consent, sound=sound
        )
        await asyncio.sleep(SETTLE_SECONDS)
        before, machine, began = usages(ground.pids(bare=bare)), machine_seconds(), time.monotonic()
        await asyncio.sleep(WINDOW_SECONDS)
        after, took = usages(ground.pids(bare=bare)), time.monotonic() - began
        busy = busy_share(machine, machine_seconds())
        together = _answered(phones.messages()) if bare else await _together(ground)
        await made.finished(stay / 1000 + 10)
        await made.stop()
    cores = {name: (after[name].cpu - before.get(name, Usage(0, 0, 0)).cpu) / took for name in after}
    return Step(calls, together, cores, {name: one.memory for name, one in after.items()}, busy)


async def _together(ground: Ground) -> int:
    asked = select(func.count()).where(tables.Talk.ended_at.is_(None))
    return await ground.world.database.run(lambda session: session.scalar(asked) or 0)


def _answered(seen: Sequence[Message]) -> int:
    """Calls of the queue that a phone answered and that nobody has ended yet."""
    answered = {one.call for one in seen if not one.sent and one.what == "ACK"}
    return len(answered - {one.call for one in seen if one.what == "BYE"})


def machine_seconds() -> tuple[float, float]:
    """Of all processors: idle, and altogether (/proc/stat)."""
    fields = [int(one) for one in Path("/proc/stat").read_text("utf-8").splitlines()[0].split()[1:9]]
    return float(fields[3] + fields[4]), float(sum(fields))


def busy_share(before: tuple[float, float], after: tuple[float, float]) -> float:
    whole = after[1] - before[1]
    return round(1 - (after[0] - before[0]) / whole, 3) if whole > 0 else 0.0
