"""Telephony on a real Asterisk: orders through AMI, events back as legs."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import structlog

from ivr.ami import Ami
from ivr.legs import Leg, LegEnded, LegEvent, LegId, LegJoined, LegLeft, LegPressed, LiveLeg, Purpose, RingFailed
from ivr.packs import Event
from models.errors import ActionRefused
from models.words import CallId, PhoneId

log = structlog.get_logger()

_CONTEXTS = {Purpose.OFFER: "wl-offer", Purpose.TELLING: "wl-telling", Purpose.COVER: "wl-cover"}
_VARIABLES = {Purpose.OFFER: "WL_OFFER", Purpose.TELLING: "WL_TELLING", Purpose.COVER: "WL_COVER"}
# Where a phone waits on the line, how it gets there again, and where what rings it goes in: with a tone.
WAITING_CONTEXT = "wl-waits"
WAITS_ON = "wl-rung"
WAITING_ENTRY = "w"
# Where a caller is without the line. A Listener whom the exchange alone asks is in wl-alone-offer, and is no caller.
WAITING_ALONE = ("wl-alone", "wl-alone-after", "wl-alone-keys")
CHANNEL_UP = "6"
_AWAY = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})


class AsteriskLegs:
    """See ivr.legs.Telephony."""

    def __init__(self, ami: Ami) -> None:
        self._ami = ami
        self._subscribers: list[Callable[[LegEvent], None]] = []
        self._unreachable: frozenset[PhoneId] = frozenset()
        # A channel that waited on the line has its own unique id; what rings it now is known by this one.
        self._lent: dict[str, LegId] = {}
        ami.subscribe(self._on_event)

    @property
    def unreachable(self) -> frozenset[PhoneId]:
        return self._unreachable

    def subscribe(self, callback: Callable[[LegEvent], None]) -> None:
        self._subscribers.append(callback)

    async def ring(self, phone: PhoneId, purpose: Purpose, *, leg: LegId, call: CallId, seconds: float) -> None:
        # Staff's phones have no such code. Asked of Asterisk each time, for what it tells of phones comes later.
        waiting = None if purpose is Purpose.TELLING else await self._waiting(phone)
        if waiting:
            await self._interrupt(waiting, purpose, leg=leg, call=call)
            return
        await self._ami.act(
            "Originate",
            variables={_VARIABLES[purpose]: leg, "WL_CALL": call},
            Channel=f"PJSIP/{phone}",
            ChannelId=leg,
            Context=_CONTEXTS[purpose],
            Exten="s",
            Priority=1,
            Timeout=int(seconds * 1000),
            Async="true",
            # No caller id but the line's own: the Listener learns nothing of who calls (domain.md 5.3, C5).
            CallerID="Listener line <>",
        )

    async def drop(self, leg: LegId) -> None:
        lent = next((unique for unique, known in self._lent.items() if known == leg), None)
        with suppress(ActionRefused):
            if lent is None:
                await self._ami.act("Hangup", Channel=leg)
                return
            await self._ami.act("Redirect", Channel=lent, Context=WAITS_ON, Exten="s", Priority="1")
            self._tell(RingFailed(leg))

    async def is_gone(self, leg: LegId) -> bool:
        return all(row.get("Uniqueid") != leg for row in await self._channels())

    async def join_talk(self, caller: Leg) -> None:
        await self._redirect(caller, "wl-talk", "1")

    async def bring_back(self, caller: Leg) -> None:
        await self._redirect(caller, "wl-call", "line")

    async def send_away(self, leg: Leg, call: CallId) -> None:
        with suppress(ActionRefused):
            await self._ami.act("ConfbridgeKick", Conference=call, Channel=leg.channel)

    async def whisper(self, leg: Leg, files: Sequence[str]) -> None:
        await self._ami.act(
            "Originate",
            variables={"WL_SAY": "&".join(files)},
            Channel="Local/s@wl-whisper/n",
            Application="ChanSpy",
            Data=f"{leg.channel},qwES",
            Async="true",
        )

    async def hear(self, caller: Leg, call: CallId) -> None:
        """The caller's side alone (o), from now until the channel ends (E)."""
        await self._ami.act(
            "Originate",
            Channel=f"WebSocket/wl_speech/c(slin16)v(call={call})",
            Application="ChanSpy",
            Data=f"{caller.channel},qoES",
            Async="true",
        )

    async def live_legs(self) -> tuple[LiveLeg, ...]:
        rows = [row for row in await self._channels() if row.get("Channel").startswith("PJSIP/")]
        found = tuple(_live_leg(row) for row in rows)
        # Also what the line before this one lent.
        lent = {row["Uniqueid"]: live.leg.id for row, live in zip(rows, found, strict=True)}
        self._lent |= {unique: leg for unique, leg in lent.items() if unique != leg}
        return found

    async def refresh_phones(self) -> None:
        """Asks which phones are registered; from then on their changes come as events."""
        rows = await self._ami.list_of("DeviceStateList", "DeviceStateListComplete")
        away = (row["Device"] for row in rows if row.get("State") in _AWAY)
        self._unreachable = frozenset(_phone(device) for device in away if device.startswith("PJSIP/"))

    async def _waiting(self, phone: PhoneId) -> Leg | None:
        """The channel on which it waits to be called."""
        rows = (row for row in await self._channels() if _waits(row))
        return next((leg for row in rows if (leg := _leg(row)).phone == phone), None)

    async def _interrupt(self, waiting: Leg, purpose: Purpose, *, leg: LegId, call: CallId) -> None:
        for name, value in {_VARIABLES[purpose]: leg, "WL_CALL": call}.items():
            await self._ami.act("Setvar", Channel=waiting.channel, Variable=name, Value=value)
        self._lent[waiting.id] = leg
        await self._ami.act(
            "Redirect", Channel=waiting.channel, Context=_CONTEXTS[purpose], Exten=WAITING_ENTRY, Priority="1"
        )

    async def _channels(self) -> Sequence[Event]:
        return await self._ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")

    async def _redirect(self, caller: Leg, context: str, priority: str) -> None:
        await self._ami.act("Redirect", Channel=caller.channel, Context=context, Exten="s", Priority=priority)

    def _on_event(self, event: Event) -> None:
        if event.name == "DeviceStateChange":
            self._phone_changed(event)
            return
        happened = _leg_event(event, self._lent)
        if event.name == "Hangup":
            self._lent.pop(event["Uniqueid"], None)
        if happened is not None:
            self._tell(happened)

    def _tell(self, happened: LegEvent) -> None:
        for callback in self._subscribers:
            callback(happened)

    def _phone_changed(self, event: Event) -> None:
        device = event.get("Device")
        if device.startswith("PJSIP/"):
            away = {_phone(device)} if event.get("State") in _AWAY else set()
            self._unreachable = (self._unreachable - {_phone(device)}) | away


