"""The fault driver across the hosts of a cluster: its people, its faults and those of hosts, and its promises."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ivr.ami import Ami
from models.clock import now
from models.database import Database
from wingline.bench.cluster import parts
from wingline.bench.cluster.hosts import Cable, Hosts
from wingline.bench.cluster.parts import NODES, SIP_PORT, SPEECHES, Cluster, Program
from wingline.bench.cluster.phones import ended, line_of
from wingline.bench.cluster.whole import UP_SECONDS, NotUp, accounts_of, lay_out, phones_there, until
from wingline.bench.sipp import Account
from wingline.chaos.faults.fault import Breaks
from wingline.chaos.faults.hosts import CutOff
from wingline.chaos.faults.programs import Killed, Stopped
from wingline.chaos.invariants import everything_broken
from wingline.chaos.kinds import FaultKind
from wingline.chaos.node import Node
from wingline.chaos.plan import LANES, LISTENERS, OUTSIDE, STAFF, plan
from wingline.chaos.prison import CELLS, PROFILE, Prison, Seats, line_program, sit_down
from wingline.chaos.report import as_found
from wingline.chaos.run import run_in
from wingline.chaos.told import tell
from wingline.chaos.wall_clock import WallClock
from wingline.chaos.wire import Wire
from wingline.children import Child
from wingline.demo.prison import cell_of, cells_of, site_toml
from wingline.demo.world import free_ports
from wingline.phones.phone import Phone
from wingline.phones.voice import Voices
from wingline.settings import Settings, read_secrets
from wingline.setup.programs import programs
from wingline.site import read_site
from wingline.watchdog import ANSWER_SECONDS, Proof, line_answers, speech_answers, watch

CALLS = 24
# Two exchanges may have the same port for sound at once, so that nobody could say whose was lost.
KINDS = tuple(kind for kind in FaultKind if kind is not FaultKind.RTP_LOST)
# On each node's loopback: the line finds its exchange at the one, the exchange its line at the other.
AMI_WIRE, AGI_WIRE = 25039, 24575
# One phone with TLS, so that the configurations are those of all parts; nobody plugs it in.
_PHONES = f'\n[phones]\nsecure = ["{cells_of("C")[11]}"]\n'
_OPTIONS = (
    "OPTIONS sip:{there} SIP/2.0\r\nVia: SIP/2.0/UDP {here};rport;branch=z9hG4bKwell\r\nMax-Forwards: 9\r\n"
    "From: <sip:well@{here}>;tag=well\r\nTo: <sip:{there}>\r\nCall-ID: {call}\r\nCSeq: 1 OPTIONS\r\n"
    "Content-Length: 0\r\n\r\n"
)


async def at_random(folder: Path, seed: int) -> dict[str, Any]:
    """What `wingline chaos` finds across a cluster; the run is told in story.txt, beside the logs."""
    began = time.monotonic()
    planned = plan(seed, CALLS, KINDS, faults=len(KINDS))
    seen = await run_in(driven(folder, seed), planned, everywhere=False)
    broken = everything_broken(seen.history, seen.bounds)
    (folder / "log" / "story.txt").write_text(tell(planned, seen))
    return as_found(planned, seen, broken, time.monotonic() - began)


@asynccontextmanager
async def driven(folder: Path, seed: int) -> AsyncIterator[Prison]:
    """Up, with everybody's phone plugged in at the phones' host; gone at the end, but for the folder."""
    site = site_toml(now(), profile=str(PROFILE), everybody=True) + _PHONES
    made = Cluster(Hosts(parts.ADDRESSES, folder / "log"), folder, site, agi_wire=AGI_WIRE)
    async with AsyncExitStack() as held:
        held.push_async_callback(made.hosts.stop)
        await lay_out(made)
        database = Database(made.database_here)
        held.callback(database.close)
        proxy = _kept(held, parts.proxy(made).as_child())
        hearing = [await _hearing(made, name, held) for name in SPEECHES]
        speeches = [one for one, _, _ in hearing]
        proofs: list[Proof] = [partial(speech_answers, settings) for _, _, settings in hearing]
        sound_proxies = [one for _, one, _ in hearing]
        sound_proxies += [_kept(held, parts.node_programs(made, name)[0].as_child()) for name in NODES]
        nodes = [await _node(made, name, held) for name in NODES]
        watched = dict(zip(speeches, proofs, strict=True))
        watched |= {node.line_program: partial(line_answers, node.reached) for node in nodes}
        for child, proof in watched.items():
            # Six programs that start at once on a busy machine are slow, and hang not.
            await _until_answers(child, proof, made.folder)
            held.push_async_callback(ended, asyncio.create_task(watch(child, proof)))
        seats, names = await _plug_in(made, database, held)
        prison = Prison(
            nodes=nodes,
            speeches=speeches,
            proofs=[*proofs, partial(_proxy_answers, made)],
            database=database,
            site=read_site(nodes[0].settings.site_file),
            folder=folder,
            logs=folder / "log",
            people=folder / "people",
            programs=[*(one for node in nodes for one in (node.asterisk_program, node.line_program)), *speeches],
            phones=names,
            between_hosts=between(made, proxy, sound_proxies),
        )
        found = programs()
        voices = Voices({"flite": found.command("flite"), "espeak": [*found.command("espeak-ng"), "--stdin"]})
        await sit_down(prison, held, seats, voices=voices, seed=seed)
        yield prison


def _kept(held: AsyncExitStack, child: Child) -> Child:
    """Started whenever it has ended."""
    held.push_async_callback(child.stop)
    held.push_async_callback(ended, asyncio.create_task(child.keep_running()))
    return child


async def _until_answers(child: Child, proof: Proof, folder: Path) -> None:
    began = time.monotonic()
    while not await proof():
        if time.monotonic() - began > UP_SECONDS:
            raise NotUp(child.name, folder / "log")
        await asyncio.sleep(0.3)


async def _hearing(made: Cluster, name: str, held: AsyncExitStack) -> tuple[Child, Child, Settings]:
    """A speech process, HAProxy before it, and where this driver reaches it."""
    port = free_ports(1)[0]
    await held.enter_async_context(Wire(port, parts.SPEECH_PORT, far=made.hosts[name].here))
    hears, haproxy = parts.speech(made, name)
    reached = made.settings(NODES[0]).model_copy(update={"speech_port": port})
    return _kept(held, hears.as_child()), _kept(held, haproxy.as_child()), reached


async def _node(made: Cluster, name: str, held: AsyncExitStack) -> Node:
    here = made.hosts[name].here
    as_owner = made.database_here.replace("wingline@", "postgres@")
    settings = made.exchange_settings(name).model_copy(update={"database": as_owner})
    line = made.settings(name).model_copy(update={"ami_port": AMI_WIRE})
    ami = await held.enter_async_context(Wire(AMI_WIRE, settings.ami_port, near=here, far=here))
    agi = await held.enter_async_context(Wire(AGI_WIRE, line.agi_port, near=here, far=here))
    looks = dict(zip(("ami_port", "agi_port", "console_port"), free_ports(3), strict=True))
    for port, far in zip(looks.values(), (settings.ami_port, line.agi_port, line.console_port), strict=True):
        await held.enter_async_context(Wire(port, far, far=here))
    reached = line.model_copy(update=looks)
    wall_clock = WallClock(made.folder / f"clock-{name}")
    _, exchange, _ = parts.node_programs(made, name)
    asterisk = _kept(held, exchange.as_child())
    program = _kept(held, Program(made.hosts[name], "line", *line_program(line, wall_clock)).as_child())
    secret = read_secrets(settings.data)["ami"]
    manager = await held.enter_async_context(Ami("127.0.0.1", reached.ami_port, "wingline", secret))
    end = _PHONES + parts.certificates(made, name)
    # The line hears of what speech hears at ports of its own (WINGLINE_SPEECH_FLAGS).
    return Node(
        settings, line, reached, ami, agi, manager, wall_clock, asterisk, program, links_to_speech=0, site_end=end
    )


def between(
    made: Cluster, proxy: Child, sound_proxies: Sequence[Child]
) -> Mapping[FaultKind, Sequence[Callable[[], Breaks]]]:
    """What does each fault of hosts, to each that it can hit. ``proxy`` is Kamailio, the others are HAProxy."""

    def cables(*hosts: str) -> list[Callable[[], Breaks]]:
        return [partial(CutOff, Cable(made.hosts, made.hosts[name])) for name in hosts]

    return {
        FaultKind.NODE_CUT_OFF: cables(*NODES),
        FaultKind.SPEECH_CUT_OFF: cables(*SPEECHES),
        FaultKind.DATABASE_CUT_OFF: cables("db"),
        FaultKind.PROXY_CUT_OFF: cables("proxy"),
        FaultKind.PROXY_KILLED: [partial(Killed, proxy)],
        FaultKind.PROXY_STOPPED: [partial(Stopped, proxy)],
        FaultKind.SOUND_PROXY_KILLED: [partial(Killed, one) for one in sound_proxies],
        FaultKind.SOUND_PROXY_STOPPED: [partial(Stopped, one) for one in sound_proxies],
    }


async def _proxy_answers(made: Cluster) -> bool:
    host = made.hosts["phones"]
    with host.here():
        asking = socket.socket(type=socket.SOCK_DGRAM)
    with asking:
        asking.setblocking(False)
        asking.bind((host.address, 0))
        here = "{}:{}".format(*asking.getsockname())
        question = _OPTIONS.format(there=made.proxy, here=here, call=f"{time.monotonic_ns()}@{here}")
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await loop.sock_connect(asking, (made.hosts["proxy"].address, SIP_PORT))
                await loop.sock_sendall(asking, question.encode())
                return (await loop.sock_recv(asking, 2000)).startswith(b"SIP/2.0 200")
        except OSError:  # TimeoutError is one
            return False


async def _plug_in(made: Cluster, database: Database, held: AsyncExitStack) -> tuple[Seats, dict[Phone, str]]:
    """Through Kamailio; the outside helpline stands in for a trunk of each exchange, which it tells itself."""
    accounts = accounts_of(database)
    trunk = Account(OUTSIDE, read_secrets(made.settings(NODES[0]).data)["trunk"])
    names: dict[Phone, str] = {}

    async def plugged(account: Account, at: str = "proxy", name: str = "") -> Phone:
        line = line_of(made, account, (made.hosts[at].address, SIP_PORT))
        phone = Phone(name or account.id, line, folder=made.folder / "people" / (name or account.id))
        names[phone] = name or account.id
        return await held.enter_async_context(phone)

    cells = [await plugged(accounts[cell]) for cell in CELLS[:LANES]]
    rung = {who: await plugged(accounts[cell_of(who)]) for who in LISTENERS}
    rung |= {post.value: await plugged(accounts[post]) for post in STAFF}
    rung |= {f"{OUTSIDE}@{node}": await plugged(trunk, node, f"{OUTSIDE}@{node}") for node in NODES}
    registered = len(cells) + len(LISTENERS) + len(STAFF) + 1
    for node in NODES:
        await until(partial(lambda one: phones_there(made, one) >= registered, node), f"phones at {node}", made.folder)
    return Seats(cells, rung), names
