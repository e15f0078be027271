"""What was seen of a run: by the phones, in the rows of the database, and on the machine.

All times are seconds since the run began.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wingline.chaos.kinds import FaultKind
from wingline.chaos.plan import CallPlan


class EndedBy(StrEnum):
    SELF = "self"
    OTHER = "other"
    # The phone itself was taken away by a fault.
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Heard:
    """A prompt by its name, or somebody's voice (``voice:Kestrel``), from its first to its last sample."""

    what: str
    at: float
    until: float

    @property
    def speaker(self) -> str | None:
        return self.what.removeprefix("voice:") if self.what.startswith("voice:") else None


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """One answered call of one phone, as it heard it."""

    who: str
    began: float
    ended: float
    by: EndedBy
    heard: tuple[Heard, ...] = ()
    # Stretches in which there was no sound at all.
    silent: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Dialled:
    """A caller's attempt to reach the line; ``answered`` is None when nobody did while they waited."""

    at: float
    given_up: float
    answered: float | None


@dataclass(frozen=True, slots=True)
class CallerStory:
    """One planned caller: what they did, and each of their calls in order; more than one when they were cut off."""

    plan: CallPlan
    cell: str
    dialled: tuple[Dialled, ...]
    calls: tuple[PhoneCall, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """``over``: everything answered again; None when it never did. ``who`` is whose phone it hit."""

    kind: FaultKind
    began: float
    over: float | None
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The sound of one phone's call was thrown away: what comes to it (``deaf``), what comes from it (``mute``)."""

    who: str
    deaf: bool
    mute: bool
    began: float
    over: float


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone that rang, with the leg that Asterisk named it by, if it was told."""

    who: str
    at: float


@dataclass(frozen=True, slots=True)
class Member:
    """A phone in a conference, as Asterisk said; ``left`` is None when nobody saw it leave."""

    who: str
    call: str
    joined: float
    left: float | None


@dataclass(frozen=True, slots=True)
class Talk:
    call: str
    listener: str
    seat: str
    began: float
    ended: float | None


@dataclass(frozen=True, slots=True)
class Escalation:
    id: str
    call: str | None
    cause: str
    # None while it is sealed, and for ever when it was decided that nobody is told.
    cell: str | None
    raised: float
    closed: float | None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """``rang``: the phone could be rung."""

    escalation: str
    post: str
    began: float
    ended: float | None
    end: str | None


@dataclass(frozen=True, slots=True)
class Rows:
    open_calls: int = 0
    open_offers: int = 0
    talks: tuple[Talk, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    tellings: tuple[Telling, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """What should be gone when everybody has hung up and all is well: each in words."""

    things: tuple[str, ...] = ()
    # File descriptors of each program: when it had just started, and at the end.
    descriptors: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    ended: float
    callers: tuple[CallerStory, ...] = ()
    # Listeners' and staff's.
    others: tuple[PhoneCall, ...] = ()
    rings: tuple[Ring, ...] = ()
    faults: tuple[Fault, ...] = ()
    cuts: tuple[Cut, ...] = ()
    members: tuple[Member, ...] = ()
    rows: Rows = Rows()
    left: Left = Left()
    # Where words of the caller were found, and lines of logs that nobody should ever see.
    words: tuple[str, ...] = ()
    log_trouble: tuple[str, ...] = ()
