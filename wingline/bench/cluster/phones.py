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
from wingline.phones.baresip import Line
from wingline.setup.programs import programs

LISTENERS_PORT, STAFF_PORT, REGISTERING_PORT, CALLERS_PORT = 5070, 5075, 5080, 5100
_STAFF_TALK = 20.0
FIRST_KEY_MS, SECOND_KEY_MS, THINKS_MS = 600, 700, 300
# What a caller presses after the language: yes to the machine, or staff now.
YES, STAFF_NOW = 1, 0


@dataclass(slots=True)
class Phones:
    cluster: Cluster
    callers: Sequence[Account]
    # Who call beside them, and stay long.
    stayers: Sequence[Account]
    listeners: Sequence[Account]
    staff: Sequence[Account]
    sound: Path
    _serial: "count[int]" = field(default_factory=count)

    @property
    def host(self) -> Host:
        return self.cluster.hosts["phones"]

    @asynccontextmanager
    async def listening(self, talks: float) -> AsyncIterator[Sipp]:
        """``talks``: seconds after which a Listener hangs up."""
        async with self._answering(self.listeners, LISTENERS_PORT, 42000, thinks=THINKS_MS, talks=talks) as sipp:
            yield sipp

    @asynccontextmanager
    async def told(self, thinks: float) -> AsyncIterator[Sipp]:
        """Staff who hear for so many seconds what there is, and go."""
        thinks_ms = int(thinks * 1000)
        async with self._answering(self.staff, STAFF_PORT, 44000, thinks=thinks_ms, talks=_STAFF_TALK) as sipp:
            yield sipp

    @asynccontextmanager
    async def _answering(
        self, who: Sequence[Account], port: int, sound_port: int, *, thinks: int, talks: float
    ) -> AsyncIterator[Sipp]:
        await plug_in(who, port=port, server=self._proxy, bound=self._bound(port))
        options: dict[str, object] = {"thinks": thinks, "talks": int(talks * 1000), "sound": self.sound}
        sipp = Sipp("answering", self._fresh(), port=port, options=options, place=self.host.place)
        ports = ["-min_rtp_port", sound_port, "-max_rtp_port", sound_port + 998]
        await sipp.start(self.cluster.proxy, more=ports)
        try:
            yield sipp
        finally:
            await sipp.stop()

    async def register(self, count: int, *, within: float) -> None:
        """Some of the callers', once; NotRegistered when they are not by then."""
        some, bound = self.callers[:count], self._bound(REGISTERING_PORT)
        await plug_in(some, port=REGISTERING_PORT, server=self._proxy, bound=bound, within=within, lingers=0)

    async def call(self, calls: int, *, every: float, stay: float, key: int = YES, by: Sequence[Account] = ()) -> Sipp:
        """One call every so many seconds; ``stay``: seconds after the caller's last key, which is ``key``."""
        options: dict[str, object] = {"code": 100, "first": FIRST_KEY_MS, "second": SECOND_KEY_MS, "consent": key}
        options |= {"stay": int(stay * 1000), "sound": self.sound}
        number = next(self._serial)
        sipp = Sipp("caller", self._fresh(), port=CALLERS_PORT + number, options=options, place=self.host.place)
        first = 45000 + 1000 * (number % 4)
        more = ["-r", 1, "-rp", int(every * 1000), "-m", calls, "-l", calls]
        more += ["-min_rtp_port", first, "-max_rtp_port", first + 998]
        await sipp.start(self.cluster.proxy, accounts=by or self.callers, more=more)
        return sipp

    @property
    def _proxy(self) -> tuple[str, int]:
        return self.cluster.hosts["proxy"].address, SIP_PORT

    def _bound(self, port: int) -> socket.socket:
        with self.host.here():
            bound = socket.socket(type=socket.SOCK_DGRAM)
            bound.bind((self.host.address, port))
        return bound

    def _fresh(self) -> Path:
        return self.cluster.folder / "calls" / str(next(self._serial))


def line_of(cluster: Cluster, account: Account, registrar: tuple[str, int], *, authority: Path | None = None) -> Line:
    """Of one that people hold (baresip), on the host of all phones; ``authority``: with TLS and SRTP."""
    host, found = cluster.hosts["phones"], programs()
    program = [*host.inside, *found.command("baresip")]
    return Line(
        program,
        found.baresip_modules(),
        account.id,
        account.secret,
        registrar,
        address=host.address,
        there=host.here,
        authority=authority,
    )


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
