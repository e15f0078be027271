"""SIPp: many phones from one process, and what it says of the messages that it sent and received."""

import asyncio
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from models.errors import OurFault
from wingline.setup.extras import BENCH

_ENDED_BY_US = 99
_PATIENCE_SECONDS = 10.0


class SippFailed(OurFault):
    def __init__(self, scenario: str, code: int | None, said: str) -> None:
        super().__init__(f"SIPp ({scenario}) ended with {code}: {said or 'it said nothing'}")


@dataclass(frozen=True, slots=True)
class Account:
    """One phone of the prison: its random id and its secret."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Message:
    """``at``: seconds on the wall; ``what``: a method, or a status of three digits."""

    at: float
    sent: bool
    call: str
    what: str
    of: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where its phones are: an address, and how a program is started there."""

    address: str = "127.0.0.1"
    inside: Sequence[str] = ()


HERE = Place()


def free_udp_ports(count: int) -> list[int]:
    """Held together for a moment, so that they differ."""
    held = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


class Sipp:
    """One run of one scenario in a folder of its own; ``port`` is where its phones are."""

    def __init__(
        self, scenario: str, folder: Path, *, port: int, options: Mapping[str, object], place: Place = HERE
    ) -> None:
        self.scenario, self.port, self._folder, self._place = scenario, port, folder, place
        folder.mkdir(parents=True, exist_ok=True)
        text = (files("wingline.bench") / "scenarios" / f"{scenario}.xml").read_text("utf-8")
        for name, value in options.items():
            text = text.replace(f"@{name}@", str(value))
        (folder / "scenario.xml").write_text(text)
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, server: str, *, accounts: Sequence[Account] = (), more: Sequence[object] = ()) -> None:
        """``server``: host and port of the exchange. What it prints lies beside its scenario."""
        # -aa: in a call its phones say that they are still there, when they are asked (UPDATE).
        arguments: list[object] = ["-sf", self._folder / "scenario.xml", "-nostdin", "-aa"]
        arguments += ["-i", self._place.address, "-mi", self._place.address, "-p", self.port]
        arguments += ["-trace_shortmsg", "-shortmessage_file", self._messages, "-trace_err"]
        arguments += ["-error_file", self._folder / "errors.log", *more]
        if accounts:
            rows = "".join(f"{one.id};{one.secret}\n" for one in accounts)
            (self._folder / "accounts.csv").write_text(f"SEQUENTIAL\n{rows}")
            arguments += ["-inf", self._folder / "accounts.csv"]
        with (self._folder / "output.log").open("wb") as output:
            self.process = await asyncio.create_subprocess_exec(
                *self._place.inside,
                *BENCH.command("sipp"),
                *map(str, arguments),
                server,
                cwd=self._folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def finished(self, within: float) -> bool:
        """Whether it ended by itself; SippFailed when it could not do its work at all."""
        if self.process is None:
            return False
        try:
            code = await asyncio.wait_for(self.process.wait(), within)
        except TimeoutError:
            return False
        if code not in (0, 1, _ENDED_BY_US):
            raise SippFailed(self.scenario, code, self._last_words())
        return True

    async def stop(self) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGUSR1)
        if not await self.finished(_PATIENCE_SECONDS):
            with suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

    def messages(self) -> list[Message]:
        return (
            list(parsed(self._messages.read_text("utf-8", "replace").splitlines())) if self._messages.exists() else []
        )

    @property
    def _messages(self) -> Path:
        return self._folder / "messages.csv"

    def _last_words(self) -> str:
        said = (self._folder / "output.log").read_text("utf-8", "replace").splitlines()
        return " ".join(line.strip() for line in said[-3:])


def parsed(lines: Sequence[str]) -> Iterator[Message]:
    """Of SIPp's short messages: date, time, seconds, S or R, call, CSeq, first line; split at tabs."""
    for line in lines:
        row = line.split("\t")
        if len(row) != 7 or len(row[6].split()) < 2:
            continue
        first = row[6].split()
        what = first[1] if first[0].startswith("SIP/") else first[0]
        with suppress(ValueError):
            yield Message(float(row[2]), row[3] == "S", row[4], what, row[5].rpartition(" ")[2])
