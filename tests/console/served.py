"""A console on a real socket of the loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from threading import Thread
from time import sleep

import uvicorn
from fastapi import FastAPI

# For browsers that only speak HTTP here: to read every authority of the world takes longer than most tests.
PLAIN = SSLContext(PROTOCOL_TLS_CLIENT)


@contextmanager
def served(app: FastAPI, port: int = 0) -> Iterator[str]:
    """On a port of its own, or on the one that the console was told browsers know it by."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)
    )
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
