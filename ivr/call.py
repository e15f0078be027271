"""One call as the flow sees it: frozen, and without anybody's name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from escalation.profile import Profile
from models.words import CallId, Counted, Hearing, Language, ListenerId

ASKED_FOR = timedelta(seconds=20)
# The longest calm words; what is left of the profile's time is waited in silence, listening for keys.
CALM_WORDS_SECONDS = 8


class Phase(StrEnum):
    """Where the caller is."""

    LANGUAGE = "language"
    NOTICE = "notice"
    WAITING = "waiting"
    TALKING = "talking"
    LEFT = "left"  # the Listener has gone, the caller is asked what next
    OUTSIDE = "outside"
    DUTY_OFFICE = "duty_office"
    NOBODY = "nobody"
    GROUNDING = "grounding"
    ENDING = "ending"
    ENDED = "ended"


class Ask(StrEnum):
    """What a Listener's star key asks for; the value is the prompt that reads it back."""

    SECOND = "key/second"
    AGREED = "key/agreed"
    DANGER = "key/danger"
    HAND_OVER = "key/hand-over"
    MISUSE = "key/misuse"


# The Listener says whether the last prompt was right; done at once, for it changes nothing in the call.
VERDICTS = {"6": Counted.RIGHT, "7": Counted.WRONG}
STAR_KEYS = {"1": Ask.SECOND, "2": Ask.AGREED, "3": Ask.DANGER, "4": Ask.HAND_OVER, "5": Ask.MISUSE}


@dataclass(frozen=True, slots=True)
class Keys:
    """A Listener in the middle of a star key: after the star, or asked to confirm."""

    star: bool = False
    asked: Ask | None = None
    asked_at: datetime | None = None

    def open_ask(self, now: datetime) -> Ask | None:
        """What still waits for 1 or 2; a question left alone lapses, so that a late key does nothing."""
        if self.asked is None or self.asked_at is None or now - self.asked_at > ASKED_FOR:
            return None
        return self.asked


@dataclass(frozen=True, slots=True)
class Rules:
    """What the profile and the site say about every call; ``heard`` are the languages that the machine understands."""

    profile: Profile
    hearing: Hearing
    heard: frozenset[Language]
    languages: tuple[Language, ...]
    default_language: Language

    @property
    def calm_wait_seconds(self) -> float:
        return max(1, self.profile.waiting.calm_words_every - CALM_WORDS_SECONDS)


@dataclass(frozen=True, slots=True)
class Call:
    id: CallId
    rules: Rules
    phase: Phase
    language: Language
    page: int = 0
    calm: int = 0
    listening: bool = False
    overheard: bool = False
    # Words came in between (staff, overheard): what was asked before is asked again after them.
    aside: bool = False
    staff_key: bool = False
    staff_called: bool = False
    same_again: ListenerId | None = None
    listeners: tuple[ListenerId, ...] = ()
    not_again: frozenset[ListenerId] = frozenset()
    keys: Mapping[ListenerId, Keys] = field(default_factory=dict)
    # The last danger that the Listener was prompted with: by which rule, and when.
    prompted: str | None = None
    prompted_at: datetime | None = None

    @property
    def hearing(self) -> Hearing:
        """The rules' mode, but off in a language that the machine does not understand: it could only hear wrongly."""
        return self.rules.hearing if self.language in self.rules.heard else Hearing.OFF


def new_call(call: CallId, rules: Rules) -> Call:
    return Call(call, rules, Phase.LANGUAGE, rules.default_language)
