"""A wire between two programs that can be cut, stop carrying, carry late, or carry rubbish: TCP on loopback.

Its two ends may be on different hosts (network namespaces), each with a loopback of its own.
"""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Self

_PIECE = 65536
# To linger for no time: what is not yet delivered is dropped, and the other end is told that it was.
_RESET = struct.pack("ii", 1, 0)

# Sockets that are made within it are there.
There = Callable[[], AbstractContextManager[object]]


class Wire:
    """Listens on ``port`` (``near``) and joins whoever connects to ``to`` (``far``). Nothing of it is kept."""

    def __init__(self, port: int, to: int, *, near: There = nullcontext, far: There = nullcontext) -> None:
        self.port = port
        self._to, self._near, self._far = to, near, far
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._carries = asyncio.Event()
        self._carries.set()
        # Seconds by which each piece is late.
        self.late = 0.0
        # By time.monotonic(): when something last came back from the far end.
        self.answered_at = 0.0

    async def __aenter__(self) -> Self:
        with self._near():
            listening = socket.create_server(("127.0.0.1", self.port))
        self._server = await asyncio.start_server(self._join, sock=listening)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def connections(self) -> int:
        return len(self._writers) // 2

    def cut(self) -> int:
        """Every connection, with a reset at both ends; how many there were."""
        cut = self.connections
        for writer in self._writers:
            wire: socket.socket = writer.get_extra_info("socket")
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()
        return cut

    def stall(self) -> None:
        """Half open: both ends believe that they are connected, new connections are taken, and nothing arrives."""
        self._carries.clear()

    def carry(self) -> None:
        self._carries.set()
        self.late = 0.0

    def say(self, rubbish: bytes, *, onward: bool = False) -> int:
        """Into every connection, towards whoever opened it, or ``onward``; how many there were."""
        near = {writer for writer in self._writers if writer.get_extra_info("sockname")[1] == self.port}
        ends = self._writers - near if onward else near
        for writer in ends:
            writer.write(rubbish)
        return len(ends)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            far_reader, far_writer = await self._reach()
        except OSError:
            writer.close()
            return
        self._writers |= {writer, far_writer}
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(reader, far_writer, lambda: None))
                both.create_task(self._carry(far_reader, writer, self._note_answer))
        except* OSError:
            pass  # one end is gone, and so is the other
        finally:
            self._writers -= {writer, far_writer}
            for one in (writer, far_writer):
                one.close()
                with contextlib.suppress(OSError):
                    await one.wait_closed()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        # A namespace is the thread's, and others run while this one waits: only the socket is made in it.
        with self._far():
            end = socket.socket()
        end.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", self._to))
        except BaseException:
            end.close()
            raise
        return await asyncio.open_connection(sock=end)

    def _note_answer(self) -> None:
        self.answered_at = time.monotonic()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[], None]
    ) -> None:
        while piece := await reader.read(_PIECE):
            await self._carries.wait()
            if self.late:
                await asyncio.sleep(self.late)
            writer.write(piece)
            note()
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()
