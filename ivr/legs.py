"""The telephone exchange as the desk sees it: legs that ring, join, press keys and end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, Protocol

from models.words import CallId, PhoneId

# A leg's id is Asterisk's unique id of the channel; of an offer, a telling or a cover ring it is their own.
LegId = NewType("LegId", str)


class Purpose(StrEnum):
    CALLER = "caller"
    OFFER = "offer"
    TELLING = "telling"
    COVER = "cover"


@dataclass(frozen=True, slots=True)
class Leg:
    """One live channel. Its name leads to a phone and so to a cell; it is never shown or logged."""

    id: LegId
    channel: str = field(repr=False)

    @property
    def phone(self) -> PhoneId:
        """``PJSIP/<phone>-00000012``"""
        return PhoneId(self.channel.removeprefix("PJSIP/").rpartition("-")[0])


@dataclass(frozen=True, slots=True)
class LiveLeg:
    """A channel that was found alive, and what it was there for."""

    leg: Leg
    purpose: Purpose
    # None: the line has never heard of it, because it was not there when the caller dialled.
    call: CallId | None
    in_talk: bool
    # Not answered yet.
    rings: bool
    # Waiting in the dialplan's own way to a human being, which goes on without us.
    waits_alone: bool


@dataclass(frozen=True, slots=True)
class LegEnded:
    leg: LegId


@dataclass(frozen=True, slots=True)
class RingFailed:
    """The phone was not answered: not reachable, busy, declined, or rung for its whole time."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class LegJoined:
    leg: Leg
    call: CallId


@dataclass(frozen=True, slots=True)
class LegLeft:
    leg: Leg
    call: CallId


@dataclass(frozen=True, slots=True)
class LegPressed:
    leg: LegId
    key: str


LegEvent = LegEnded | RingFailed | LegJoined | LegLeft | LegPressed


class Telephony(Protocol):
    """What the line asks of Asterisk. Every order returns as soon as Asterisk has taken it."""

    @property
    def unreachable(self) -> frozenset[PhoneId]: ...

    def subscribe(self, callback: Callable[[LegEvent], None]) -> None: ...

    async def ring(self, phone: PhoneId, purpose: Purpose, *, leg: LegId, call: CallId, seconds: float) -> None:
        """Rings a phone; RingFailed says that it came to nothing. ActionRefused or NotConnected when it cannot.

        A phone that waits on the line (code 201) does not ring: it hears at once what it would hear when answered, and
        waits on afterwards.
        """

    async def drop(self, leg: LegId) -> None:
        """Hangs up, or lets a phone wait on that waited before; a leg that is gone already is no error."""

    async def join_talk(self, caller: Leg) -> None: ...

    async def bring_back(self, caller: Leg) -> None: ...

    async def send_away(self, leg: Leg, call: CallId) -> None: ...

    async def whisper(self, leg: Leg, files: Sequence[str]) -> None: ...

    async def hear(self, caller: Leg, call: CallId) -> None: ...

    async def live_legs(self) -> tuple[LiveLeg, ...]: ...
