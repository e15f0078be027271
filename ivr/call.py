"""One call as the flow sees it: frozen, and without anybody's name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from escalation.profile import Profile
from models.words import CallId, Cause, Condition, Counted, Hearing, Language, ListenerId

ASKED_FOR = timedelta(seconds=20)
# How somebody is has to be found out first.
ASKED_HOW_FOR = timedelta(seconds=60)
# After the caller has heard what will be told, to whom, for as long they can say no (domain.md 5.3, C8).
TO_SAY_NO = timedelta(seconds=5)
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
    CONDITION = "key/how-are-they"


# The Listener says whether the last prompt was right; done at once, for it changes nothing in the call.
VERDICTS = {"6": Counted.RIGHT, "7": Counted.WRONG}
STAR_KEYS = {"1": Ask.SECOND, "2": Ask.AGREED, "3": Ask.DANGER, "4": Ask.HAND_OVER, "5": Ask.MISUSE}
# After *3: who is in danger, and whether the caller can decide (domain.md 6: E2, E3, E9, E4, E8).
DANGERS = {
    "1": Cause.DANGER_NOW,
    "2": Cause.REFUSES,
    "3": Cause.OTHER_IN_CELL,
    "4": Cause.PERSON_AT_RISK,
    "5": Cause.THREAT_TO_ANOTHER,
}
# Of these staff can be told how the person is.
ASKED_HOW = frozenset({Cause.DANGER_NOW, Cause.OTHER_IN_CELL})
CONDITIONS = {"1": Condition.AWAKE, "2": Condition.BREATHING, "3": Condition.NOT_BREATHING}


@dataclass(frozen=True, slots=True)
class Keys:
    """A Listener in the middle of a star key: after the star, or asked to confirm."""

    star: bool = False
    asked: Ask | None = None
    asked_at: datetime | None = None

    def open_ask(self, now: datetime) -> Ask | None:
        """What still waits for a key; a question left alone lapses, so that a late key does nothing."""
        if self.asked is None or self.asked_at is None or now - self.asked_at > self.patience:
            return None
        return self.asked

    @property
    def patience(self) -> timedelta:
        return ASKED_HOW_FOR if self.asked is Ask.CONDITION else ASKED_FOR


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
    # 0 was pressed, and is neither confirmed nor taken back.
    staff_key: bool = False
    # They have been, once. Whether they are still coming only the engine knows.
    staff_called: bool = False
    # The caller has agreed that staff are told, hears what will be told, and can still say no.
    agreed_at: datetime | None = None
    # The last Listener was cut off between naming a danger and saying which.
    danger_left_open: bool = False
    same_again: ListenerId | None = None
    listeners: tuple[ListenerId, ...] = ()
    not_again: frozenset[ListenerId] = frozenset()
    keys: Mapping[ListenerId, Keys] = field(default_factory=dict)
    # The last danger that the Listener was prompted with: by which rule, and when.
    prompted: str | None = None
    prompted_at: datetime | None = None
    # When the Listener was last told that the machine does not keep up with this call.
    behind_at: datetime | None = None

    @property
    def hearing(self) -> Hearing:
        """The rules' mode, but off in a language that the machine does not understand: it could only hear wrongly."""
        return self.rules.hearing if self.language in self.rules.heard else Hearing.OFF


def new_call(call: CallId, rules: Rules) -> Call:
    return Call(call, rules, Phase.LANGUAGE, rules.default_language)
