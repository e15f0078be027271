"""The dangers that a flag may name, and the flag: a rule and a second of the call, never a word of it."""

from dataclasses import dataclass
from enum import StrEnum


class Danger(StrEnum):
    """A kind of danger to a life.

    The kinds are fixed in code (domain.md section 6, purpose lock): another is a change of this file under review,
    never a setting, and there is none for crime, discipline or security.
    """

    SUICIDE_INTENT = "suicide_intent"
    MEANS = "means"
    ATTEMPT_IN_PROGRESS = "attempt_in_progress"
    SELF_HARM = "self_harm"
    MEDICAL_EMERGENCY = "medical_emergency"
    # A child or an adult at risk is threatened or being hurt; the caller may be that adult.
    PERSON_AT_RISK = "person_at_risk"


@dataclass(frozen=True, slots=True)
class Flag:
    """Something dangerous was heard: which rule saw it, what it means, and how many seconds into the listening."""

    call: str
    rule: str
    danger: Danger
    second: float
