"""The phones of the cluster test, all on one host: Listeners' who answer, and cells' from which people call."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from speech.door import Door
from wingline.bench.cluster.hosts import Host
from wingline.bench.cluster.parts import SIP_PORT, Cluster
from wingline.bench.plugging import plug_in
from wingline.bench.sipp import Account, Message, Sipp

LISTENERS_PORT, CALLERS_PORT = 5070, 5100
FIRST_KEY_MS, SECOND_KEY_MS, THINKS_MS = 600, 700, 300


@dataclass(slots=True)
class Phones:
    cluster: Cluster
    callers: Sequence[Account]
    listeners: Sequence[Account]
    sound: Path
    _serial: "count[int]" = field(default_factory=count)

    @property
    def host(self) -> Host:
        return self.cluster.hosts["phones"]

    @asynccontextmanager
    async def answering(self, talks: int) -> AsyncIterator[Sipp]:
        """``talks``: milliseconds after which a Listener hangs up."""
        proxy = (self.cluster.hosts["proxy"].address, SIP_PORT)
        with self.host.here():
            bound = socket.socket(type=socket.SOCK_DGRAM)
            bound.bind((self.host.address, LISTENERS_PORT))
        await plug_in(self.listeners, port=LISTENERS_PORT, server=proxy, bound=bound)
        options = {"thinks": THINKS_MS, "talks": talks, "sound": self.sound}
        sipp = Sipp("answering", self._fresh(), port=LISTENERS_PORT, options=options, place=self.host.place)
        await sipp.start(self.cluster.proxy, more=["-min_rtp_port", 42000, "-max_rtp_port", 43998])
        try:
            yield sipp
        finally:
            await sipp.stop()

    async def call(self, calls: int, *, every: float, stay: int) -> Sipp:
        """One call every so many seconds; ``stay``: milliseconds after the caller's last key."""
        options = {"code": 100, "first": FIRST_KEY_MS, "second": SECOND_KEY_MS, "stay": stay, "consent": 1}
        sipp = Sipp(
            "caller",
            self._fresh(),
            port=CALLERS_PORT + next(self._serial),
            options={**options, "sound": self.sound},
            place=self.host.place,
        )
        rate = ["-r", 1, "-rp", int(every * 1000), "-m", calls, "-l", calls]
        await sipp.start(
            self.cluster.proxy, accounts=self.callers, more=[*rate, "-min_rtp_port", 45000, "-max_rtp_port", 48998]
        )
        return sipp

    def _fresh(self) -> Path:
        return self.cluster.folder / "calls" / str(next(self._serial))


def answered(messages: Sequence[Message]) -> list[float]:
    """When each ring was taken: a Listener answered, and pressed 1."""
    return sorted(one.at for one in messages if one.sent and one.what == "INFO" and one.of == "INFO")


def begun(messages: Sequence[Message]) -> list[float]:
    first: dict[str, float] = {}
    for one in messages:
        if one.sent and one.what == "INVITE":
            first.setdefault(one.call, one.at)
    return sorted(first.values())


@dataclass(slots=True)
class Hears:
    """Which calls one speech process said that it hears."""

    calls: set[str] = field(default_factory=set)

    async def watch(self, host: Host, door: Door) -> None:
        """Until it is cancelled; a process that is lost is asked again."""
        while True:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                with host.here():
                    bound = socket.create_connection(("127.0.0.1", door.port), timeout=1)
                async with connect(
                    door.url("/flags"), sock=bound, subprotocols=[Subprotocol("flags")], compression=None
                ) as flags:
                    async for message in flags:
                        report = json.loads(message)
                        if report["event"] == "hearing":
                            self.calls.add(report["call"])
            await asyncio.sleep(0.5)


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
