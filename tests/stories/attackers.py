"""Phones that do what no phone should: SIPp floods and scans, and messages that are none."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from wingline.setup.extras import BENCH

HERE = Path(__file__).parent
MALFORMED = (
    b"",
    b"\0" * 1400,
    b"INVITE",
    b"INVITE sip:100@127.0.0.1 SIP/2.0\r\n\r\n",
    b"INVITE sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9\r\nContent-Length: 999999\r\n\r\nv=0",
    b"INVITE sip:" + b"9" * 3000 + b"@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1\r\nCall-ID: x\r\n\r\n",
    b"SIP/2.0 200 OK\r\nCSeq: 1 BYE\r\n\r\n",
    b'BYE sip:100@127.0.0.1 SIP/2.0\r\nCSeq: -1 BYE\r\nTo: <<<>>>\r\nFrom: "\r\nCall-ID: \xff\xfe\r\n\r\n',
    b"REGISTER sip:127.0.0.1 SIP/2.0\r\n" + b"Contact: <sip:a@b>\r\n" * 400 + b"\r\n",
    b"OPTIONS sip:%00%0d%0a@127.0.0.1 SIP/2.0\r\nMax-Forwards: 0\r\n\r\n",
)


class Sipp:
    """One run of a scenario of this folder against an exchange on loopback, until it is told to end."""

    def __init__(
        self, scenario: str, folder: Path, *, server: int, rate: int, account: tuple[str, str] = ("", "")
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        (folder / "accounts.csv").write_text(f"SEQUENTIAL\n{account[0]};{account[1]}\n")
        self._arguments = [
            *BENCH.command("sipp"), "-sf", str(HERE / f"{scenario}.xml"), "-inf", str(folder / "accounts.csv"),
            "-i", "127.0.0.1", "-p", str(_free_port()), "-r", str(rate), "-l", "5000", "-nostdin",
            "-default_behaviors", "none", "-trace_stat", "-stf", str(folder / "counts.csv"), "-fd", "1",
            f"127.0.0.1:{server}",
        ]  # fmt: skip
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        with (self._folder / "output.log").open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._arguments, cwd=self._folder, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    def calls(self) -> int:
        """How many it has made by now."""
        file = self._folder / "counts.csv"
        rows = file.read_text().splitlines() if file.exists() else []
        if len(rows) < 2:
            return 0
        return int(rows[-1].split(";")[rows[0].split(";").index("TotalCallCreated")])


@asynccontextmanager
async def malformed_messages(server: int) -> AsyncIterator[None]:
    async def send() -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as one:
            for message in _for_ever():
                with contextlib.suppress(OSError):
                    one.sendto(message, ("127.0.0.1", server))
                await asyncio.sleep(0.01)

    sending = asyncio.create_task(send())
    try:
        yield
    finally:
        sending.cancel()
        await asyncio.wait({sending})


def _for_ever() -> Iterator[bytes]:
    while True:
        yield from MALFORMED
        yield os.urandom(200)


def _free_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
