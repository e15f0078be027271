"""What one look at everything leaves for the next: what was missing, and who the other nodes may be for us."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from ivr import store
from ivr.legs import LegId, LiveLeg, Purpose
from ivr.ports import Ports
from ivr.store import GONE_AFTER
from models.errors import ActionRefused
from models.words import CallId, ListenerId

log = structlog.get_logger()

# The line looks every few seconds; a look that came so late was kept waiting.
_LATE_SECONDS = 10.0
# There are phones that send no sound while nobody speaks.
SILENT_SECONDS = 20.0


@dataclass(slots=True)
class Steady:
    """When a database is back, no node has beaten for as long as it was away, and each is back in its own moment.

    So it seems as well when its clock is put forward.
    """

    since: float | None = None
    _last: float = 0.0
    _clock: datetime | None = None

    def answered(self, at: float, clock: datetime) -> None:
        """``clock``: what the database's said at that moment."""
        went = at - self._last
        jumped = self._clock is not None and abs((clock - self._clock).total_seconds() - went) > _LATE_SECONDS
        if self.since is None or went > _LATE_SECONDS or jumped:
            self.since = at
        self._last, self._clock = at, clock

    def long_enough(self, at: float) -> bool:
        return self.since is not None and at - self.since >= GONE_AFTER.total_seconds()


@dataclass(frozen=True, slots=True)
class Silence:
    """So many packets had come from a phone by then, and no more since."""

    packets: int
    since: float


@dataclass(slots=True)
class Vanished:
    """Phones that hung up unheard while this node was cut off: another one has ended their calls, which are alive here.

    Who is still there goes on talking. Silence by itself is no sign.
    """

    _silent: Mapping[LegId, Silence] = field(default_factory=dict)

    async def hang_up(self, ports: Ports, legs: Iterable[LiveLeg]) -> None:
        there = [leg for leg in legs if leg.call and (leg.purpose is Purpose.CALLER or leg.in_talk)]
        calls = {leg.call for leg in there if leg.call}
        over = await ports.database.run(lambda session: store.over_among(session, calls))
        at = asyncio.get_running_loop().time()
        self._silent = await self._listened(ports, [leg for leg in there if leg.call in over], at)
        for leg in there:
            silence = self._silent.get(leg.leg.id)
            if silence and at - silence.since >= SILENT_SECONDS:
                await ports.telephony.drop(leg.leg.id)
                log.info("leg.vanished", call=leg.call)

    async def _listened(self, ports: Ports, legs: Iterable[LiveLeg], at: float) -> Mapping[LegId, Silence]:
        found = {}
        for leg in legs:
            with suppress(ActionRefused):  # gone by now
                packets = await ports.telephony.sound_received(leg.leg)
                before = self._silent.get(leg.leg.id)
                found[leg.leg.id] = before if before and before.packets == packets else Silence(packets, at)
        return found


@dataclass(slots=True)
class LastLook:
    lost_talks: frozenset[tuple[CallId, ListenerId]] = frozenset()
    steady: Steady = field(default_factory=Steady)
    vanished: Vanished = field(default_factory=Vanished)
