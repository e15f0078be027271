"""From one process of the line to the next, while calls go on (docs/upgrade.md).

The next process starts beside the one that runs and, when it is ready, asks for the doors: the listening sockets of
calls and console. Whoever comes in between waits in their queue, as at any moment of a busy line. The one that runs
gives them at a quiet moment, lets go of its callers, and ends; the next begins when the link between them closes.
That also happens when the one that runs dies in the middle.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import structlog

from ivr.agi import Session
from ivr.ami import Ami
from ivr.call import Ask, Call, Keys, Phase
from ivr.desk import Desk
from ivr.live_call import LiveCall
from models.clock import steady
from models.errors import AsterisksFault, WinglineError
from wingline.settings import Settings

log = structlog.get_logger()

SOCKET = "line.sock"
# So long the one that runs looks for a moment in which nobody is in the middle of a dialog.
QUIET_SECONDS = 20.0
LOOK_SECONDS = 0.1
# And so long the next one waits for the doors, and then for the end of the other.
GIVEN_SECONDS = QUIET_SECONDS + 10
GONE_SECONDS = 10.0

# Whoever is in the notice hears it from its beginning again, so that is waited for as well.
_IN_THE_NOTICE = frozenset({Phase.LANGUAGE, Phase.NOTICE})


class NotGiven(WinglineError):
    def __init__(self) -> None:
        super().__init__("the line that runs has not given its sockets; it goes on, and this one ends")


@dataclass(frozen=True, slots=True)
class Doors:
    """Where Asterisk and browsers reach the line."""

    calls: socket.socket
    console: socket.socket

    @classmethod
    def opened(cls, settings: Settings) -> Self:
        calls = socket.create_server(("127.0.0.1", settings.agi_port))
        family = socket.AF_INET6 if ":" in settings.console_host else socket.AF_INET
        return cls(calls, socket.create_server((settings.console_host, settings.console_port), family=family))

    def close(self) -> None:
        self.calls.close()
        self.console.close()


@dataclass(frozen=True, slots=True)
class Before:
    """The process that runs now, seen from the next: its doors, and the link that closes when it has let go."""

    doors: Doors
    link: socket.socket

    async def has_let_go(self) -> None:
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(GONE_SECONDS):
                await asyncio.get_running_loop().sock_recv(self.link, 1)
        self.link.close()


async def ask_for_doors(data: Path) -> Before | None:
    """Nothing when no line runs here. NotGiven when one does, and has not given them in time."""
    link = socket.socket(socket.AF_UNIX)
    link.setblocking(False)
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_connect(link, str(data / SOCKET))
    except OSError:
        link.close()
        return None
    try:
        async with asyncio.timeout(GIVEN_SECONDS):
            await _readable(link)
        _, given, _, _ = socket.recv_fds(link, 1, 2)
        calls, console = (socket.socket(fileno=one) for one in given)
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        link.close()
        raise NotGiven from error
    return Before(Doors(calls, console), link)


async def _readable(link: socket.socket) -> None:
    """Descriptors come with the first byte, which must not be read without them."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()
    loop.add_reader(link, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(link)


class Handover:
    """The side of the process that runs."""

    def __init__(self, data: Path, doors: Doors) -> None:
        self.doors = doors
        self._path = data / SOCKET
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.setblocking(False)
        self._link: socket.socket | None = None

    def listen(self) -> None:
        self._path.unlink(missing_ok=True)
        self._listening.bind(str(self._path))
        self._listening.listen(1)

    async def asked_and_given(self, quiet: Callable[[], Awaitable[None]]) -> bool:
        """Until a next process has asked, and it is quiet; false when that one has gone again, and nothing is given."""
        link, _ = await asyncio.get_running_loop().sock_accept(self._listening)
        with ExitStack() as unless_given:
            unless_given.callback(link.close)
            await quiet()
            with suppress(OSError):
                socket.send_fds(link, [b"d"], [self.doors.calls.fileno(), self.doors.console.fileno()])
                unless_given.pop_all()
                self._link = link
        return self._link is not None

    def close(self) -> None:
        """The next one begins with this; without a next one nobody listens from here on."""
        if self._link:
            self._link.close()
        else:
            self._path.unlink(missing_ok=True)
        self._listening.close()
        self.doors.close()


@dataclass
class Dialogs:
    """Sessions of Asterisk's, and whether somebody is in the middle of one that no other process could go on with."""

    answer: Callable[[Session], Awaitable[None]]
    _open: Counter[str] = field(default_factory=Counter)

    async def __call__(self, session: Session) -> None:
        script = session.script.path
        self._open[script] += 1
        try:
            await self.answer(session)
        finally:
            self._open[script] -= 1

    @property
    def in_the_middle(self) -> int:
        """A caller's own session waits well: the next process finds them waiting."""
        return sum(number for script, number in self._open.items() if script != "caller")


async def quiet_moment(dialogs: Dialogs, desk: Desk) -> None:
    """At the latest after ``QUIET_SECONDS``: what is cut off then is what a killed line cuts off too."""
    with suppress(TimeoutError):
        async with asyncio.timeout(QUIET_SECONDS):
            while dialogs.in_the_middle or any(_would_be_lost(live.call) for live in desk.calls.values()):  # noqa: ASYNC110  no event tells of both
                await asyncio.sleep(LOOK_SECONDS)


def _would_be_lost(call: Call) -> bool:
    """What nobody has written down yet: how far the notice is, and that staff are about to be told."""
    return call.phase in _IN_THE_NOTICE or _staff_are_about_to_be_told(call)


def _staff_are_about_to_be_told(call: Call) -> bool:
    """The caller agreed or asked and can still say no; or the Listener saw a danger and has yet to say which."""
    keys = (call.keys.get(listener, Keys()) for listener in call.listeners)
    naming = any(one.open_ask(steady()) is Ask.DANGER for one in keys)
    return call.agreed_at is not None or call.staff_key or naming or call.danger_left_open


async def let_go_of_callers(desk: Desk, ami: Ami) -> None:
    """Callers whom we speak to knock at the door again, where the next process answers. Conversations are untouched."""
    spoken_to = [live for live in desk.calls.values() if live.mouth is not None and not live.aside]
    log.info("handover.lets_go", calls=len(desk.calls), spoken_to=len(spoken_to))
    await asyncio.gather(*(_let_go(live, desk, ami) for live in spoken_to))


async def _let_go(live: LiveCall, desk: Desk, ami: Ami) -> None:
    try:
        if live.call.phase in _IN_THE_NOTICE:
            # They begin anew: nobody is spared the notice.
            await ami.act("Setvar", Channel=live.caller.channel, Variable="WL_CALL", Value="")
        await desk.ports.telephony.bring_back(live.caller)
    except AsterisksFault:
        log.info("caller.not_let_go", call=live.call.id)  # gone in this moment
