"""What the call flow orders; imperative, carried out by the desk without a decision of its own."""

from dataclasses import dataclass
from enum import StrEnum

from models.dangers import Danger
from models.words import CallStage, Cause, Counted, Language, ListenerId, Prompt, Seat


class Next(StrEnum):
    """Where the dialplan goes when the line lets go of the caller; the names of its contexts after ``wl-``."""

    OUTSIDE = "outside"
    DUTY = "duty"
    BYE = "bye"
    BACK = "back"


class Side(StrEnum):
    CALLER = "caller"
    LISTENER = "listener"


@dataclass(frozen=True, slots=True)
class Line:
    """One prompt in one language."""

    language: Language
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Say:
    """Speak to the caller, any key stopping it, then wait for a key; what was being said before is dropped."""

    lines: tuple[Line, ...]
    wait_seconds: float = 0


@dataclass(frozen=True, slots=True)
class LetGo:
    """Give the caller's channel back to the dialplan."""

    to: Next


@dataclass(frozen=True, slots=True)
class RingListeners:
    seat: Seat
    language: Language
    same_again: ListenerId | None = None
    not_again: frozenset[ListenerId] = frozenset()


@dataclass(frozen=True, slots=True)
class StopRinging:
    pass


@dataclass(frozen=True, slots=True)
class JoinTalk:
    """Take the caller from our voice to the Listener's."""


@dataclass(frozen=True, slots=True)
class SendAway:
    """End a Listener's part in the conversation; the Listener's own phone call goes on to the debrief."""

    listener: ListenerId


@dataclass(frozen=True, slots=True)
class Whisper:
    """Speak into one side of the conversation; the other side hears nothing of it."""

    side: Side
    lines: tuple[Line, ...]
    tone: bool = False


@dataclass(frozen=True, slots=True)
class StartHearing:
    pass


@dataclass(frozen=True, slots=True)
class StopHearing:
    pass


@dataclass(frozen=True, slots=True)
class Escalate:
    """Tell staff. The caller has been told, or is being told before staff hear a word of it."""

    cause: Cause
    danger: Danger | None = None


@dataclass(frozen=True, slots=True)
class NoteStage:
    stage: CallStage


@dataclass(frozen=True, slots=True)
class CountRule:
    """All that is kept of a prompt: one more for its rule."""

    rule: str
    what: Counted


Order = (
    Say
    | LetGo
    | RingListeners
    | StopRinging
    | JoinTalk
    | SendAway
    | Whisper
    | StartHearing
    | StopHearing
    | Escalate
    | NoteStage
    | CountRule
)
