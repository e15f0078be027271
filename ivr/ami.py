"""The link to Asterisk's manager interface: one module that keeps asterisk-ami connected, honest and off the loop."""

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import structlog
from asterisk.ami import AMIClient
from asterisk.ami.action import Action

from ivr.packs import Event, Reply, compose, parse
from models.errors import ActionRefused, NotConnected

__all__ = ["Ami", "Event", "Pace", "Reply", "compose"]

log = structlog.get_logger()

OPEN_TIMEOUT = 3.0
BOOT_TIMEOUT = 30.0
# Whoever wakes that much later than asked for has stood still, and the answer may lie there unread.
STOOD_STILL = 0.25
# On a machine that is always late Asterisk may be gone all the same.
PINGS_AT_MOST = 5
QUIET_TIMEOUT = 30.0  # asterisk-ami reads with its connect timeout and takes a quiet line for a dead one


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the link is proved: a silent loss is noticed within ping_every + ping_deadline."""

    ping_every: float = 2.0
    ping_deadline: float = 2.5
    first_pause: float = 0.1
    longest_pause: float = 2.0


class _Client(AMIClient):  # type: ignore[misc]  # asterisk-ami has no types
    """asterisk-ami for one connection and no second: what its thread reads is only enqueued."""

    def __init__(self, host: str, port: int, *, on_pack: Callable[[str], None], on_end: Callable[[], None]) -> None:
        super().__init__(address=host, port=port, timeout=OPEN_TIMEOUT, buffer_size=65536)
        self._loop = asyncio.get_running_loop()
        self._on_pack = on_pack
        self._on_end = on_end
        self._mark = secrets.token_hex(4)

    def next_action_id(self) -> str:
        """Unlike 0, 1, 2…, never the id of another client's action, whose events reach us too."""
        return f"{self._mark}-{super().next_action_id()}"

    def connect(self) -> None:
        super().connect()
        self._socket.settimeout(QUIET_TIMEOUT)

    def send(self, pack: Action) -> None:
        """All of it, where the library may send a part; a failed write ends the reading, so a loss is told once."""
        try:
            self._socket.sendall(f"{pack}\r\n".encode())
        except OSError:
            self.drop()

    def listen(self) -> None:
        with suppress(Exception):  # a bad greeting is a bare Exception here; whatever it was, the link has ended
            super().listen()
        self.drop()
        self._tell(self._on_end)

    def fire_recv_pack(self, pack: str) -> None:
        self._tell(self._on_pack, pack)

    def drop(self) -> None:
        """Closing alone would leave a thread asleep in recv for its whole timeout; shutdown wakes it."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()

    def _tell(self, callback: Callable[..., None], *args: str) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(callback, *args)


@dataclass(slots=True)
class _Question:
    """An action under way: its answer, and the rows that follow the answer when it is a list."""

    until: str
    answer: asyncio.Future[Reply]
    rows: list[Event] = field(default_factory=list)
    reply: Reply | None = None

    def take(self, said: Event | Reply) -> None:
        if isinstance(said, Reply):
            self.reply = said
        elif said.name != self.until:
            self.rows.append(said)
        complete = isinstance(said, Event) and said.name == self.until
        if self.reply and not self.answer.done() and (complete or not self.until or not self.reply.ok):
            self.answer.set_result(self.reply)


class _Connection:
    """One connection from log-in to loss, as the loop sees it."""

    def __init__(self, host: str, port: int, *, on_event: Callable[[Event], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._client = _Client(host, port, on_pack=self._take, on_end=self._end)
        # One thread writes: order is kept, packs never mix, and a cancelled asker cannot cut one in half.
        self._writer = ThreadPoolExecutor(1, "ami-writer")
        self._questions: dict[str, _Question] = {}
        self._on_event = on_event
        self._lost = self._loop.create_future()
        self._booted = self._loop.create_future()

    async def open(self, user: str, secret: str) -> None:
        await self._loop.run_in_executor(self._writer, self._client.connect)
        await self.ask(compose("Login", {"Username": user, "Secret": secret}, {}), OPEN_TIMEOUT)
        # Asterisk lets managers in before its modules are loaded, refuses their actions as unknown, and says when it
        # has booted; to who logs in later it says so at once.
        await asyncio.wait({self._booted, self._lost}, timeout=BOOT_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
        if not self._booted.done():
            raise NotConnected("Asterisk, which is still starting,")

    async def ask(self, action: Action, timeout: float, until: str = "") -> _Question:  # noqa: ASYNC109
        """The question with its answer in it; NotConnected when none came, and then Asterisk may have acted or not."""
        if self._lost.done():
            raise NotConnected("Asterisk")
        action_id = action.keys["ActionID"] = self._client.next_action_id()
        question = self._questions[action_id] = _Question(until, self._loop.create_future())
        try:
            self._writer.submit(self._client.send, action)
            await asyncio.wait({question.answer, self._lost}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._questions[action_id]
        if not question.answer.done():
            raise NotConnected(f"Asterisk, asked for {action.name},")
        if not question.answer.result().ok:
            raise ActionRefused(action.name, question.answer.result().message)
        return question

    async def until_lost(self, pace: Pace) -> None:
        """Raises NotConnected when Asterisk hangs up or leaves a ping unanswered."""
        while not self._lost.done():
            await asyncio.wait({self._lost}, timeout=pace.ping_every)
            await self._prove(pace.ping_deadline)

    async def _prove(self, within: float) -> None:
        """Raises NotConnected when Asterisk was silent. If we stood still we cannot know, and ask again."""
        for _ in range(PINGS_AT_MOST):
            asked = self._loop.time()
            try:
                await self.ask(Action("Ping"), within)
            except NotConnected:
                if self._lost.done() or self._loop.time() - asked < within + STOOD_STILL:
                    raise
                log.info("ami.stood_still")
            else:
                return
        raise NotConnected("Asterisk")

    def close(self) -> None:
        self._end()
        self._client.drop()
        self._writer.shutdown(wait=False, cancel_futures=True)

    def _end(self) -> None:
        if not self._lost.done():
            self._lost.set_result(None)

    def _take(self, pack: str) -> None:
        said = parse(pack)
        if said is None or self._lost.done():
            return
        question = self._questions.get(said.fields.get("ActionID", ""))
        if question and (isinstance(said, Reply) or question.until):
            question.take(said)
        elif isinstance(said, Event) and said.name == "FullyBooted":
            if not self._booted.done():
                self._booted.set_result(None)
        elif isinstance(said, Event):
            self._on_event(said)


async def _nothing() -> None:
    """What an Ami does when nobody has said what to do."""


class Ami:
    """Asterisk's manager interface for as long as it is started: lost links are replaced for ever, by new ones."""

    def __init__(self, host: str, port: int, user: str, secret: str, *, pace: Pace = Pace()) -> None:
        self._address = (host, port)
        self._login = (user, secret)
        self._pace = pace
        self._pause = pace.first_pause
        self._connection: _Connection | None = None
        self._subscribers: list[Callable[[Event], None]] = []
        self._supervisor: asyncio.Task[None] | None = None
        self.on_up: Callable[[], Awaitable[None]] = _nothing
        self.on_down: Callable[[], Awaitable[None]] = _nothing

    @property
    def connected(self) -> bool:
        return self._connection is not None

    async def start(self) -> None:
        self._supervisor = asyncio.create_task(self._supervise())

    async def stop(self) -> None:
        """Ends without on_down: whoever stops the link knows that it is down."""
        while self._supervisor and not self._supervisor.done():
            self._supervisor.cancel()  # more than once: a TaskGroup that is just failing loses a cancellation
            await asyncio.wait({self._supervisor}, timeout=0.05)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def subscribe(self, callback: Callable[[Event], None]) -> None:
        """Called on the loop's thread with every event but the rows of lists; it must not wait."""
        self._subscribers.append(callback)

    async def act(
        self,
        name: str,
        /,
        *,
        variables: Mapping[str, str] | None = None,
        timeout: float = 5.0,  # noqa: ASYNC109
        **fields: str | int,
    ) -> Reply:
        """ActionRefused: it was not done. NotConnected: not done, or done and the answer lost."""
        question = await self._live().ask(compose(name, fields, variables or {}), timeout)
        return question.answer.result()

    async def list_of(self, name: str, complete_event: str, /, **fields: str | int) -> list[Event]:
        question = await self._live().ask(compose(name, fields, {}), 5.0, until=complete_event)
        return question.rows

    def _live(self) -> _Connection:
        if self._connection is None:
            raise NotConnected("Asterisk")
        return self._connection

    async def _supervise(self) -> None:
        while True:
            connection = _Connection(*self._address, on_event=self._publish)
            try:
                await self._serve(connection)
            finally:
                self._connection = None
                connection.close()
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, self._pace.longest_pause)

    async def _serve(self, connection: _Connection) -> None:
        try:
            await connection.open(*self._login)
        except Exception as fault:  # noqa: BLE001  whatever it was, it is tried again for ever
            log.warning("ami.not_reached", error=type(fault).__name__)
            return
        self._connection = connection
        log.info("ami.up")
        try:
            async with asyncio.TaskGroup() as life:
                life.create_task(connection.until_lost(self._pace))
                await self.on_up()
                self._pause = self._pace.first_pause
        except* NotConnected:
            log.warning("ami.lost")
        except* Exception as failures:  # noqa: BLE001  state that could not be rebuilt is not to be worked on: begin again
            log.warning("ami.on_up_failed", error=type(failures.exceptions[0]).__name__)
        self._connection = None
        await self._tell_down()

    async def _tell_down(self) -> None:
        try:
            await self.on_down()
        except Exception as failure:  # noqa: BLE001  whatever it was, the link must come back
            log.warning("ami.on_down_failed", error=type(failure).__name__)

    def _publish(self, event: Event) -> None:
        for callback in self._subscribers:
            try:
                callback(event)
            except Exception as failure:  # noqa: BLE001  one listener's fault must not deafen the others
                log.warning("ami.subscriber_failed", event_name=event.name, error=type(failure).__name__)
