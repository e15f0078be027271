"""A telephone exchange without telephones: what was ordered is a list, and a test makes things happen."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from ivr.legs import Leg, LegEnded, LegEvent, LegId, LegJoined, LegLeft, LegPressed, LiveLeg, Purpose, RingFailed
from models.errors import ActionRefused
from models.words import CallId, PhoneId


@dataclass(frozen=True, slots=True)
class Ordered:
    """One order: its name, and whom it was about."""

    what: str
    about: str


@dataclass(slots=True)
class _Channel:
    leg: Leg
    purpose: Purpose
    call: CallId | None
    answered: bool = False
    in_talk: bool = False
    waits_alone: bool = False
    # The leg that it was before it was rung, and is again afterwards: of a phone that waits on the line.
    waited_as: Leg | None = None


@dataclass(slots=True)
class FakeTelephony:
    """See ivr.legs.Telephony, and tests/contract for what it has in common with a real Asterisk."""

    unreachable: frozenset[PhoneId] = frozenset()
    orders: list[Ordered] = field(default_factory=list)
    # Whom what was whispered to, with its folder: "key/done".
    whispered: list[tuple[LegId, str]] = field(default_factory=list)
    # Orders by these names are refused, as by an Asterisk that does not know the channel any more.
    refuses: set[str] = field(default_factory=set)
    # How long after an order its event comes; Asterisk takes its time.
    late_by: float = 0.0
    _channels: dict[LegId, _Channel] = field(default_factory=dict)
    _subscribers: list[Callable[[LegEvent], None]] = field(default_factory=list)
    _serial: "count[int]" = field(default_factory=count)

    # ---- ivr.legs.Telephony

    def subscribe(self, callback: Callable[[LegEvent], None]) -> None:
        self._subscribers.append(callback)

    async def ring(self, phone: PhoneId, purpose: Purpose, *, leg: LegId, call: CallId, seconds: float) -> None:
        del seconds  # a test says when a phone has rung for its whole time: fails()
        self._take("ring", phone)
        waiting = self._waiting_on(phone)
        if waiting:
            del self._channels[waiting.leg.id]
            lent = Leg(leg, waiting.leg.channel)
            self._channels[leg] = _Channel(lent, purpose, call, answered=True, waited_as=waiting.leg)
        elif phone in self.unreachable:
            self._happened(RingFailed(leg))
        else:
            self._channels[leg] = _Channel(self._leg(phone, leg), purpose, call)

    async def drop(self, leg: LegId) -> None:
        self._take("drop", leg)
        channel = self._channels.get(leg)
        if channel and channel.waited_as:
            self.waits_on(leg)
            self._happened(RingFailed(leg))
        elif channel and channel.answered:
            self.hangs_up(leg)
        elif channel:
            self.fails(leg)

    async def is_gone(self, leg: LegId) -> bool:
        return leg not in self._channels

    async def join_talk(self, caller: Leg) -> None:
        self._take("join_talk", caller.id)
        self._alive(caller).waits_alone = False
        self._soon(self.joins, caller.id)

    async def bring_back(self, caller: Leg) -> None:
        self._take("bring_back", caller.id)
        self._alive(caller).waits_alone = False
        self._soon(self.leaves, caller.id)

    async def send_away(self, leg: Leg, call: CallId) -> None:
        del call
        self._take("send_away", leg.id)
        self._soon(self.leaves, leg.id)

    async def whisper(self, leg: Leg, files: Sequence[str]) -> None:
        self._take("whisper", leg.id)
        self.whispered += [(leg.id, "/".join(file.split("/")[-2:])) for file in files]

    async def hear(self, caller: Leg, call: CallId) -> None:
        self._take("hear", call)
        del caller

    async def live_legs(self) -> tuple[LiveLeg, ...]:
        return tuple(
            LiveLeg(
                one.leg,
                one.purpose,
                one.call,
                in_talk=one.in_talk,
                rings=not one.answered,
                waits_alone=one.waits_alone,
            )
            for one in self._channels.values()
        )

    # ---- what people do

    def dials(self, phone: PhoneId, call: CallId | None = None, *, waits_alone: bool = False) -> Leg:
        leg = self._leg(phone, LegId(f"leg-{next(self._serial)}"))
        self._channels[leg.id] = _Channel(leg, Purpose.CALLER, call, answered=True, waits_alone=waits_alone)
        return leg

    def waits(self, phone: PhoneId) -> Leg:
        """Dials 201 and waits to be called."""
        leg = self._leg(phone, LegId(f"leg-{next(self._serial)}"))
        self._channels[leg.id] = _Channel(leg, Purpose.CALLER, None, answered=True, waited_as=leg)
        return leg

    def waits_on(self, leg: LegId) -> None:
        """What rang a phone that waits on the line is over."""
        waited_as = self._channels.pop(leg).waited_as
        if waited_as:
            self._channels[waited_as.id] = _Channel(waited_as, Purpose.CALLER, None, answered=True, waited_as=waited_as)

    def answers(self, leg: LegId) -> Leg:
        self._channels[leg].answered = True
        return self._channels[leg].leg

    def fails(self, leg: LegId) -> None:
        """Declined, or rung for its whole time: the channel ends, and so does the ring."""
        del self._channels[leg]
        self._happened(LegEnded(leg))
        self._happened(RingFailed(leg))

    def joins(self, leg: LegId) -> None:
        channel = self._channels[leg]
        channel.answered = channel.in_talk = True
        self._happened(LegJoined(channel.leg, CallId(channel.call or "")))

    def leaves(self, leg: LegId) -> None:
        channel = self._channels.get(leg)
        if not channel or not channel.in_talk:
            return
        channel.in_talk = False
        self._happened(LegLeft(channel.leg, CallId(channel.call or "")))
        if channel.waited_as:
            self.waits_on(leg)
        talkers = [one for one in self._channels.values() if one.in_talk and one.call == channel.call]
        if not any(one.purpose is Purpose.OFFER for one in talkers):
            # A caller is not left alone in a conversation.
            for caller in talkers:
                self.leaves(caller.leg.id)

    def presses(self, leg: LegId, key: str) -> None:
        self._happened(LegPressed(leg, key))

    def hangs_up(self, leg: LegId) -> None:
        self._channels[leg].waited_as = None
        self.leaves(leg)
        del self._channels[leg]
        self._happened(LegEnded(leg))

    def waits_alone(self, leg: LegId) -> None:
        """The dialplan has taken the caller on, because the line does not answer."""
        self.leaves(leg)
        self._channels[leg].waits_alone = True

    def loses(self, leg: LegId) -> None:
        """Ends without a word to anybody, as while the link is down."""
        del self._channels[leg]

    def is_told_to_nobody(self) -> None:
        self._subscribers.clear()

    # ---- what a test asks

    def ordered(self, what: str) -> list[str]:
        return [order.about for order in self.orders if order.what == what]

    def waiting(self) -> list[str]:
        """The phones that wait on the line."""
        return [one.leg.phone for one in self._channels.values() if one.waited_as == one.leg]

    def rings_of(self, phone: str) -> list[LegId]:
        return [leg for leg, one in self._channels.items() if one.leg.phone == phone and not one.answered]

    def _waiting_on(self, phone: PhoneId) -> _Channel | None:
        found = (one for one in self._channels.values() if one.leg.phone == phone and one.waited_as == one.leg)
        return next(found, None)

    def _take(self, what: str, about: str) -> None:
        self.orders.append(Ordered(what, about))
        if what in self.refuses:
            raise ActionRefused(what, "the test says so")

    def _soon(self, act: Callable[[LegId], None], leg: LegId) -> None:
        asyncio.get_running_loop().call_later(self.late_by, act, leg)

    def _alive(self, leg: Leg) -> _Channel:
        if leg.id not in self._channels:
            raise ActionRefused("Redirect", "no such channel")
        return self._channels[leg.id]

    def _leg(self, phone: PhoneId, leg: LegId) -> Leg:
        return Leg(leg, f"PJSIP/{phone}-{next(self._serial):08x}")

    def _happened(self, happened: LegEvent) -> None:
        for callback in self._subscribers:
            callback(happened)
