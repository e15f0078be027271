"""Pages that are stopped before they have begun, as by a line that is changed while it starts."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from starlette.applications import Starlette

from wingline.http_server import HttpServer

pytestmark = pytest.mark.anyio


@pytest.fixture
def door() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door


async def lets_in(door: socket.socket, within: float) -> bool:
    """Whether anybody answers in so many seconds; the door itself takes whoever comes, for the next process."""
    reader, writer = await asyncio.open_connection(*door.getsockname())
    writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    try:
        with suppress(TimeoutError):
            return bool(await asyncio.wait_for(reader.read(1), within))
        return False
    finally:
        writer.close()


async def test_who_is_stopped_before_it_has_begun_lets_nobody_in(door: socket.socket) -> None:
    server = HttpServer(Starlette())
    server.stop()
    await asyncio.wait_for(server.at(door), 5)

    assert not await lets_in(door, 0.3)


async def test_who_was_not_stopped_lets_in_until_it_is(door: socket.socket) -> None:
    server = HttpServer(Starlette())
    serving = asyncio.create_task(server.at(door))
    assert await lets_in(door, 10)

    server.stop()
    await asyncio.wait_for(serving, 5)
    assert not await lets_in(door, 0.3)
