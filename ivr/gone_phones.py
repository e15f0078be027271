"""Phones that lost their power in a conversation: nobody talks for minutes with somebody who is not there.

Asterisk asks each phone in a call, but only every 45 s (RFC 4028 allows no less), and waits 32 s for one that is gone
(pjsip.conf). Here three things together say it sooner: no sound comes from the phone, it does not answer any more, and
somebody else in the conversation is heard, so that it is not the network.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from ivr.ami import Ami
from ivr.legs import Leg, LiveLeg
from ivr.packs import Event
from models.errors import ActionRefused
from models.words import PhoneId

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 3
# A phone may send nothing while nobody speaks (RFC 3389); one that is asked answers within 2 s (qualify_timeout).
ASKED_AFTER_SECONDS = 8.0
# A network that is away for less ends nothing (docs/phones.md).
GONE_AFTER_SECONDS = 16.0
# The latest: what came just after one look is missed by the next but one.
GONE_WITHIN_SECONDS = GONE_AFTER_SECONDS + 2 * LOOK_EVERY_SECONDS
_AWAY = frozenset({"Unreachable", "Removed"})
_BACK = frozenset({"Reachable", "Created"})


@dataclass(slots=True)
class _Sound:
    """How many packets have come from a phone, and since when no more."""

    packets: str
    since: float
    asked: bool = False


class GonePhones:
    """Ends the part of a phone that is gone; the rest follows as when it had hung up."""

    def __init__(
        self,
        ami: Ami,
        live_legs: Callable[[], Awaitable[Sequence[LiveLeg]]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ami = ami
        self._live_legs = live_legs
        self._clock = clock
        self._sounds: dict[str, _Sound] = {}
        # Those who answered before and do not now: a phone that never answers is no sign of anything.
        self._away: set[PhoneId] = set()
        ami.subscribe(self._on_event)

    async def look(self) -> None:
        """Once every LOOK_EVERY_SECONDS; NotConnected when the link is down."""
        talking = [one for one in await self._live_legs() if one.in_talk]
        sounds = await asyncio.gather(*(self._sound(one.leg) for one in talking))
        self._sounds = {one.leg.channel: sound for one, sound in zip(talking, sounds, strict=True) if sound}
        at = self._clock()
        heard = {one.leg.channel for one in talking if self._silent(one.leg, at) < ASKED_AFTER_SECONDS}
        for one in talking:
            others = {other.leg.channel for other in talking if other.call == one.call} - {one.leg.channel}
            if others & heard:
                await self._judge(one.leg, at)

    def _silent(self, leg: Leg, at: float) -> float:
        """Seconds without sound; none where Asterisk cannot say."""
        sound = self._sounds.get(leg.channel)
        return at - sound.since if sound else 0.0

    async def _sound(self, leg: Leg) -> _Sound | None:
        try:
            reply = await self._ami.act("Getvar", Channel=leg.channel, Variable="CHANNEL(rtcp,rxcount)")
        except ActionRefused:
            return None  # gone by itself, meanwhile
        packets, before = reply.fields.get("Value", ""), self._sounds.get(leg.channel)
        if before and before.packets == packets:
            return before
        return _Sound(packets, self._clock())

    async def _judge(self, leg: Leg, at: float) -> None:
        silent = self._silent(leg, at)
        with suppress(ActionRefused):  # gone by itself, meanwhile
            if silent >= ASKED_AFTER_SECONDS and not self._sounds[leg.channel].asked:
                self._sounds[leg.channel].asked = True
                await self._ami.act("PJSIPQualify", Endpoint=leg.phone)
            elif silent >= GONE_AFTER_SECONDS and leg.phone in self._away:
                log.info("phone.gone_in_a_call")
                await self._ami.act("Hangup", Channel=leg.channel)

    def _on_event(self, event: Event) -> None:
        if event.name != "ContactStatus":
            return
        phone, status = PhoneId(event.get("EndpointName")), event.get("ContactStatus")
        if status in _AWAY:
            self._away.add(phone)
        elif status in _BACK:
            self._away.discard(phone)
