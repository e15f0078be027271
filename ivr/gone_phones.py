"""Phones that are gone in a conversation, or whose sound is: nobody talks for minutes with somebody who is not there.

Asterisk asks each phone in a call, but only every 45 s (RFC 4028 allows no less), and waits 32 s for one that is gone
(pjsip.conf). Here three things together say it sooner: no sound comes from the phone, it does not answer any more, and
somebody else in the conversation is heard, so that it is not the network.

A phone may also answer, and its sound alone be lost: a switch or a firewall that carries SIP and no RTP. Asterisk's own
rtp_timeout would end the call of whoever is silent on a phone that sends nothing meanwhile, so it is not used. Only a
Listener's part is ended, whose phone has sent without a pause before: a caller's never, for they can still hear.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from ivr.ami import Ami
from ivr.legs import Leg, LiveLeg, Purpose
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
# A switch that starts again is away for up to 50 s, but then nobody is heard.
SOUND_LOST_AFTER_SECONDS = 30.0
SOUND_LOST_WITHIN_SECONDS = SOUND_LOST_AFTER_SECONDS + 2 * LOOK_EVERY_SECONDS
# A phone that sends without a pause is known by looks in a row that found as many packets: nobody who speaks pauses for
# as long in each of them.
AS_MANY = 0.9
STEADY_AFTER_LOOKS = 10
_AWAY = frozenset({"Unreachable", "Removed"})
_BACK = frozenset({"Reachable", "Created"})


@dataclass(slots=True)
class _Sound:
    """How many packets have come from a phone, and since when no more."""

    packets: int
    looked: float
    since: float
    asked: bool = False
    # Packets a second when some last came; how many looks in a row found as many, and whether the last did.
    rate: float = 0.0
    steady: int = 0
    as_many: bool = False

    def go_on(self, packets: int, at: float) -> None:
        rate = max(0, packets - self.packets) / max(at - self.looked, 0.001)
        as_many = AS_MANY * self.rate <= rate <= self.rate / AS_MANY and rate > 0
        if rate > 0:
            # The look in which sound is lost finds fewer, and says nothing yet; who sends again after that has paused.
            self.steady = self.steady + as_many if self.as_many else 0
            self.since, self.asked, self.rate = at, False, rate
        self.packets, self.looked, self.as_many = packets, at, as_many

    @property
    def never_pauses(self) -> bool:
        return self.steady >= STEADY_AFTER_LOOKS


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
                await self._judge(one, at)

    def _silent(self, leg: Leg, at: float) -> float:
        """Seconds without sound; none where Asterisk cannot say."""
        sound = self._sounds.get(leg.channel)
        return at - sound.since if sound else 0.0

    async def _sound(self, leg: Leg) -> _Sound | None:
        try:
            reply = await self._ami.act("Getvar", Channel=leg.channel, Variable="CHANNEL(rtcp,rxcount)")
        except ActionRefused:
            return None  # gone by itself, meanwhile
        said, at = reply.fields.get("Value", ""), self._clock()
        packets = int(said) if said.isdecimal() else 0
        sound = self._sounds.get(leg.channel)
        if sound is None:
            return _Sound(packets, at, at)
        sound.go_on(packets, at)
        return sound

    async def _judge(self, live: LiveLeg, at: float) -> None:
        leg = live.leg
        silent = self._silent(leg, at)
        with suppress(ActionRefused):  # gone by itself, meanwhile
            if silent >= ASKED_AFTER_SECONDS and not self._sounds[leg.channel].asked:
                self._sounds[leg.channel].asked = True
                await self._ami.act("PJSIPQualify", Endpoint=leg.phone)
            elif silent >= GONE_AFTER_SECONDS and leg.phone in self._away:
                log.info("phone.gone_in_a_call")
                await self._ami.act("Hangup", Channel=leg.channel)
            elif live.purpose is not Purpose.CALLER and self._has_lost_its_sound(leg, at):
                log.warning("phone.sound_lost_in_a_call")
                await self._ami.act("Hangup", Channel=leg.channel)

    def _has_lost_its_sound(self, leg: Leg, at: float) -> bool:
        return self._silent(leg, at) >= SOUND_LOST_AFTER_SECONDS and self._sounds[leg.channel].never_pauses

    def _on_event(self, event: Event) -> None:
        if event.name != "ContactStatus":
            return
        phone, status = PhoneId(event.get("EndpointName")), event.get("ContactStatus")
        if status in _AWAY:
            self._away.add(phone)
        elif status in _BACK:
            self._away.discard(phone)
