"""One running baresip: its configuration, its process, its control socket and its log."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from .errors import PhoneCrashed, PhoneRefused
from .netstring import NetstringReader, encode
from .signalling import SignallingReader, SipMessage

_LAST_LINES = 40
_FORGOTTEN_AFTER_S = 12 * 3600  # a phone whose owner was killed ends by itself
_STARTING_S = 10.0
_POLITE_S = 1.0
CONFIGURATION_FILES = ("config", "accounts", "contacts")

Event = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Line:
    """Where the phone is plugged in, and which program it is."""

    program: Sequence[str]
    modules: Path
    extension: str
    secret: str
    registrar: tuple[str, int]
    rtp_ports: tuple[int, int] = (42000, 44998)
    # How it tells of a key: "rtpevent" while it is held (RFC 4733), "info" when it is over (SIP INFO).
    keys: str = "rtpevent"
    # The address that it has, and how one comes to where that is: a network namespace, say.
    address: str = "127.0.0.1"
    there: Callable[[], AbstractContextManager[object]] = nullcontext
    # Whose certificates it trusts: then it speaks TLS, and SRTP or nothing.
    authority: Path | None = None

    @property
    def transport(self) -> str:
        return "tls" if self.authority else "udp"

    @property
    def server(self) -> str:
        return f"{self.registrar[0]}:{self.registrar[1]}"


@dataclass(frozen=True, slots=True)
class Reports:
    """Whom baresip's news go to."""

    event: Callable[[Event, float], None]
    message: Callable[[SipMessage], None]
    ended: Callable[[PhoneCrashed], None]


def _leave_out_of_dumps(pid: int) -> None:
    """It asks for core dumps itself, and has heard what was said: one holds no memory, and goes with its folder."""
    with contextlib.suppress(OSError):  # it has ended at once, and says why
        Path(f"/proc/{pid}/coredump_filter").write_text("0", "ascii")


class Baresip:
    """A baresip in a folder of its own, from start to the last byte it says."""

    def __init__(self, name: str, line: Line, *, folder: Path, reports: Reports) -> None:
        self.log: deque[str] = deque(maxlen=_LAST_LINES)
        self._name, self._line, self._folder, self._reports = name, line, folder, reports
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._answers: deque[asyncio.Future[Event]] = deque()
        self._tasks: list[asyncio.Task[None]] = []
        self._leaving = False

    async def start(self, *, mouth: str, ear: str) -> None:
        # Bound but not listening, with SO_REUSEADDR: nobody else is given this port before baresip listens on it.
        with self._line.there():
            reserving = socket.socket()
        with reserving as reserved:
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
            write_configuration(self._name, self._line, folder=self._folder, control_port=port, sound=(mouth, ear))
            self._process = await asyncio.create_subprocess_exec(
                *self._line.program,
                *("-4", "-s", "-t", str(_FORGOTTEN_AFTER_S), "-f", str(self._folder)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=self._folder,
            )
            _leave_out_of_dumps(self._process.pid)
            self._tasks.append(asyncio.create_task(self._read_output(self._process)))
            reader, self._writer = await self._connected(port)
        self._tasks.append(asyncio.create_task(self._read_control(reader)))

    async def _connected(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        deadline = time.monotonic() + _STARTING_S
        while time.monotonic() < deadline and self._process and self._process.returncode is None:
            with contextlib.suppress(ConnectionRefusedError):
                with self._line.there():
                    connected = socket.create_connection(("127.0.0.1", port))
                return await asyncio.open_connection(sock=connected)
            await asyncio.sleep(0.02)
        raise self.crash()

    async def command(self, command: str, parameters: str = "") -> str:
        """Carried out, and answered, in the order in which they are given."""
        if self._writer is None or self._writer.is_closing():
            raise self.crash()
        answer: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._answers.append(answer)
        wanted = {"command": command} | ({"params": parameters} if parameters else {})
        self._writer.write(encode(json.dumps(wanted).encode()))
        said = await answer
        text = str(said.get("data", "")).strip()
        if not said.get("ok"):
            raise PhoneRefused(self._name, command, text)
        return text

    async def stop(self) -> None:
        """Politely: baresip hangs up and unregisters on SIGTERM."""
        await self._end(polite=True)

    async def unplug(self) -> None:
        """As if the cable was pulled: the server is not told."""
        await self._end(polite=False)

    async def _end(self, *, polite: bool) -> None:
        self._leaving = True
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                if polite:
                    process.terminate()
                else:
                    process.kill()
            try:
                await asyncio.wait_for(process.wait(), _POLITE_S)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._writer is not None:
            self._writer.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def crash(self) -> PhoneCrashed:
        return PhoneCrashed(self._name, self._process.returncode if self._process else None, self.log)

    async def _read_output(self, process: asyncio.subprocess.Process) -> None:
        signalling = SignallingReader(self._line.server)
        if process.stdout is None:
            raise self.crash()
        async for raw in process.stdout:
            read = signalling.feed(raw.decode(errors="replace").rstrip("\r\n"), time.monotonic())
            if isinstance(read, SipMessage):
                self._reports.message(read)
            elif read:
                self.log.append(read)
        await process.wait()
        while self._answers:
            self._answers.popleft().set_exception(self.crash())
        if not self._leaving:
            self._reports.ended(self.crash())

    async def _read_control(self, reader: asyncio.StreamReader) -> None:
        netstrings = NetstringReader()
        with contextlib.suppress(ConnectionResetError):
            while received := await reader.read(65536):
                at = time.monotonic()
                for payload in netstrings.feed(received):
                    self._take(json.loads(payload), at)

    def _take(self, said: Event, at: float) -> None:
        if said.get("event"):
            self._reports.event(said, at)
        elif self._answers and not (answer := self._answers.popleft()).done():
            answer.set_result(said)


def write_configuration(name: str, line: Line, *, folder: Path, control_port: int, sound: tuple[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    mouth, ear = sound
    account = (
        f'"{name}" <sip:{line.extension}@{line.server};transport={line.transport}>;auth_user={line.extension}'
        f";auth_pass={line.secret};regint=300;answermode=manual;dtmfmode={line.keys};audio_codecs=pcmu,pcma;mwi=no"
    )
    sealed = _SEALED.format(authority=line.authority) if line.authority else ""
    files = {
        "config": _CONFIGURATION.format(
            folder=folder,
            modules=line.modules,
            control_port=control_port,
            mouth=mouth,
            ear=ear,
            first=line.rtp_ports[0],
            last=line.rtp_ports[1],
            address=line.address,
        )
        + sealed,
        "accounts": account + (";mediaenc=srtp-mand\n" if line.authority else "\n"),
        "contacts": "",
    }
    for file, text in files.items():
        with os.fdopen(os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as written:
            written.write(text)


# No jitter buffer: on loopback it only adds delay. One call: a second caller hears that the line is engaged.
_CONFIGURATION = """\
poll_method epoll
net_interface {address}
sip_listen {address}:0
call_local_timeout 120
call_max_calls 1
audio_path {folder}
audio_player aufile,{ear}
audio_source aufile,{mouth}
audio_alert aufile,/dev/null
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-100
audio_txmode poll
audio_level no
rtp_ports {first}-{last}
rtp_stats no
rtcp_mux no
jitter_buffer_type off
ring_aufile none
callwaiting_aufile none
ringback_disabled yes
notfound_aufile none
busy_aufile none
error_aufile none
statmode_default off
module_path {modules}
module g711.so
module aufile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
"""
_SEALED = """\
module srtp.so
sip_cafile {authority}
sip_verify_server yes
"""
