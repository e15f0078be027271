"""A call of the machine with itself: Asterisk speaks a dangerous sentence, and it must be heard in three places.

What it proves: the sentence goes through a conference in Asterisk, through the same spying, whispering and WebSocket as
a caller's words, and is understood at the end. What it does not prove: SIP, RTP and the phones themselves.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from ivr.ami import Ami
from ivr.asterisk_legs import AsteriskLegs
from ivr.legs import Leg, LegId
from ivr.prompts.sound import PHONE_RATE, Sound, from_mulaw, resampled
from models.clock import new_id
from models.errors import AsterisksFault
from models.words import CallId
from speech.door import Door
from speech.trial import hears_danger
from wingline.doctor.finding import Finding, failed, ok

# "I am going to kill myself tonight", spoken by flite. Asterisk plays it from here, so that no sound is written.
SENTENCE = Path(__file__).with_name("sentence.ulaw")
WITHIN_SECONDS = 30.0
_LEG_SECONDS = 8.0
_SPEECH_RATE = 16000
# Said until it is heard (2.4 s each time): on a busy machine whoever listens may join in the middle of a sentence.
_PLAYED = str(SENTENCE.with_suffix(""))
# A line of Asterisk's holds a thousand bytes, and an installed release has a long path.
_SAY = (_PLAYED,) * min(12, 900 // (len(_PLAYED) + 1))


async def model_hears(speech: Door) -> Finding:
    """The sentence, straight into the speech process."""
    spoken = resampled(Sound(from_mulaw(SENTENCE.read_bytes()), PHONE_RATE), _SPEECH_RATE).samples
    pcm = (spoken * 32767).astype("<i2").tobytes()
    try:
        frames = await hears_danger(speech, pcm, new_id("doctor"))
    except (OSError, WebSocketException):  # TimeoutError is an OSError
        frames = []
    if any(frame["event"] == "flag" for frame in frames):
        return ok("test sentence", "the model is loaded and hears a test sentence")
    return failed("test sentence", "it was not heard", "look at speech.log; end wingline up and start it again")


async def call_itself(ami: Ami, speech: Door) -> list[Finding]:
    """Three findings, one for each way of the sound; callers' calls are not touched."""
    legs = _Legs(ami)
    speaking, sitting, whispered = (CallId(new_id("doctor")) for _ in range(3))
    heard: set[str] = set()
    try:
        async with _flags(speech) as flags, asyncio.timeout(WITHIN_SECONDS):
            await legs.converse(speaking, sitting)
            await legs.whisper_to(whispered)
            await _until_heard({speaking, sitting, whispered}, flags, heard)
    except (AsterisksFault, OSError, WebSocketException):
        heard.add("")  # what was not heard by now says what is broken
    finally:
        await legs.end()
    return judged_call(caller=speaking in heard, listener=sitting in heard, whisper=whispered in heard)


def judged_call(*, caller: bool, listener: bool, whisper: bool) -> list[Finding]:
    ways = (
        ("caller to machine", caller, "a caller's words reach the machine that listens"),
        ("caller to Listener", listener, "what is said at one end of a call arrives at the other"),
        ("machine to Listener", whisper, "a whisper reaches the Listener it is for"),
    )
    do = "look at trouble.log and speech.log; end wingline up and start it again"
    return [ok(name, says) if works else failed(name, f"not so: {says}", do) for name, works, says in ways]


class _Legs:
    """The channels of the test call. The machine itself sits in the places of caller and Listener."""

    def __init__(self, ami: Ami) -> None:
        self._ami = ami
        self._legs = AsteriskLegs(ami)
        self._made: list[LegId] = []

    async def converse(self, speaking: CallId, sitting: CallId) -> None:
        await self._make(_socket(sitting), talk=speaking, profile="wl_listener")
        caller = await self._make("Local/s@wl-whisper/n", talk=speaking, profile="wl_caller", say="&".join(_SAY))
        await self._legs.hear(caller, speaking)

    async def whisper_to(self, whispered: CallId) -> None:
        listener = await self._make(_socket(whispered), talk=whispered, profile="wl_listener")
        await self._legs.whisper(listener, _SAY)

    async def end(self) -> None:
        with contextlib.suppress(AsterisksFault):
            for leg in self._made:
                await self._legs.drop(leg)

    async def _make(self, channel: str, *, talk: CallId, profile: str, say: str = "") -> Leg:
        leg = LegId(new_id("doctor"))
        self._made.append(leg)
        await self._ami.act(
            "Originate",
            variables={"WL_SAY": say} if say else {},
            Channel=channel,
            ChannelId=leg,
            Application="ConfBridge",
            Data=f"{talk},wl_bridge,{profile}",
            Async="true",
        )
        async with asyncio.timeout(_LEG_SECONDS):
            return await self._found(leg)

    async def _found(self, leg: LegId) -> Leg:
        while True:
            for row in await self._ami.list_of("CoreShowChannels", "CoreShowChannelsComplete"):
                if row["Uniqueid"] == leg and row.get("Application") == "ConfBridge":
                    return Leg(leg, row["Channel"])
            await asyncio.sleep(0.05)


def _socket(call: CallId) -> str:
    return f"WebSocket/wl_speech/c(slin16)v(call={call})"


@contextlib.asynccontextmanager
async def _flags(speech: Door) -> AsyncIterator[ClientConnection]:
    async with connect(speech.url("/flags"), subprotocols=[Subprotocol("flags")]) as flags:
        yield flags


async def _until_heard(wanted: set[CallId], flags: ClientConnection, heard: set[str]) -> None:
    async for message in flags:
        report = json.loads(message)
        if report["event"] == "flag":
            heard.add(report["call"])
        if wanted <= heard:
            return
