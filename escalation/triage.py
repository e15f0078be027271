"""Whether something that happened in a call is told to staff, under which cause, and what the caller hears before."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from escalation.profile import Profile, WhenRefusing
from models.dangers import Danger
from models.words import Cause, Prompt


@dataclass(frozen=True, slots=True)
class CallerAsked:
    """Key 0, confirmed."""


@dataclass(frozen=True, slots=True)
class CallerAgreed:
    """The Listener's *2, confirmed."""


@dataclass(frozen=True, slots=True)
class DangerNow:
    """The Listener's *3, and what they said of it by a key; never what the machine heard.

    ``cause`` is DANGER_NOW (E2: the caller cannot decide), REFUSES (E3), OTHER_IN_CELL (E9), PERSON_AT_RISK (E4) or
    THREAT_TO_ANOTHER (E8).
    """

    cause: Cause = Cause.DANGER_NOW
    danger: Danger | None = None


@dataclass(frozen=True, slots=True)
class ListenerLost:
    """The Listener was cut off between naming a danger and saying which."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """The machine heard something."""

    danger: Danger


@dataclass(frozen=True, slots=True)
class VisitAsked:
    """Nobody could be reached, and the caller wants somebody to come."""


Happening = CallerAsked | CallerAgreed | DangerNow | ListenerLost | Flagged | VisitAsked


class Kept(StrEnum):
    """Why it stays in the call."""

    MACHINE_ALONE = "machine_alone"
    CALLER_REFUSES = "caller_refuses"
    NOT_IN_PROFILE = "not_in_profile"


@dataclass(frozen=True, slots=True)
class Escalate:
    """Staff are told, after the caller has heard ``caller_hears``."""

    cause: Cause
    danger: Danger | None
    caller_hears: Prompt
    # Somebody decides before staff are told; the caller hears that they are asked, and later ``hears`` of the cause.
    asks_first: bool = False


# What the caller hears before staff are told (domain.md 5.3, C8).
_HEARS = {
    Cause.CALLER_ASKED: "caller/staff-are-told-you-asked",
    # E1: what was agreed is told, and nothing more.
    Cause.CALLER_AGREED: "caller/staff-are-told-you-agreed",
    Cause.VISIT_ASKED: "caller/a-visit-is-asked-for",
    Cause.EXCEPTION_RULE: "caller/staff-are-told-rule",
    Cause.DANGER_NOW: "caller/staff-are-told-life",
    Cause.LINE_LOST: "caller/staff-are-told-line-lost",
    Cause.REFUSES: "caller/staff-are-told-against",
    Cause.OTHER_IN_CELL: "caller/staff-are-told-other",
    Cause.PERSON_AT_RISK: "caller/staff-are-told-at-risk",
    Cause.THREAT_TO_ANOTHER: "caller/staff-are-told-threat",
}
# What it hears instead where somebody is asked first; nothing is told yet.
_HEARS_ASKED_FIRST = Prompt("caller/a-samaritan-is-asked")


# Told to others than those who come to the caller, and of somebody else's need: the caller may still ask for staff.
NOT_FOR_THE_CALLER = frozenset({Cause.PERSON_AT_RISK, Cause.THREAT_TO_ANOTHER})


def triage(profile: Profile, happened: Happening) -> Escalate | Kept:
    match happened:
        case CallerAsked():
            return _escalate(profile, Cause.CALLER_ASKED)
        case CallerAgreed():
            return _escalate(profile, Cause.CALLER_AGREED)
        case VisitAsked():
            return _escalate(profile, Cause.VISIT_ASKED)
        case ListenerLost():
            return _escalate(profile, Cause.LINE_LOST)
        case Flagged(danger):
            # Nothing leaves because of the machine alone (domain.md 6, layer 4), unless the notice said so.
            told = danger in profile.exception_rule
            return _escalate(profile, Cause.EXCEPTION_RULE, danger) if told else Kept.MACHINE_ALONE
        case DangerNow(cause, danger):
            return _kept_by_refusal(profile, cause) or _escalate(profile, cause, danger)
        case _:
            assert_never(happened)


def _escalate(profile: Profile, cause: Cause, danger: Danger | None = None) -> Escalate | Kept:
    if cause not in profile.disclosures:
        return Kept.NOT_IN_PROFILE
    asks_first = profile.protocol_for(cause).decided_by is not None
    return Escalate(cause, danger, _HEARS_ASKED_FIRST if asks_first else hears(cause), asks_first)


def hears(cause: Cause) -> Prompt:
    """What the caller hears before staff hear of it."""
    return Prompt(_HEARS[cause])


def may_be_told(profile: Profile, cause: Cause) -> bool:
    """Whether the profile ever tells of this, so that a Listener is offered a key for it."""
    off = cause is Cause.THREAT_TO_ANOTHER and not profile.choices.threat_to_another
    return cause in profile.disclosures and not off


def _kept_by_refusal(profile: Profile, cause: Cause) -> Kept | None:
    """Against the caller's will only as governor and scheme partner have chosen (domain.md 5.2 a, b)."""
    choices = profile.choices
    respected = choices.attempt_in_progress_refusing is WhenRefusing.RESPECT
    if (cause is Cause.REFUSES and respected) or (cause is Cause.THREAT_TO_ANOTHER and not choices.threat_to_another):
        return Kept.CALLER_REFUSES
    return None