def _phone(device: str) -> PhoneId:
    return PhoneId(device.removeprefix("PJSIP/"))


def _leg_event(event: Event, lent: Mapping[str, LegId]) -> LegEvent | None:
    """``lent``: the ids of legs whose channels have another."""
    unique = event.get("Uniqueid")
    leg = lent.get(unique, LegId(unique))
    match event.name:
        case "Hangup":
            return LegEnded(leg)
        case "OriginateResponse" if event.get("Response") == "Failure":
            return RingFailed(leg)
        case "ConfbridgeJoin":
            return LegJoined(Leg(leg, event["Channel"]), CallId(event["Conference"]))
        case "ConfbridgeLeave":
            return LegLeft(Leg(leg, event["Channel"]), CallId(event["Conference"]))
        case "DTMFEnd" if event.get("Direction") == "Received":
            return LegPressed(leg, event["Digit"])
        case _:
            return None


def _leg(row: Event) -> Leg:
    return Leg(LegId(row["Uniqueid"]), row["Channel"])


def _waits(row: Event) -> bool:
    return row.get("Context") == WAITING_CONTEXT and row.get("ChannelState") == CHANNEL_UP


def _live_leg(row: Event) -> LiveLeg:
    carried = _carried(row)
    purpose = next((one for one, name in _VARIABLES.items() if carried.get(name)), Purpose.CALLER)
    leg = LegId(carried[_VARIABLES[purpose]] if purpose in _VARIABLES else row["Uniqueid"])
    return LiveLeg(
        leg=Leg(leg, row["Channel"]),
        purpose=purpose,
        call=CallId(carried["WL_CALL"]) if carried.get("WL_CALL") else None,
        in_talk=row.get("Application") == "ConfBridge",
        rings=row.get("ChannelState") != CHANNEL_UP,
        waits_alone=row.get("Context") in WAITING_ALONE and not row.get("BridgeId"),
    )


def _carried(row: Event) -> Mapping[str, str]:
    pairs = (pair.partition("=") for pair in row.all("ChanVariable"))
    return {name: value for name, _, value in pairs}
