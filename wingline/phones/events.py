"""What a phone notices: rings, answers, ends and keys, each with its time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .signalling import SipMessage


class Happened(Enum):
    INCOMING = "CALL_INCOMING"
    RINGING_THERE = "CALL_RINGING"
    ESTABLISHED = "CALL_ESTABLISHED"
    CLOSED = "CALL_CLOSED"
    KEY = "CALL_DTMF_START"


@dataclass(frozen=True, slots=True)
class PhoneEvent:
    """Something that the phone noticed, by `time.monotonic()`. `detail`: the key, or why the call ended."""

    happened: Happened
    at: float
    call: str
    peer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Ring:
    """A call that rings, with the whole INVITE: all that the phone was told about the caller."""

    event: PhoneEvent
    invite: SipMessage

    @property
    def at(self) -> float:
        return self.event.at
