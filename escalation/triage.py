"""Whether something that happened in a call is told to staff, under which cause, and what the caller hears before."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from escalation.profile import Profile, WhenRefusing, WhoConfirms
from models.dangers import ABOUT_ANOTHER, Danger
from models.words import Cause, Prompt


@dataclass(frozen=True, slots=True)
class CallerAsked:
    """Key 0, confirmed."""


@dataclass(frozen=True, slots=True)
class CallerAgreed:
    """The Listener's *2, confirmed."""


@dataclass(frozen=True, slots=True)
class DangerNow:
    """The Listener's *3, confirmed. ``danger`` is what the Listener named, never what the machine heard."""

    danger: Danger | None = None
    # The caller is able to decide, and says no (E3); False is E1, E2 or E9: nobody who can decide says no.
    refuses: bool = False
    samaritan_agrees: bool = False


@dataclass(frozen=True, slots=True)
class Flagged:
    """The machine heard something."""

    danger: Danger


@dataclass(frozen=True, slots=True)
class VisitAsked:
    """Nobody could be reached, and the caller wants somebody to come."""


Happening = CallerAsked | CallerAgreed | DangerNow | Flagged | VisitAsked


class Kept(StrEnum):
    """Why it stays in the call."""

    MACHINE_ALONE = "machine_alone"
    CALLER_REFUSES = "caller_refuses"
    SAMARITAN_NOT_AGREED = "samaritan_not_agreed"


@dataclass(frozen=True, slots=True)
class Escalate:
    """Staff are told, after the caller has heard ``caller_hears``."""

    cause: Cause
    danger: Danger | None
    caller_hears: Prompt


def triage(profile: Profile, happened: Happening) -> Escalate | Kept:
    match happened:
        case CallerAsked():
            return Escalate(Cause.CALLER_ASKED, None, Prompt("caller/staff-are-told-you-asked"))
        case CallerAgreed():
            # E1: what was agreed is told, and nothing more.
            return Escalate(Cause.CALLER_AGREED, None, Prompt("caller/staff-are-told-you-agreed"))
        case VisitAsked():
            return Escalate(Cause.VISIT_ASKED, None, Prompt("caller/a-visit-is-asked-for"))
        case Flagged(danger):
            # Nothing leaves because of the machine alone (domain.md 6, layer 4), unless the notice said so.
            if danger not in profile.exception_rule:
                return Kept.MACHINE_ALONE
            return Escalate(Cause.EXCEPTION_RULE, danger, Prompt("caller/staff-are-told-rule"))
        case DangerNow():
            kept = _kept_by_refusal(profile, happened) if happened.refuses else None
            return kept or Escalate(Cause.DANGER_NOW, happened.danger, Prompt("caller/staff-are-told-life"))
        case _:
            assert_never(happened)


def _kept_by_refusal(profile: Profile, happened: DangerNow) -> Kept | None:
    """Against the caller's will only as the site has chosen (domain.md 5.2 a, b, d)."""
    choices = profile.choices
    about_another = happened.danger in ABOUT_ANOTHER
    told_first = choices.attempt_in_progress_refusing is WhenRefusing.TELL_THEN_DISCLOSE
    if not (choices.threat_to_another if about_another else told_first):
        return Kept.CALLER_REFUSES
    if choices.who_confirms is WhoConfirms.LISTENER_AND_SAMARITAN and not happened.samaritan_agrees:
        return Kept.SAMARITAN_NOT_AGREED
    return None
