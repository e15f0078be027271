"""Rings the phones of staff as the engine orders, one ring of a phone after the other."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from ivr.being_told import BeingTold
from ivr.legs import LegId, Purpose
from ivr.ports import Errands
from models.clock import now
from models.errors import ActionRefused, NotConnected
from models.words import CallId, EscalationId, Instant, PhoneId, TellingEnd, TellingId

log = structlog.get_logger()

RING_SECONDS = 60.0
# While the link is down the same phone is tried again after this, and so rings when the link has just come back.
AGAIN_SECONDS = 0.5
# A channel that hangs up is gone within milliseconds; nobody waits longer for one that is not.
GONE_WITHIN_SECONDS = 1.0
LOOKS = 20


class Legs(Protocol):
    async def ring(self, phone: PhoneId, purpose: Purpose, *, leg: LegId, call: CallId, seconds: float) -> None: ...

    async def drop(self, leg: LegId) -> None: ...

    async def is_gone(self, leg: LegId) -> bool: ...


class Orders(Protocol):
    """Whoever orders the rings, and is told of those that came to nothing before they began: the engine."""

    async def telling_ended(self, telling: TellingId, end: TellingEnd, now: Instant) -> bool: ...

    async def lost(self, rings: Mapping[EscalationId, Collection[TellingId]], now: Instant) -> None: ...


@dataclass(slots=True)
class StaffRinger:
    """Both orders return at once. Who has answered is not cut off: they hear why it is over (StaffDialog).

    A phone with one line is engaged until what rang it before has gone, as after a restart of the line; a ring that
    met the one before it would end at once and count as one that nobody took.

    While the link to Asterisk is down no phone can be rung, and so none is given up for the next: each is tried until
    the link is back, for as long as it would have rung.
    """

    legs: Legs
    errands: Errands = field(default_factory=Errands)
    being_told: BeingTold = field(default_factory=BeingTold)
    # The engine is made with the phones that it rings, and so after them.
    orders: Orders | None = None
    _wanted: set[TellingId] = field(default_factory=set)
    _stopping: set[asyncio.Task[None]] = field(default_factory=set)

    def ring(self, telling: TellingId, phone: PhoneId, escalation: EscalationId) -> None:
        for before in self.being_told.over_at(phone):
            self._drop(before)
        self._wanted.add(telling)
        self.errands.start(self._ring(telling, phone, escalation, frozenset(self._stopping)))

    def untaken(self) -> Collection[TellingId]:
        """What Asterisk has not taken yet: for milliseconds, or for as long as the link to it is down."""
        return frozenset(self._wanted)

    def stop(self, telling: TellingId) -> None:
        self._wanted.discard(telling)
        if not self.being_told.end(telling):
            self._drop(telling)

    def _drop(self, telling: TellingId) -> None:
        stopping = self.errands.start(self._stop(LegId(telling)))
        self._stopping.add(stopping)
        stopping.add_done_callback(self._stopping.discard)

    async def _ring(
        self, telling: TellingId, phone: PhoneId, escalation: EscalationId, stopping: frozenset[asyncio.Task[None]]
    ) -> None:
        if stopping:
            await asyncio.wait(stopping, timeout=GONE_WITHIN_SECONDS)
        try:
            rung = await self._until_taken(telling, phone)
        except ActionRefused:
            log.warning("telling.not_rung", telling=telling)
            if self.orders:
                await self.orders.telling_ended(telling, TellingEnd.UNREACHABLE, now())
        else:
            if not rung and self.orders:
                # Not their phone's fault: whoever decides is asked again, and the step is told again in its time.
                await self.orders.lost({escalation: [telling]}, now())
        finally:
            self._wanted.discard(telling)

    async def _until_taken(self, telling: TellingId, phone: PhoneId) -> bool:
        """Whether Asterisk has taken the order, or it is not wanted any more."""
        leg, loop = LegId(telling), asyncio.get_running_loop()
        give_up_at, asked = loop.time() + RING_SECONDS, False
        while telling in self._wanted:
            try:
                # An order whose answer was lost may have been obeyed.
                if not asked or await self.legs.is_gone(leg):
                    await self.legs.ring(phone, Purpose.TELLING, leg=leg, call=CallId("-"), seconds=RING_SECONDS)
            except NotConnected:
                asked = True
            else:
                return True
            if loop.time() >= give_up_at:
                return False
            await asyncio.sleep(AGAIN_SECONDS)
        return True

    async def _stop(self, leg: LegId) -> None:
        await self.legs.drop(leg)
        for _look in range(LOOKS):
            if await self.legs.is_gone(leg):
                return
            await asyncio.sleep(GONE_WITHIN_SECONDS / LOOKS)
