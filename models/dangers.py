"""The dangers that a flag may name, and the flag: a rule and a second of the call, never a word of it."""

from dataclasses import dataclass
from enum import StrEnum


class Danger(StrEnum):
    """A kind of danger to a life.

    The kinds are fixed in code (domain.md section 6, purpose lock): another is a change of this file under review,
    never a setting, and there is none for crime, escape, drug dealing, discipline, terrorism or security.
    """

    SUICIDE_INTENT = "suicide_intent"
    # How, with what, when; or goodbyes and other preparation.
    SUICIDE_PLAN = "suicide_plan"
    ATTEMPT = "attempt"
    SELF_HARM = "self_harm"
    OVERDOSE = "overdose"
    MEDICAL = "medical"
    CHILD_AT_RISK = "child_at_risk"
    # The caller is threatened, beaten, abused or made to do things.
    UNDER_THREAT = "under_threat"
    # Somebody else may die or is harming themself: a cell mate, a neighbour, family outside.
    OTHER_IN_DANGER = "other_in_danger"
    # Heard only where the profile turns it on, and then the notice says so (domain.md section 6, E8).
    HARM_OTHERS = "harm_others"


# A life may be ending now: weighed for being heard, and prompted at once.
DANGER_NOW = frozenset({Danger.ATTEMPT, Danger.OVERDOSE, Danger.MEDICAL})
ABOUT_ANOTHER = frozenset({Danger.CHILD_AT_RISK, Danger.OTHER_IN_DANGER, Danger.HARM_OTHERS})


@dataclass(frozen=True, slots=True)
class Flag:
    """Something dangerous was heard: which rule saw it, what it means, and how many seconds into the listening."""

    call: str
    rule: str
    danger: Danger
    second: float
