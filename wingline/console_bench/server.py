"""The serving process from outside: begun, told what happens, and ended."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from models.errors import OurFault


class DidNotServe(OurFault):
    def __init__(self) -> None:
        super().__init__("the console of the bench did not start; what it said stands above")


@dataclass(frozen=True, slots=True)
class Written:
    """Before and after the transaction, in seconds of the machine's monotonic clock; and after it on the wall."""

    before: float
    written: float
    wall: float


@dataclass(frozen=True, slots=True)
class Server:
    """``tell`` and ``hear`` are the process's own ends of the pipes."""

    address: str
    tell: asyncio.StreamWriter
    hear: asyncio.StreamReader

    async def happens(self, *, comes: bool) -> Written:
        """A caller begins to wait, or is gone."""
        self.tell.write(b"comes\n" if comes else b"goes\n")
        return Written(**await _said(self.hear))

    async def cpu(self) -> float:
        """Seconds for which it has computed so far."""
        self.tell.write(b"cpu\n")
        return (await _said(self.hear))["cpu"]


@asynccontextmanager
async def serving(folder: Path, url: str) -> AsyncIterator[Server]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wingline.console_bench.serving", folder, url,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    tell, hear = process.stdin, process.stdout
    if tell is None or hear is None:
        raise DidNotServe
    try:
        yield Server(f"http://127.0.0.1:{int((await _said(hear))['port'])}", tell, hear)
    finally:
        tell.close()
        await process.wait()


async def _said(hear: asyncio.StreamReader) -> dict[str, float]:
    line = await hear.readline()
    if not line:
        raise DidNotServe
    found: dict[str, float] = json.loads(line)
    return found
