"""A real HTTP server on loopback that keeps what it is sent, and answers or misbehaves as it is told."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass(frozen=True)
class Posted:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpServer:
    """``answers`` are the statuses of the next requests; after them everything is taken."""

    port: int = 0
    scheme: str = "http"
    answers: list[int] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    # Requests are read and nothing is answered, as long as the test lasts.
    hangs: bool = False
    was_asked: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)

    @property
    def address(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/wingline"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.posted.append(Posted(request.path, headers, body))
        self.was_asked.set()
        if self.hangs:
            self.ended.wait(30)
            return
        status = self.answers.pop(0) if self.answers else 204
        request.send_response(status)
        if 300 <= status < 400:
            request.send_header("location", f"http://localhost:{self.port}/elsewhere")
        request.send_header("content-length", "0")
        request.end_headers()


@contextmanager
def an_http_server(certificate: ssl.SSLContext | None = None) -> Iterator[HttpServer]:
    kept = HttpServer(scheme="https" if certificate else "http")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.handle(self)

        do_GET = do_POST  # noqa: N815  a redirect that is followed may come as another method

        def log_message(self, *_words: Any) -> None:
            """Nothing on the test's output."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_about: Any) -> None:
            """A client that does not trust us goes away."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        if certificate:
            server.socket = certificate.wrap_socket(server.socket, server_side=True)
        kept.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield kept
        finally:
            kept.ended.set()
            server.shutdown()
            thread.join()
