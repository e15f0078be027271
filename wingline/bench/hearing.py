"""(c) How many calls one core hears, beside vosk-server's plain loop, and what happens to sound beyond that."""

import asyncio
import contextlib
import json
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from models.errors import OurFault
from speech.door import Door
from speech.gate import FRAME_BYTES, FRAME_SECONDS
from wingline.bench.usage import usage
from wingline.evaluation.bench import bench as listening_bench
from wingline.evaluation.cli import compared
from wingline.service import hears_with

LEVELS = (1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64)
LEVEL_SECONDS = 10.0
# With so little left out everything is still heard.
KEPT_UP = 0.005
# After sound was lost nobody new is taken in for this long (speech/capacity.py).
CAUTION_SECONDS = 21.0
NEWCOMERS = 2
PROMPTS = 6


class DidNotBegin(OurFault):
    def __init__(self) -> None:
        super().__init__("the speech process of the bench did not start; is its model there? wingline.setup line")


@dataclass(slots=True)
class Level:
    """``left_out``: seconds of sound that were never heard; ``refused``: calls that were not taken in."""

    calls: int
    sent: float = 0.0
    left_out: float = 0.0
    refused: int = 0
    cores: float = 0.0
    # How long the socket made whoever brings the sound wait, at most: a call is delayed by nothing else.
    waited_ms: float = 0.0
    reports: "Counter[str]" = field(default_factory=Counter)

    @property
    def share(self) -> float:
        return self.left_out / self.sent if self.sent else 0.0

    def as_found(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "seconds_sent": round(self.sent, 1),
            "seconds_left_out": round(self.left_out, 2),
            "left_out_share": round(self.share, 4),
            "calls_refused": self.refused,
            "cores": round(self.cores, 3),
            "socket_waited_ms_max": round(self.waited_ms, 1),
        }


async def hearing(pcm: bytes, folder: Path, *, until: float) -> dict[str, Any]:
    """The recogniser loop alone, and then the real process on one core, in real time."""
    beside = await asyncio.to_thread(_beside_the_plain_loop)
    async with _speech(folder) as (door, pid):
        levels = await _until_behind(door, pid, pcm, until)
        kept_up = max((one.calls for one in levels if one.share <= KEPT_UP and not one.refused), default=0)
        beyond = await _beyond(door, pid, pcm, 2 * max(kept_up, 1)) if levels and time.monotonic() < until else None
    return {
        "recogniser_loop": beside,
        "calls_per_core_in_real_time": kept_up,
        "fell_behind": any(one.share > KEPT_UP for one in levels),
        "levels": [one.as_found() for one in levels],
        "beyond": beyond,
    }


def _beside_the_plain_loop() -> dict[str, Any]:
    found = listening_bench(None, compared(), lambda *_: None, most=PROMPTS)
    ways = [name for name, figures in found.items() if isinstance(figures, dict)]
    kept = ("cpu_s_per_call_s", "calls_per_core")
    return {way: {name: found[way][name] for name in kept} for way in ways}


@asynccontextmanager
async def _speech(folder: Path) -> AsyncIterator[tuple[Door, int]]:
    """A speech process of its own on one core, without a bound but its own keeping up."""
    secret, file = _secret(folder)
    ours = os.sched_getaffinity(0)
    # Children are born where their parent may run.
    os.sched_setaffinity(0, {min(ours)})
    try:
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "speech", "--secrets", str(file), "--most-calls", "1000"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **hears_with()},
        )
    finally:
        os.sched_setaffinity(0, ours)
    try:
        yield Door(await _port_of(running), secret), running.pid
    finally:
        with suppress(ProcessLookupError):
            running.terminate()
        await running.wait()


def _secret(folder: Path) -> tuple[str, Path]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret, file = secrets.token_hex(16), folder / "secrets.toml"
    file.touch(mode=0o600)
    file.write_text(f'speech = "{secret}"\n')
    return secret, file


async def _port_of(running: asyncio.subprocess.Process) -> int:
    if running.stdout is None:
        raise DidNotBegin
    try:
        async for line in running.stdout:
            if line.startswith(b"speech listening on "):
                return int(line.rpartition(b":")[2])
    except ValueError as error:
        raise DidNotBegin from error
    raise DidNotBegin


async def _until_behind(door: Door, pid: int, pcm: bytes, until: float) -> list[Level]:
    levels: list[Level] = []
    for calls in LEVELS:
        if time.monotonic() + LEVEL_SECONDS > until:
            break
        levels.append(await _level(door, pid, pcm, calls))
        if levels[-1].share > KEPT_UP:
            break
    return levels


async def _beyond(door: Door, pid: int, pcm: bytes, calls: int) -> dict[str, Any]:
    """Twice as many at once as it keeps up with, and then two more who come while it is behind."""
    await asyncio.sleep(CAUTION_SECONDS)
    found = await _level(door, pid, pcm, calls, newcomers=NEWCOMERS)
    return {**found.as_found(), "newcomers": NEWCOMERS, "told_that_they_are_behind": found.reports["behind"]}


async def _level(door: Door, pid: int, pcm: bytes, calls: int, *, newcomers: int = 0) -> Level:
    found, before, began = Level(calls), usage(pid).cpu, time.monotonic()
    name = secrets.token_hex(4)
    async with connect(door.url("/flags"), subprotocols=[Subprotocol("flags")], compression=None) as flags:
        reading = asyncio.create_task(_read(flags, found))
        late = [LEVEL_SECONDS / 2] * newcomers
        begins = [number * FRAME_SECONDS / calls for number in range(calls)] + late
        speaking = [
            _speak(door, f"bench-{name}-{number}", pcm, found, after=after) for number, after in enumerate(begins)
        ]
        await asyncio.gather(*speaking)
        found.cores = (usage(pid).cpu - before) / (time.monotonic() - began)
        await asyncio.sleep(1)
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
    return found


async def _read(flags: Any, found: Level) -> None:
    with contextlib.suppress(WebSocketException):
        async for message in flags:
            report = json.loads(message)
            found.reports[report["event"]] += 1
            if report["event"] == "behind":
                found.left_out += report["seconds"]


async def _speak(door: Door, call: str, pcm: bytes, found: Level, *, after: float) -> None:
    """Twenty milliseconds at a time, as Asterisk brings it; each call says something else."""
    loop = asyncio.get_running_loop()
    begins, ends = loop.time() + after, loop.time() + LEVEL_SECONDS
    await asyncio.sleep(after)
    place = hash(call) % (len(pcm) // FRAME_BYTES)
    try:
        async with connect(
            door.url(f"/media?call={call}"), subprotocols=[Subprotocol("media")], compression=None
        ) as to:
            await to.send("MEDIA_START connection_id:bench format:slin16 optimal_frame_size:640 ptime:20")
            number = 0
            while begins + number * FRAME_SECONDS < ends:
                await asyncio.sleep(begins + number * FRAME_SECONDS - loop.time())
                first = (place + number) * FRAME_BYTES % len(pcm)
                sending = loop.time()
                await to.send(pcm[first : first + FRAME_BYTES])
                found.waited_ms = max(found.waited_ms, 1000 * (loop.time() - sending))
                found.sent += FRAME_SECONDS
                number += 1
    except (WebSocketException, OSError):
        found.refused += 1
