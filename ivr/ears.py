"""The line's own link to the speech process: flags come in, "forget" goes out; lost links are replaced for ever."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from models.clock import now
from models.dangers import Danger, Flag
from models.words import CallId
from speech.door import Door

log = structlog.get_logger()

PAUSE_SECONDS = 0.5
# So much of one call was never heard: its Listener can rely on the machine no more.
LOST_SECONDS = 1.0
# Speech says at once what it hears already, which is nothing that has to be heard from the beginning.
SAYS_WITHIN_SECONDS = 0.3


class SpeechEars:
    """See ivr.ports.Ears; ``since`` is when the present state began, for the console's words about it."""

    def __init__(self, door: Door) -> None:
        self._url = door.url("/flags")
        self._connection: ClientConnection | None = None
        self.since: datetime = now()
        # The scheme's switch (listening_switch.py).
        self._turned_off = False
        # What speech says that it hears now, and was not told to forget.
        self._heard: set[CallId] = set()
        # Phrases that the second pass left out since speech began; without it flags are fewer on a bad line.
        self.left_out = 0
        # Seconds of calls that speech, falling behind, never heard since it began; and of each call since it was told.
        self.unheard = 0.0
        self._unheard_of: dict[CallId, float] = {}
        self.on_flag: Callable[[Flag], None] = lambda _flag: None
        self.on_lost: Callable[[CallId | None], None] = lambda _call: None
        self.on_behind: Callable[[CallId], None] = lambda _call: None
        self.on_change: Callable[[], None] = lambda: None
        # Not on_change: after that one, every call that agreed is heard from the beginning.
        self.on_left_out: Callable[[], None] = lambda: None

    @property
    def listens(self) -> bool:
        return self._connection is not None and not self._turned_off

    @property
    def heard(self) -> frozenset[CallId]:
        """What speech says that it hears now."""
        return frozenset(self._heard)

    async def turn(self, *, off: bool) -> None:
        """Off: whatever is heard is forgotten at once, and so is each call that speech says it hears after that."""
        self._turned_off = off
        self.since = now()
        await self._forget_if_off()
        self.on_change()

    async def forget(self, call: CallId) -> None:
        if self._connection:
            # A link that is being lost wipes the call as well: its media socket ends with the process.
            with contextlib.suppress(WebSocketException):
                await self._connection.send(json.dumps({"forget": call}))

    async def run(self) -> None:
        while True:
            try:
                async with connect(
                    self._url, subprotocols=[Subprotocol("flags")], ping_interval=1, ping_timeout=2, open_timeout=2
                ) as connection:
                    await self._met(connection)
                    async for frame in connection:
                        self._take(json.loads(frame))
                        await self._forget_if_off()
            except (OSError, TimeoutError, WebSocketException, ValueError) as fault:
                log.debug("speech.not_reached", error=type(fault).__name__)
            finally:
                if self._connection:
                    self.on_lost(None)
                    self._changed_to(None)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _met(self, connection: ClientConnection) -> None:
        """A speech process that we meet says first what it hears; only then it is known what it does not hear."""
        self._forget_reports()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SAYS_WITHIN_SECONDS):
                async for frame in connection:
                    self._take(json.loads(frame))
        self._changed_to(connection)
        await self._forget_if_off()

    async def _forget_if_off(self) -> None:
        while self._turned_off and self._heard:
            await self.forget(self._heard.pop())

    def _changed_to(self, connection: ClientConnection | None) -> None:
        self._connection = connection
        if connection is None:
            self._forget_reports()
        self.since = now()
        log.info("speech.up" if connection else "speech.lost")
        self.on_change()

    def _forget_reports(self) -> None:
        self._heard.clear()
        self._unheard_of.clear()
        self.left_out, self.unheard = 0, 0.0

    def _take(self, report: dict[str, Any]) -> None:
        match report:
            case {"event": "flag", "call": str(call), "rule": str(rule), "danger": str(danger), "second": second}:
                if not self._turned_off:
                    self.on_flag(Flag(call, rule, Danger(danger), float(second)))
            case {"event": "hearing", "call": str(call)}:
                self._heard.add(CallId(call))
            case {"event": "second pass", "dropped": int(dropped)}:
                if dropped > self.left_out:
                    log.info("speech.second_pass_dropped", phrases=dropped - self.left_out)
                self.left_out = dropped
                self.on_left_out()
            case {"event": "behind", "call": str(call), "seconds": seconds}:
                self._fell_behind(CallId(call), float(seconds))
            case {"event": "forgot", "call": str(call)}:
                self._heard.discard(CallId(call))
                self._unheard_of.pop(CallId(call), None)
                self.on_lost(CallId(call))
            case _:
                return

    def _fell_behind(self, call: CallId, seconds: float) -> None:
        self.unheard += seconds
        self._unheard_of[call] = self._unheard_of.get(call, 0.0) + seconds
        if self._unheard_of[call] >= LOST_SECONDS:
            log.warning("speech.behind", call=call, seconds=round(self._unheard_of.pop(call), 1))
            self.on_behind(call)
        self.on_left_out()
