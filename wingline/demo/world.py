"""A whole prison on this machine: private Asterisk, speech, line, and the phones of the people in it."""

import asyncio
import os
import secrets
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy import select

from console.accounts import add_account
from ivr.ami import Ami
from ivr.mirror import QUEUE
from models import tables
from models.clock import now
from models.database import Database
from models.errors import WinglineError
from models.words import AccountRole, PhoneId, Post
from wingline.certificates import tls_files
from wingline.demo.prison import cell_of, site_toml
from wingline.phones.baresip import Line as PhoneLine
from wingline.phones.phone import Phone
from wingline.phones.voice import Voices
from wingline.preparing import Progress, make_ready
from wingline.service import Service
from wingline.settings import Settings, read_secrets
from wingline.setup.programs import programs
from wingline.site import SiteFile, read_site
from wingline.up import until_up as everything_answers

log = structlog.get_logger()

START_SECONDS = 20.0


class NotUp(WinglineError):
    def __init__(self, what: str, logs: Path) -> None:
        super().__init__(f"{what} did not start; its own words are in {logs}")


class World:
    """Everything is below one folder, on ports that were free, and gone at the end."""

    def __init__(self, site_file: str | None = None, *, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="wingline-"))
        self.settings = _settings(self.folder / "site")
        self.people = self.folder / "people"
        self._site_toml = site_file or site_toml(now())
        self.site: SiteFile
        self.service: Service
        self.database: Database
        self.password = secrets.token_urlsafe(9)
        self._phones: dict[PhoneId, Phone] = {}
        found = programs()
        self._baresip = found.command("baresip"), found.baresip_modules()
        self.voices = Voices({"flite": found.command("flite"), "espeak": [*found.command("espeak-ng"), "--stdin"]})

    # ---- from nothing to a line that answers

    async def prepare(self, progress: Progress | None = None) -> None:
        self.settings.data.mkdir(parents=True, mode=0o700)
        self.settings.site_file.write_text(self._site_toml)
        self.site = read_site(self.settings.site_file)
        given = {"progress": progress} if progress else {}
        exchange = await asyncio.to_thread(make_ready, self.settings, **given)
        self.service = Service(self.settings, exchange)
        self.database = Database(self.settings.database_url)
        with self.database.transaction() as session:
            for role in AccountRole:
                add_account(session, self.site.id, name=role.value, password=self.password, role=role)

    async def start(self) -> None:
        await self.service.start()
        await self.until_up()
        # Pages come a little later than the line answers calls, and to load them takes half the machine.
        await everything_answers(self.settings)

    async def until_up(self) -> None:
        await asyncio.gather(*(self._until_listening(port) for port in self._tcp_ports()))
        await self._until_linked()

    async def stop(self) -> None:
        await self.unplug_everybody()
        await self.service.stop()
        self.database.close()

    def clear_away(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    async def __aenter__(self) -> Self:
        await self.prepare()
        try:
            await self.start()
        except BaseException:
            # Nobody comes to `__aexit__` then, and what has started would go on.
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        if error is None:
            self.clear_away()

    def _tcp_ports(self) -> tuple[int, ...]:
        settings = self.settings
        return settings.ami_port, settings.speech_port, settings.console_port

    async def _until_listening(self, port: int) -> None:
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return
        raise NotUp(f"port {port}", self.settings.logs)

    async def _until_linked(self) -> None:
        """The line has spoken with Asterisk: its queue mirrors the rota."""
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        async with self.manager() as ami:
            while asyncio.get_running_loop().time() < deadline:
                if ami.connected:
                    rows = await ami.list_of("QueueStatus", "QueueStatusComplete", Queue=QUEUE)
                    if any(row.name == "QueueMember" for row in rows):
                        return
                await asyncio.sleep(0.05)
        raise NotUp("the line", self.settings.logs)

    def manager(self) -> Ami:
        """A second pair of eyes on Asterisk, beside the line's own."""
        return Ami("127.0.0.1", self.settings.ami_port, "wingline", read_secrets(self.settings.data)["ami"])

    # ---- the people's phones

    async def cell_phone(self, location: str) -> Phone:
        return await self._plug_in(tables.Phone.cell_id == f"{self.site.id}-{location}", location)

    async def listener_phone(self, listener: str) -> Phone:
        return await self.cell_phone(cell_of(listener))

    async def staff_phone(self, post: Post) -> Phone:
        return await self._plug_in(tables.Phone.post == post.value, post.value)

    async def outside_phone(self) -> Phone:
        secret = read_secrets(self.settings.data)["trunk"]
        return await self._plugged(PhoneId("outside"), secret, "outside helpline")

    async def _plug_in(self, where: object, name: str) -> Phone:
        query = select(tables.Phone).where(tables.Phone.site_id == self.site.id, where)  # type: ignore[arg-type]
        row = await self.database.run(lambda session: session.scalars(query).one())
        return await self._plugged(PhoneId(row.id), row.secret, name)

    async def _plugged(self, phone: PhoneId, secret: str, name: str) -> Phone:
        if phone not in self._phones:
            program, modules = self._baresip
            secure = self.site.phones.is_secure(name)
            authority = tls_files(self.settings, self.site.phones).authority if secure else None
            registrar = ("127.0.0.1", self.settings.sip_tls_port if authority else self.settings.sip_port)
            line = PhoneLine(program, modules, phone, secret, registrar, authority=authority)
            one = Phone(name, line, folder=self.people / phone)
            await one.start()
            self._phones[phone] = one
        return self._phones[phone]

    def phone_id_of(self, phone: Phone) -> PhoneId:
        return next(one for one, plugged in self._phones.items() if plugged is phone)

    async def unplug_everybody(self) -> None:
        await asyncio.gather(*(phone.stop() for phone in self._phones.values()))
        self._phones.clear()

    @property
    def console_url(self) -> str:
        return f"http://{self.settings.console_host}:{self.settings.console_port}/"


def _settings(data: Path) -> Settings:
    tcp = free_ports(5)
    # Below the ports that the system gives to anybody, and apart from the phones' own (wingline.phones).
    first = 20000 + 120 * (os.getpid() % 100)
    return Settings(
        data=data,
        sip_port=_free_sip_port(),
        ami_port=tcp[0],
        agi_port=tcp[1],
        speech_port=tcp[2],
        console_port=tcp[3],
        sip_tls_port=tcp[4],
        second_factor=False,
        rtp_first=first,
        rtp_last=first + 118,
    )


def _free_sip_port() -> int:
    for port in range(15000 + os.getpid() % 1000, 19999):
        with socket.socket(type=socket.SOCK_DGRAM) as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    return free_ports(1, socket.SOCK_DGRAM)[0]


def free_ports(count: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """Ports that nobody uses now, held together for a moment so that they are all different."""
    held = [socket.socket(type=kind) for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()
