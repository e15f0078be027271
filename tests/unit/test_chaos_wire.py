"""The wire between two programs: it carries, is late, is half open, is cut, and says what nobody said."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.fakes.line import eventually
from wingline.chaos.wire import Wire
from wingline.demo.world import free_ports

pytestmark = pytest.mark.anyio
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while said := await reader.read(100):
            writer.write(said)
    await hangs_up(writer)


@asynccontextmanager
async def a_wire() -> AsyncIterator[tuple[Wire, Ends]]:
    """To an echo, with one connection."""
    near, far = free_ports(2)
    server = await asyncio.start_server(_echo, "127.0.0.1", far)
    async with server, Wire(near, far) as wire:
        ends = await asyncio.open_connection("127.0.0.1", near)
        yield wire, ends
        await hangs_up(ends[1])
    await asyncio.sleep(0.05)  # the echo hears of it


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def says(ends: Ends, said: bytes, within: float = 2) -> bytes:
    ends[1].write(said)
    try:
        return await asyncio.wait_for(ends[0].readexactly(len(said)), within)
    except TimeoutError:
        return b""


async def test_a_wire_carries_both_ways_and_knows_when_the_far_end_last_answered() -> None:
    async with a_wire() as (wire, ends):
        began = time.monotonic()

        assert await says(ends, b"hello") == b"hello"
        assert wire.answered_at >= began
        assert wire.connections == 1


async def test_half_open_takes_connections_and_carries_nothing_until_it_carries_again() -> None:
    async with a_wire() as (wire, ends):
        assert await says(ends, b"before") == b"before"
        wire.stall()
        assert await says(ends, b"lost?", 0.2) == b""
        _, another = await asyncio.open_connection("127.0.0.1", wire.port)
        wire.carry()

        assert await asyncio.wait_for(ends[0].readexactly(5), 2) == b"lost?"
        await hangs_up(another)


async def test_a_cut_ends_every_connection_and_new_ones_are_taken() -> None:
    async with a_wire() as (wire, ends):
        assert await says(ends, b"before") == b"before"
        assert wire.cut() == 1
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(ends[0].read(), 2)
        assert await eventually(lambda: wire.connections == 0)
        again = await asyncio.open_connection("127.0.0.1", wire.port)

        assert await says(again, b"again") == b"again"
        await hangs_up(again[1])


async def test_late_is_late_and_rubbish_reaches_whoever_connected() -> None:
    async with a_wire() as (wire, ends):
        wire.late = 0.2
        began = time.monotonic()
        assert await says(ends, b"late") == b"late"
        assert time.monotonic() - began >= 0.4  # there and back
        wire.carry()

        assert wire.say(b"\xff\xfe") == 1
        assert await asyncio.wait_for(ends[0].readexactly(2), 2) == b"\xff\xfe"

        # Onward to the far end, which answers whatever comes.
        assert wire.say(b"\xfe", onward=True) == 1
        assert await asyncio.wait_for(ends[0].readexactly(1), 2) == b"\xfe"


async def test_nobody_at_the_far_end_is_told_at_once() -> None:
    near, far = free_ports(2)
    async with Wire(near, far) as wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", near)

        assert await asyncio.wait_for(reader.read(), 2) == b""
        assert wire.cut() == 0
        await hangs_up(writer)
