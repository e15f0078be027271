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

log = structlog.get_logger()

PAUSE_SECONDS = 0.5


class SpeechEars:
    """See ivr.ports.Ears; ``since`` is when the present state began, for the console's words about it."""

    def __init__(self, port: int) -> None:
        self._url = f"ws://127.0.0.1:{port}/flags"
        self._connection: ClientConnection | None = None
        self.since: datetime = now()
        # Phrases that the second pass left out since speech began; without it flags are fewer on a bad line.
        self.left_out = 0
        self.on_flag: Callable[[Flag], None] = lambda _flag: None
        self.on_lost: Callable[[CallId | None], None] = lambda _call: None
        self.on_change: Callable[[], None] = lambda: None
        # Not on_change: after that one, every call that agreed is heard from the beginning.
        self.on_left_out: Callable[[], None] = lambda: None

    @property
    def connected(self) -> bool:
        return self._connection is not None

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
                    self._changed_to(connection)
                    async for frame in connection:
                        self._take(json.loads(frame))
            except (OSError, TimeoutError, WebSocketException, ValueError) as fault:
                log.debug("speech.not_reached", error=type(fault).__name__)
            finally:
                if self._connection:
                    self._changed_to(None)
                    self.on_lost(None)
            await asyncio.sleep(PAUSE_SECONDS)

    def _changed_to(self, connection: ClientConnection | None) -> None:
        self._connection = connection
        self.left_out = 0
        self.since = now()
        log.info("speech.up" if connection else "speech.lost")
        self.on_change()

    def _take(self, report: dict[str, Any]) -> None:
        match report:
            case {"event": "flag", "call": str(call), "rule": str(rule), "danger": str(danger), "second": second}:
                self.on_flag(Flag(call, rule, Danger(danger), float(second)))
            case {"event": "second pass", "dropped": int(dropped)}:
                if dropped > self.left_out:
                    log.info("speech.second_pass_dropped", phrases=dropped - self.left_out)
                self.left_out = dropped
                self.on_left_out()
            case {"event": "forgot", "call": str(call)}:
                self.on_lost(CallId(call))
            case _:
                return
