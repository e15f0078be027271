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

_CONTEXTS = {Purpose.OFFER: "wl-offer", Purpose.TELLING: "wl-telling"}
_VARIABLES = {Purpose.OFFER: "WL_OFFER", Purpose.TELLING: "WL_TELLING"}
CHANNEL_UP = "6"
_AWAY = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})


class AsteriskLegs:
    """See ivr.legs.Telephony."""

    def __init__(self, ami: Ami) -> None:
        self._ami = ami
        self._subscribers: list[Callable[[LegEvent], None]] = []
        self._unreachable: frozenset[PhoneId] = frozenset()
        ami.subscribe(self._on_event)

    @property
    def unreachable(self) -> frozenset[PhoneId]:
        return self._unreachable

    def subscribe(self, callback: Callable[[LegEvent], None]) -> None:
        self._subscribers.append(callback)

    async def ring(self, phone: PhoneId, purpose: Purpose, *, leg: LegId, call: CallId, seconds: float) -> None:
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
        with suppress(ActionRefused):
            await self._ami.act("Hangup", Channel=leg)

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
        rows = await self._ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")
        return tuple(live for row in rows if (live := _live_leg(row)))

    async def refresh_phones(self) -> None:
        """Asks which phones are registered; from then on their changes come as events."""
        rows = await self._ami.list_of("DeviceStateList", "DeviceStateListComplete")
        away = (row["Device"] for row in rows if row.get("State") in _AWAY)
        self._unreachable = frozenset(_phone(device) for device in away if device.startswith("PJSIP/"))

    async def _redirect(self, caller: Leg, context: str, priority: str) -> None:
        await self._ami.act("Redirect", Channel=caller.channel, Context=context, Exten="s", Priority=priority)

    def _on_event(self, event: Event) -> None:
        if event.name == "DeviceStateChange":
            self._phone_changed(event)
            return
        happened = _leg_event(event)
        if happened is not None:
            for callback in self._subscribers:
                callback(happened)

    def _phone_changed(self, event: Event) -> None:
        device = event.get("Device")
        if device.startswith("PJSIP/"):
            away = {_phone(device)} if event.get("State") in _AWAY else set()
            self._unreachable = (self._unreachable - {_phone(device)}) | away


def _phone(device: str) -> PhoneId:
    return PhoneId(device.removeprefix("PJSIP/"))


def _leg_event(event: Event) -> LegEvent | None:
    match event.name:
        case "Hangup":
            return LegEnded(LegId(event["Uniqueid"]))
        case "OriginateResponse" if event.get("Response") == "Failure":
            return RingFailed(LegId(event.get("Uniqueid")))
        case "ConfbridgeJoin":
            return LegJoined(_leg(event), CallId(event["Conference"]))
        case "ConfbridgeLeave":
            return LegLeft(_leg(event), CallId(event["Conference"]))
        case "DTMFEnd" if event.get("Direction") == "Received":
            return LegPressed(LegId(event["Uniqueid"]), event["Digit"])
        case _:
            return None


def _leg(event: Event) -> Leg:
    return Leg(LegId(event["Uniqueid"]), event["Channel"])


def _live_leg(row: Event) -> LiveLeg | None:
    if not row.get("Channel").startswith("PJSIP/"):
        return None
    carried = _carried(row)
    purposes = ((Purpose.OFFER, "WL_OFFER"), (Purpose.TELLING, "WL_TELLING"))
    return LiveLeg(
        leg=_leg(row),
        purpose=next((purpose for purpose, name in purposes if carried.get(name)), Purpose.CALLER),
        call=CallId(carried["WL_CALL"]) if carried.get("WL_CALL") else None,
        in_talk=row.get("Application") == "ConfBridge",
        rings=row.get("ChannelState") != CHANNEL_UP,
        waits_alone=row.get("Context").startswith("wl-alone") and not row.get("BridgeId"),
    )


def _carried(row: Event) -> Mapping[str, str]:
    pairs = (pair.partition("=") for pair in row.all("ChanVariable"))
    return {name: value for name, _, value in pairs}
