"""The line's own watch over drills, alarms and its nightly call: begins what is due, tells of what is broken."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from datetime import time
from zoneinfo import ZoneInfo

import structlog

from escalation import alarms, nightly
from escalation.drills import begin_next
from escalation.store import Raise
from escalation.turn import Turn
from ivr.desk import Desk
from models.errors import AsterisksFault
from models.words import Cause, EscalationId, Instant
from wingline.nightly_site import clear_away
from wingline.service import environment
from wingline.settings import Settings
from wingline.site import SiteFile

log = structlog.get_logger()

# A nightly call that is told to stop has phones to put down first.
STOP_SECONDS = 5.0


class Rehearsals:
    """One node's hand in them; any number may tick over the same rows."""

    def __init__(self, settings: Settings, site: SiteFile, desk: Desk) -> None:
        self._settings = settings
        self._desk = desk
        self._zone = ZoneInfo(site.site.zone)
        self._plan = site.drills.plan(self._zone) if site.drills else None
        self._nightly_at = site.nightly.at if site.nightly else None
        self._calling: asyncio.subprocess.Process | None = None

    async def tick(self, now: Instant) -> None:
        ports, drill, broken = self._desk.ports, self._raising(Cause.DRILL), self._raising(Cause.LINE_BROKEN)

        def begin(turn: Turn) -> EscalationId | None:
            return begin_next(turn, drill, self._plan) or nightly.tell_of_broken(turn, broken)

        begun = await ports.engine.act(begin, now)
        if begun:
            log.info("rehearsal.begun", escalation=begun)
        told = await ports.engine.act(lambda turn: alarms.tell(turn, broken), now)
        if told:
            log.info("alarms.changed", escalation=told)
        if begun or told:
            ports.changed()
        if self._nightly_at is not None:
            await self._call_itself(self._nightly_at, now)

    async def stop(self) -> None:
        """A call that is being made is over as well; another one is made the next night."""
        if self._calling is None or self._calling.returncode is not None:
            return
        self._calling.send_signal(signal.SIGINT)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._calling.wait(), STOP_SECONDS)

    def _raising(self, cause: Cause) -> Raise:
        return Raise(site=self._desk.ports.site, cause=cause, profile=self._desk.ports.profile)

    async def _call_itself(self, at: time, now: Instant) -> None:
        ports = self._desk.ports
        if await ports.database.run(lambda session: nightly.give_up(session, ports.site, now)):
            await self._end_what_is_left()
        begun = await ports.database.run(
            lambda session: nightly.begin_planned(session, ports.site, at, zone=self._zone, now=now)
        )
        if begun:
            log.info("nightly.begun", nightly=begun)
            self._calling = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "wingline.nightly", begun),
                stdin=asyncio.subprocess.DEVNULL,
                env={**os.environ, **environment(self._settings)},
            )

    async def _end_what_is_left(self) -> None:
        """Of a call to itself whose own program has died."""
        ports = self._desk.ports
        for live in list(self._desk.calls.values()):
            if live.caller.phone in ports.itself:
                with suppress(AsterisksFault):
                    await ports.telephony.drop(live.caller.id)
        await ports.database.run(lambda session: clear_away(session, ports.site))
