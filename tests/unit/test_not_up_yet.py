"""A line that does not come up soon is waited for, and what is up of it goes on."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from wingline.demo.world import free_ports
from wingline.settings import Settings
from wingline.up import however_long

# Asterisk says it without being asked.
BANNER = b"Asterisk Call Manager"

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_what_comes_up_late_is_said_and_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ami, speech, agi, console = free_ports(4)
    settings = Settings(data=tmp_path, ami_port=ami, speech_port=speech, agi_port=agi, console_port=console)
    words = {ami: BANNER, speech: b"HTTP/1.1 404", agi: b"", console: b"HTTP/1.1 200"}
    said = ""
    async with AsyncExitStack() as programs:
        waiting = asyncio.create_task(however_long(settings, said_every=0.0))
        while "not up after 0 s: Asterisk, speech, line" not in said:
            await asyncio.sleep(0.02)
            said += capsys.readouterr().out
        assert not waiting.done()
        for port, answer in words.items():

            async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, said: bytes = answer) -> None:
                if said != BANNER:
                    await reader.read(1000)
                writer.write(said)
                writer.close()

            await programs.enter_async_context(await asyncio.start_server(answers, "127.0.0.1", port))

        await waiting
