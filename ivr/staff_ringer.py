"""Rings the phones of staff as the engine orders, one ring of a phone after the other."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from ivr.being_told import BeingTold
from ivr.legs import LegId, Purpose
from ivr.ports import Errands
from models.words import CallId, EscalationId, PhoneId, TellingId

RING_SECONDS = 60.0
# A channel that hangs up is gone within milliseconds; nobody waits longer for one that is not.
GONE_WITHIN_SECONDS = 1.0
LOOKS = 20


class Legs(Protocol):
    async def ring(self, phone: PhoneId, purpose: Purpose, *, leg: LegId, call: CallId, seconds: float) -> None: ...

    async def drop(self, leg: LegId) -> None: ...

    async def is_gone(self, leg: LegId) -> bool: ...


@dataclass(slots=True)
class StaffRinger:
    """Both orders return at once. Who has answered is not cut off: they hear why it is over (StaffDialog).

    A phone with one line is engaged until what rang it before has gone, as after a restart of the line; a ring that
    met the one before it would end at once and count as one that nobody took.
    """

    legs: Legs
    errands: Errands = field(default_factory=Errands)
    being_told: BeingTold = field(default_factory=BeingTold)
    _stopping: set[asyncio.Task[None]] = field(default_factory=set)

    def ring(self, telling: TellingId, phone: PhoneId, escalation: EscalationId) -> None:
        del escalation  # the session asks for it by the telling, when the phone is answered
        for before in self.being_told.over_at(phone):
            self._drop(before)
        self.errands.start(self._ring(LegId(telling), phone, frozenset(self._stopping)))

    def stop(self, telling: TellingId) -> None:
        if not self.being_told.end(telling):
            self._drop(telling)

    def _drop(self, telling: TellingId) -> None:
        stopping = self.errands.start(self._stop(LegId(telling)))
        self._stopping.add(stopping)
        stopping.add_done_callback(self._stopping.discard)

    async def _ring(self, leg: LegId, phone: PhoneId, stopping: frozenset[asyncio.Task[None]]) -> None:
        if stopping:
            await asyncio.wait(stopping, timeout=GONE_WITHIN_SECONDS)
        await self.legs.ring(phone, Purpose.TELLING, leg=leg, call=CallId("-"), seconds=RING_SECONDS)

    async def _stop(self, leg: LegId) -> None:
        await self.legs.drop(leg)
        for _look in range(LOOKS):
            if await self.legs.is_gone(leg):
                return
            await asyncio.sleep(GONE_WITHIN_SECONDS / LOOKS)
