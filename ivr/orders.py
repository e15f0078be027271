"""What the call flow orders; imperative, carried out by the desk without a decision of its own."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ivr.happenings import CallerHadTheirSay, ListenerWasQuiet
from models.dangers import Danger
from models.words import CallStage, Cause, Condition, Counted, Language, ListenerId, Prompt, Seat


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
    """Speak into one side of the conversation; the other side hears nothing of it.

    ``menu``: each line names a key, and those that have not begun when MenuAnswered comes are not said.
    """

    side: Side
    lines: tuple[Line, ...]
    tone: bool = False
    menu: bool = False


@dataclass(frozen=True, slots=True)
class MenuAnswered:
    """The Listener knows which key: what follows is not kept waiting by the rest of the menu."""


@dataclass(frozen=True, slots=True)
class Later:
    """Let this happen after a while; for the caller it begins when what they are being told has been said."""

    happening: CallerHadTheirSay | ListenerWasQuiet
    after: timedelta


@dataclass(frozen=True, slots=True)
class StartHearing:
    pass


@dataclass(frozen=True, slots=True)
class StopHearing:
    pass


@dataclass(frozen=True, slots=True)
class Escalate:
    """Tell staff. The caller has been told, or is being told before staff hear a word of it.

    ``asks_first``: somebody decides before; whoever is in the call hears what was decided.
    """

    cause: Cause
    danger: Danger | None = None
    asks_first: bool = False


@dataclass(frozen=True, slots=True)
class NoteAgreement:
    """Whether it stands that the caller has agreed and can still say no, for a line that takes the call over."""

    stands: bool


@dataclass(frozen=True, slots=True)
class Learn:
    """How the person is, for staff who are being told."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class SupportListener:
    """They were attacked in this call: somebody from the scheme rings them, and they rest longer (domain.md 6, E7)."""

    listener: ListenerId


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
    | MenuAnswered
    | Later
    | StartHearing
    | StopHearing
    | Escalate
    | NoteAgreement
    | Learn
    | SupportListener
    | NoteStage
    | CountRule
)
