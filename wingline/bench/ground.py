"""Where calls are measured: a prison of its own with the line, the bare Asterisk, and the same phones for both."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from models import tables
from models.clock import now
from wingline.bench import prison
from wingline.bench.bare import Bare
from wingline.bench.plugging import plug_in
from wingline.bench.sipp import Account, Sipp, free_udp_ports
from wingline.demo.world import World
from wingline.exchange import exchange_of

# A call takes two sockets at each of two phones; below the ports that the system gives to anybody.
RTP = (10000, 19998)
BARE_RTP = (20000, 29998)
# As soon as people can press a key who know the line; the language and the notice are on their way.
FIRST_KEY_MS, SECOND_KEY_MS = 300, 400
YES, NO = 1, 2


@dataclass(slots=True)
class Ground:
    world: World
    bare: Bare
    callers: Sequence[Account]
    listeners: Sequence[Account]
    folder: Path
    _runs: "count[int]"

    def pids(self, *, bare: bool) -> dict[str, int | None]:
        if bare:
            return {"asterisk": self.bare.process.pid}
        return {child.name: child.pid for child in self.world.service.children}

    def port(self, *, bare: bool) -> int:
        return self.bare.sip_port if bare else self.world.settings.sip_port

    @asynccontextmanager
    async def phones(
        self, scenario: str, *, bare: bool, sound: Path, thinks: int = 0, talks: int = 0
    ) -> AsyncIterator[Sipp]:
        """The Listeners' phones are plugged in, and do as the scenario says. ``thinks``, ``talks``: milliseconds."""
        port = free_udp_ports(1)[0]
        await plug_in(self.listeners, port=port, server=("127.0.0.1", self.port(bare=bare)))
        options = {"thinks": thinks, "talks": talks, "sound": sound}
        phones = Sipp(scenario, self._fresh(scenario), port=port, options=options)
        await phones.start(self._server(bare=bare), more=[*self._sound_ports(0)])
        try:
            yield phones
        finally:
            await phones.stop()

    async def call(  # noqa: PLR0913 - each named
        self, *, bare: bool, calls: int, at_once: int, a_second: int, stay: int, consent: int, sound: Path
    ) -> Sipp:
        """Begins to call; whoever asked for it waits for its end or ends it."""
        options = {"code": 100, "first": FIRST_KEY_MS, "second": SECOND_KEY_MS, "stay": stay}
        options |= {"consent": consent, "sound": str(sound)}  # type: ignore[dict-item]  # of any kind
        made = Sipp("caller", self._fresh("caller"), port=free_udp_ports(1)[0], options=options)
        more = ["-m", calls, "-l", at_once, "-r", a_second, *self._sound_ports(1)]
        await made.start(self._server(bare=bare), accounts=self.callers, more=more)
        return made

    def _server(self, *, bare: bool) -> str:
        return f"127.0.0.1:{self.port(bare=bare)}"

    def _fresh(self, name: str) -> Path:
        return self.folder / f"{next(self._runs)}-{name}"

    def _sound_ports(self, which: int) -> tuple[object, ...]:
        first = 42000 + 8000 * which
        return "-min_rtp_port", first, "-max_rtp_port", first + 7998


@asynccontextmanager
async def ground(*, callers: int, listeners: int) -> AsyncIterator[Ground]:
    """Everything is up, and gone at the end."""
    async with AsyncExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory(prefix="wingline-bench-")))
        profile = folder / "no-rests.toml"
        profile.write_text(prison.profile_toml())
        site = prison.site_toml(now(), callers=callers, listeners=listeners, profile=str(profile), hearing=prison.ASKED)
        world = World(site)
        world.settings = world.settings.model_copy(update={"rtp_first": RTP[0], "rtp_last": RTP[1]})
        await held.enter_async_context(world)
        accounts = _accounts(world)
        ringing = [accounts[prison.listeners_cell(number)] for number in range(listeners)]
        bare = Bare(exchange_of(world.settings, world.site, world.database), folder / "bare", ringing, BARE_RTP)
        held.push_async_callback(bare.stop)
        await bare.start()
        calling = [accounts[prison.callers_cell(number)] for number in range(callers)]
        yield Ground(world, bare, calling, ringing, folder, count(1))


def _accounts(world: World) -> dict[str, Account]:
    """By the cell in which the phone is."""
    asked = select(tables.Cell.location, tables.Phone.id, tables.Phone.secret).join(
        tables.Phone, tables.Phone.cell_id == tables.Cell.id
    )
    with world.database.transaction() as session:
        return {location: Account(phone, secret) for location, phone, secret in session.execute(asked)}
