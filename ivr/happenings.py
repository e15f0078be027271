"""What can happen to a call; past tense, from the phones, the router, the ears and the protocol."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.dangers import Danger
from models.words import Cause, ListenerId, Seat


class Dialled(StrEnum):
    """How the dialplan's own Dial ended, as Asterisk names it, or the caller's 0 while it rang."""

    ANSWER = "ANSWER"
    KEY_0 = "KEY0"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class CallerDialled:
    """Somebody in a cell dialled the short code. A caller cut off within the last minutes had this Listener."""

    same_again: ListenerId | None = None


@dataclass(frozen=True, slots=True)
class CallerCameBack:
    """The caller's channel is with us again: from a conversation, from the outside helpline or the duty office."""

    dialled: Dialled | None = None


@dataclass(frozen=True, slots=True)
class LineIsBack:
    """The line was away while the caller waited, and has the caller again; ``dialled`` as when they come back."""

    dialled: Dialled | None = None


@dataclass(frozen=True, slots=True)
class CallerPressed:
    """A key while we speak to the caller or wait."""

    key: str


@dataclass(frozen=True, slots=True)
class CallerWasQuiet:
    """All was said and no key came: silence is an answer."""


@dataclass(frozen=True, slots=True)
class CallerSignalled:
    """A key in the conversation."""

    key: str


@dataclass(frozen=True, slots=True)
class CallerPressedStaffKey:
    """0 in the conversation: the caller hears us alone until we let them back."""


@dataclass(frozen=True, slots=True)
class CallerHadTheirSay:
    """The time is over in which the caller could take back what they agreed to at this moment."""

    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class CallerHadAgreed:
    """The line was lost while the caller, who had agreed that staff are told, could say no; it has the call again."""


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """The caller's channel is gone."""


@dataclass(frozen=True, slots=True)
class ListenerJoined:
    listener: ListenerId
    seat: Seat


@dataclass(frozen=True, slots=True)
class ListenerLeft:
    listener: ListenerId


@dataclass(frozen=True, slots=True)
class ListenerPressed:
    listener: ListenerId
    key: str


@dataclass(frozen=True, slots=True)
class ListenerWasQuiet:
    """They were asked something, and the time to answer is over."""

    listener: ListenerId


@dataclass(frozen=True, slots=True)
class MoreAreRung:
    """The next stage of ringing began."""


@dataclass(frozen=True, slots=True)
class NobodyCame:
    """No Listener can be rung any more, or the time for it is over."""

    seat: Seat


@dataclass(frozen=True, slots=True)
class DangerHeard:
    """The machine heard this kind of danger by this rule; never a word of it."""

    danger: Danger
    rule: str = ""


@dataclass(frozen=True, slots=True)
class HearingLost:
    """The machine does not hear this call any more, though the caller said that it may."""


@dataclass(frozen=True, slots=True)
class FellBehind:
    """The machine has too much to do: a second or more of this call was never heard."""


@dataclass(frozen=True, slots=True)
class HearingMayStart:
    """The machine can hear again: a call that it may hear is heard again."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Whoever decides first has: staff are told or not. ``by_somebody``: else nobody could be reached in time."""

    cause: Cause
    told: bool
    by_somebody: bool


@dataclass(frozen=True, slots=True)
class StaffAcknowledged:
    """Somebody has it."""


Happening = (
    CallerDialled
    | CallerCameBack
    | LineIsBack
    | CallerPressed
    | CallerWasQuiet
    | CallerSignalled
    | CallerPressedStaffKey
    | CallerHadTheirSay
    | CallerHadAgreed
    | CallerHungUp
    | ListenerJoined
    | ListenerLeft
    | ListenerPressed
    | ListenerWasQuiet
    | MoreAreRung
    | NobodyCame
    | DangerHeard
    | HearingLost
    | FellBehind
    | HearingMayStart
    | Decided
    | StaffAcknowledged
)
