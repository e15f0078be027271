"""Serves pages inside the line, at a door that may outlive this process."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette


class HttpServer(uvicorn.Server):
    """The line has its own signals; pages that end must not end the calls."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=1)
        )
        # uvicorn has none until it has started, and it may be stopped before that.
        self.servers = []

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if not self.should_exit:
            await super().startup(sockets)

    async def at(self, door: socket.socket) -> None:
        with door.dup() as copy:
            await self.serve(sockets=[copy])

    def stop(self) -> None:
        """From now on nobody is let in; whoever is in has a second."""
        for server in self.servers:
            server.close()
        self.should_exit = True
