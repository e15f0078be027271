"""The WebSocket server: Asterisk brings audio to /media, line takes reports from /flags."""

import asyncio
import json
import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import structlog
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Data, Subprotocol

from speech.capacity import Capacity
from speech.door import Door
from speech.gate import FRAME_BYTES
from speech.hearing import Hearing
from speech.listening import Means
from speech.reports import CallForgotten, FellBehind, HeardTwice, HearingBegan, Report, as_frame

MEDIA, FLAGS = Subprotocol("media"), Subprotocol("flags")
PATHS = {"/media": MEDIA, "/flags": FLAGS}
CALL_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LARGEST_MESSAGE = 64 * 1024
# RFC 6455 section 7.4.1
UNSUPPORTED, GOING_AWAY, TRY_LATER = 1003, 1001, 1013

log: structlog.stdlib.BoundLogger = structlog.get_logger("speech")


class Ear:
    """One call on this server: its hearing, its media socket, and when it has been forgotten."""

    def __init__(self, hearing: Hearing, media: ServerConnection) -> None:
        self.hearing = hearing
        self.media = media
        self.heard_anything = False
        # By a newer socket of the same call: it is heard on, and nobody is told that it was forgotten.
        self.taken_over = False
        self.forgotten = asyncio.Event()
        self.closing: asyncio.Future[None] | None = None


class SpeechServer:
    """Who is being heard now, and who is told."""

    def __init__(self, means: Means, door: Door, *, most_calls: int) -> None:
        self._means = means
        self._door = door
        self._capacity = Capacity(most_calls)
        self._ears: dict[str, Ear] = {}
        self._subscribers: set[ServerConnection] = set()

    async def open(self) -> Server:
        # `origins`: a page in a browser on this machine always sends one, Asterisk and line never do.
        # No pings of our own: fifty frames a second are the sign of life, and pings are answered by the library.
        return await serve(
            self._serve,
            "127.0.0.1",
            self._door.port,
            origins=[None],
            subprotocols=[MEDIA, FLAGS],
            process_request=self._refuse,
            compression=None,
            max_size=LARGEST_MESSAGE,
            ping_interval=None,
        )

    def _refuse(self, socket: ServerConnection, request: Request) -> Response | None:
        if urlsplit(request.path).path not in PATHS:
            return socket.respond(HTTPStatus.NOT_FOUND, "/media or /flags\n")
        if not self._door.admits(request.headers.get("Authorization", "")):
            log.warning("speech.stranger")
            return socket.respond(HTTPStatus.UNAUTHORIZED, "the installation's secret is missing\n")
        return _refuse_unclear(socket, request)

    async def close(self) -> None:
        ears = list(self._ears.values())
        for ear in ears:
            ear.hearing.end()
        await asyncio.gather(*(ear.forgotten.wait() for ear in ears))

    async def _serve(self, socket: ServerConnection) -> None:
        call = _call_of(socket.request) if socket.subprotocol == MEDIA else None
        try:
            await (self._hear(call, socket) if call else self._report_to(socket))
        except ConnectionClosed:
            log.info("speech.socket_lost", call=call)

    async def _hear(self, call: str, media: ServerConnection) -> None:
        """A second socket for the same call takes over: line starts again what it is not sure of."""
        while (older := self._ears.get(call)) is not None:
            older.taken_over = True
            await self._forget(older)
        loop = asyncio.get_running_loop()
        if not self._capacity.admits(len(self._ears), loop.time()):
            # The call goes on without us, and its Listener is told so.
            log.warning("speech.full", call=call, hearing=len(self._ears))
            broadcast(self._subscribers, as_frame(CallForgotten(call)))
            await media.close(TRY_LATER, "heard by people alone")
            return
        hearing = Hearing(call, lambda report: _in_loop(loop, partial(self._told, report)), self._means)
        ear = self._ears[call] = Ear(hearing, media)
        hearing.begin()
        try:
            await self._take_in(ear)
        finally:
            hearing.end()

    async def _take_in(self, ear: Ear) -> None:
        waiting = b""
        async for message in ear.media:
            if isinstance(message, str):
                # Audio may come before MEDIA_START (asterisk issue 1712): nothing waits for it.
                if _is_another_format(message):
                    await ear.media.close(UNSUPPORTED, "slin16 only")
                continue
            if not ear.heard_anything:
                ear.heard_anything = True
                self._told(HearingBegan(ear.hearing.call))
            waiting += message
            while len(waiting) >= FRAME_BYTES:
                ear.hearing.take_in(waiting[:FRAME_BYTES])
                waiting = waiting[FRAME_BYTES:]

    async def _report_to(self, line: ServerConnection) -> None:
        """A line that comes back is told first what is being heard. Without any, nobody says any more who may be."""
        for call, ear in self._ears.items():
            if ear.heard_anything:
                await line.send(as_frame(HearingBegan(call)))
        self._subscribers.add(line)
        try:
            async for message in line:
                await self._obey(line, message)
        finally:
            self._subscribers.discard(line)
            if not self._subscribers:
                # Whose Listener has gone meanwhile is told by the exchange that no computer listens.
                for ear in self._ears.values():
                    ear.hearing.end()

    async def _obey(self, line: ServerConnection, message: Data) -> None:
        call = _forget_in(message)
        if call is None:
            await line.close(UNSUPPORTED, "only forget is understood")
        elif call in self._ears:
            await self._forget(self._ears[call])

    async def _forget(self, ear: Ear) -> None:
        ear.hearing.end()
        await ear.forgotten.wait()

    def _told(self, report: Report) -> None:
        if isinstance(report, CallForgotten):
            self._has_forgotten(report)
            return
        broadcast(self._subscribers, as_frame(report))
        if isinstance(report, FellBehind):
            self._capacity.fell_behind(asyncio.get_running_loop().time())

    def _has_forgotten(self, report: CallForgotten) -> None:
        ear = self._ears.pop(report.call)
        if not ear.taken_over:
            broadcast(self._subscribers, as_frame(report))
        ear.forgotten.set()
        self._tell_of_the_second_pass()
        # Asterisk ends its ChanSpy when the socket closes; nothing of the call is left to hear it.
        ear.closing = asyncio.ensure_future(ear.media.close(GOING_AWAY))

    def _tell_of_the_second_pass(self) -> None:
        if self._means.second:
            counts = self._means.second.counts
            broadcast(self._subscribers, as_frame(HeardTwice(counts.heard, counts.dropped)))


def _in_loop(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(act)


def _refuse_unclear(socket: ServerConnection, request: Request) -> Response | None:
    wanted = PATHS[urlsplit(request.path).path]
    if wanted not in request.headers.get("Sec-WebSocket-Protocol", "").replace(" ", "").split(","):
        return socket.respond(HTTPStatus.BAD_REQUEST, f"subprotocol {wanted} is missing\n")
    if wanted == MEDIA and _call_of(request) is None:
        return socket.respond(HTTPStatus.BAD_REQUEST, "call=<id> is missing\n")
    return None


def _is_another_format(message: str) -> bool:
    formats = [field for field in message.split() if field.startswith("format:")]
    return message.startswith("MEDIA_START") and bool(formats) and formats != ["format:slin16"]


def _call_of(request: Request | None) -> str | None:
    calls = parse_qs(urlsplit(request.path).query).get("call", []) if request else []
    return calls[0] if calls and CALL_ID.fullmatch(calls[0]) else None


def _forget_in(message: Data) -> str | None:
    try:
        asked = json.loads(message)
    except ValueError:
        return None
    call = asked.get("forget") if isinstance(asked, dict) else None
    return call if isinstance(call, str) else None
