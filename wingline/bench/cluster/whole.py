"""The whole cluster, from nothing to phones that both nodes can ring."""

import asyncio
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from models import tables
from models.clock import now
from models.database import Database
from models.errors import OurFault
from models.words import Post
from speech.door import Door
from wingline.bench import prison
from wingline.bench.cluster import parts
from wingline.bench.cluster.hosts import Hosts
from wingline.bench.cluster.parts import NODES, SPEECHES, Cluster
from wingline.bench.cluster.phones import Hears, Phones, ended
from wingline.bench.sipp import Account, Sipp
from wingline.bench.sound import spoken, write_telephone_sound
from wingline.settings import read_secrets
from wingline.setup.programs import programs

CALLERS, STAYERS, LISTENERS = 24, 2, 24
UP_SECONDS = 90.0
# Whose phone speaks TLS and SRTP.
SECURE_CELL = prison.callers_cell(CALLERS + STAYERS)
# Longer than any caller stays: a Listener's phone is hung up by the exchange, after what it says then.
TALKS_SECONDS = 120.0
# Staff who are told at once when a caller presses 0, and how long each hears it before they say that they go.
STAFF, HEARS_SECONDS = (Post.CONTROL_ROOM, Post.HEALTHCARE), 10.0


class NotUp(OurFault):
    def __init__(self, what: str, log: Path) -> None:
        super().__init__(f"{what} did not come up within {UP_SECONDS:.0f} s; the hosts' own words are in {log}")


@dataclass(slots=True)
class Around:
    cluster: Cluster
    phones: Phones
    database: Database
    hears: dict[str, Hears]
    listeners: Sipp
    staff: Sipp
    secure: Account

    def count(self, *what: Any) -> int:
        with self.database.transaction() as session:
            return session.scalar(select(func.count()).where(*what)) or 0


@asynccontextmanager
async def cluster(folder: Path) -> AsyncIterator[Around]:
    hosts = Hosts(parts.ADDRESSES, folder / "log")
    profile = folder / "no-rests.toml"
    profile.write_text(prison.profile_toml())
    site = prison.site_toml(
        now(), callers=CALLERS + STAYERS + 1, listeners=LISTENERS, profile=str(profile), hearing=prison.ASKED
    )
    made = Cluster(hosts, folder, f'{site}\n[phones]\nsecure = ["{SECURE_CELL}"]\n')
    async with AsyncExitStack() as held:
        held.push_async_callback(hosts.stop)
        await lay_out(made)
        await _start(made)
        database = Database(made.database_here)
        held.callback(database.close)
        accounts = accounts_of(database)
        phones = Phones(
            made,
            [accounts[prison.callers_cell(one)] for one in range(CALLERS)],
            [accounts[prison.callers_cell(CALLERS + one)] for one in range(STAYERS)],
            [accounts[prison.listeners_cell(one)] for one in range(LISTENERS)],
            [accounts[post] for post in STAFF],
            folder / "said.ulaw",
        )
        write_telephone_sound(spoken(30), phones.sound)
        door = Door(parts.SPEECH_PORT, read_secrets(made.settings(NODES[0]).data)["speech"])
        hears = {name: Hears() for name in SPEECHES}
        for name, one in hears.items():
            held.push_async_callback(ended, asyncio.create_task(one.watch(hosts[name], door)))
        staff = await held.enter_async_context(phones.told(HEARS_SECONDS))
        listeners = await held.enter_async_context(phones.listening(TALKS_SECONDS))
        around = Around(made, phones, database, hears, listeners, staff, accounts[SECURE_CELL])
        for node in NODES:
            await until_ready(around, node)
        yield around


async def until_ready(around: Around, node: str) -> None:
    """Its line is linked, and its exchange finds the phones of Listeners and staff through the proxy."""
    made = around.cluster
    await until(lambda: phones_there(made, node) >= LISTENERS + len(STAFF), f"the phones at {node}", made.folder)


async def lay_out(made: Cluster) -> None:
    """Hosts, certificates, PostgreSQL with its tables, and what each node reads; nothing else runs yet."""
    await asyncio.to_thread(made.hosts.plug_in_all)
    await asyncio.to_thread(parts.make_certificates, made)
    await parts.start_database(made)
    await until((made.folder / "db" / ".s.PGSQL.5432").exists, "PostgreSQL", made.folder)
    await asyncio.sleep(1)
    await asyncio.to_thread(parts.make_database, made)
    for node in NODES:
        await asyncio.to_thread(parts.prepare_node, made, node)
    await asyncio.to_thread(parts.let_kamailio_read, made)


async def _start(made: Cluster) -> None:
    await parts.start(parts.proxy(made))
    for name in SPEECHES:
        await parts.start(*parts.speech(made, name))
    for node in NODES:
        await parts.start(*parts.node_programs(made, node))
    for node in NODES:
        await until_line(made, node)


async def until_line(made: Cluster, node: str) -> None:
    await until(lambda: _said(made, node, "line.up"), f"the line of {node}", made.folder)


async def until(question: Callable[[], bool], what: str, folder: Path) -> float:
    began = time.monotonic()
    while not await asyncio.to_thread(question):
        if time.monotonic() - began > UP_SECONDS:
            raise NotUp(what, folder / "log")
        await asyncio.sleep(0.3)
    return time.monotonic() - began


def _said(made: Cluster, node: str, event: str) -> bool:
    log = made.folder / "log" / f"{node}-line.log"
    return log.exists() and f"event='{event}'" in log.read_text("utf-8", "replace")


def phones_there(made: Cluster, node: str) -> int:
    """Contacts that this exchange finds through the proxy; of cells' phones nobody has plugged one in."""
    return asked(made, node, "pjsip show contacts").count(" Avail")


def asked(made: Cluster, node: str, question: str) -> str:
    """At the exchange's own socket, which is in no network."""
    command = [*programs().command("asterisk"), "-C", str(made.control(node)), "-rx", question]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout


async def channels(around: Around, node: str) -> int:
    said = await asyncio.to_thread(asked, around.cluster, node, "core show channels count")
    return int(said.split()[0]) if said[:1].isdigit() else 0


def accounts_of(database: Database) -> dict[str, Account]:
    """By the cell or the post that has the phone."""
    query = select(tables.Cell.location, tables.Phone.post, tables.Phone.id, tables.Phone.secret).join_from(
        tables.Phone, tables.Cell, tables.Phone.cell_id == tables.Cell.id, isouter=True
    )
    with database.transaction() as session:
        rows = session.execute(query).all()
    return {str(location or post): Account(phone, secret) for location, post, phone, secret in rows}


def begin() -> Path:
    """PostgreSQL is nobody's, and reads its certificate below here. A short name: it is in the path of the profile."""
    folder = Path(tempfile.mkdtemp(prefix="wl-"))
    folder.chmod(0o755)
    return folder
