"""The console's pages inside the line: made in a thread once calls are answered; their door waits for so long."""

import asyncio
import gc
import socket
import threading
from typing import TYPE_CHECKING

import structlog

from wingline.http_server import HttpServer

if TYPE_CHECKING:
    from wingline.wiring import Line

log = structlog.get_logger()

# One thread at a time loads what only pages and figures need.
LOADING = threading.Lock()


class ConsoleServer:
    def __init__(self, line: "Line", secret: str) -> None:
        self._line = line
        self._secret = secret
        self._server: HttpServer | None = None
        self._stopped = False

    async def at(self, door: socket.socket) -> None:
        try:
            self._server = await asyncio.to_thread(self._made)
        except Exception as fault:
            # Nobody waits for this task: calls go on, and the watchdog misses the pages.
            log.error("console.not_made", error=type(fault).__name__)  # noqa: TRY400  no traceback, as everywhere
            raise
        if not self._stopped:
            await self._server.at(door)

    def stop(self) -> None:
        """See HttpServer.stop."""
        self._stopped = True
        if self._server:
            self._server.stop()

    def _made(self) -> HttpServer:
        with LOADING:
            # Two thirds of what a start of the line takes.
            from wingline.console_app import console_app  # noqa: PLC0415  no call waits for it

        app = console_app(self._line, self._secret)
        # FastAPI gets a route ready when it is first looked at: here, and not on the loop, which calls would wait for.
        for route in app.routes:
            route.matches({"type": "http", "method": "GET", "path": "/-", "root_path": "", "headers": []})
        # As wingline.line does with what was there before it, and without looking through it, which stops every call.
        gc.freeze()
        return HttpServer(app)
