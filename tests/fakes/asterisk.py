"""Asterisk as its two sockets show it: a manager that does what a test says, and a call that comes in over FastAGI."""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

GREETING = "Asterisk Call Manager/11.0.0\r\n"
# What the dialplan gives with each session.
OPENS = "agi-secret"
BOOTED = "Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n"


def field_of(pack: str, name: str) -> str:
    return next((line.partition(": ")[2] for line in pack.split("\r\n") if line.startswith(f"{name}: ")), "")


def success(pack: str) -> str:
    return f"Response: Success\r\nActionID: {field_of(pack, 'ActionID')}\r\nMessage: done\r\n\r\n"


class ManagerPeer:
    """Listens like AMI on a free port; threads, so that it also serves a client that blocks."""

    def __init__(self, answer: Callable[[str], str] = success, greeting: str = GREETING) -> None:
        self.answer = answer
        self.greeting = greeting
        self.booted = BOOTED
        self.received: list[str] = []
        self.connections: list[socket.socket] = []
        self.stalled = threading.Event()  # set: reads nothing and answers nothing, as a stopped process
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for one in (self._listener, *self.connections):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(5)

    def say(self, text: str) -> None:
        self.connections[-1].sendall(text.encode())

    def hang_up(self) -> None:
        self.connections[-1].shutdown(socket.SHUT_RDWR)

    def actions(self, name: str) -> list[str]:
        return [pack for pack in self.received if pack.startswith(f"Action: {name}\r\n")]

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._over.is_set():
                connection, _ = self._listener.accept()
                self.connections.append(connection)
                self._threads.append(threading.Thread(target=self._converse, args=(connection,)))
                self._threads[-1].start()

    def _converse(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(self.greeting.encode())
            heard = b""
            while more := connection.recv(65536):
                while self.stalled.is_set() and not self._over.wait(0.01):
                    continue
                *packs, heard = (heard + more).split(b"\r\n\r\n")
                for pack in packs:
                    self.received.append(pack.decode())
                    answer = self.answer(pack.decode())
                    connection.sendall(answer.encode())
                    if pack.startswith(b"Action: Login\r\n") and answer.startswith("Response: Success"):
                        connection.sendall(self.booted.encode())


class AgiCall:
    """The Asterisk side of one FastAGI session; answers each command as the test says, and may say things unasked."""

    def __init__(self, port: int, answer: Callable[[str], str] = lambda _: "200 result=0\n") -> None:
        self.answer = answer
        self.commands: list[str] = []
        self._port = port
        self._said_all = False

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._answering = asyncio.create_task(self._converse())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await asyncio.wait({self._answering})

    def say(self, text: str | bytes) -> None:
        if not self._said_all:
            self._writer.write(text if isinstance(text, bytes) else text.encode())

    def say_no_more(self) -> None:
        self._said_all = True
        self._writer.write_eof()

    def begin(self, script: str = "x", **more: str) -> None:
        first = {
            "network": "yes",
            "network_script": script,
            "channel": "PJSIP/cell-1",
            "callerid": "1001",
            "arg_1": OPENS,
        }
        first |= more
        self.say("".join(f"agi_{name}: {value}\n" for name, value in first.items()) + "\n")

    async def until_let_go(self) -> None:
        async with asyncio.timeout(2):
            await asyncio.shield(self._answering)

    async def _converse(self) -> None:
        with suppress(OSError):
            while line := await self._reader.readline():
                self.commands.append(line.decode().rstrip("\n"))
                self.say(self.answer(self.commands[-1]))
