"""Which times begin for staff with a self-harm concern (ACCT), and when each is over.

From the concern: talk to the person and complete the immediate action plan within 1 hour; an assessor interviews within
24 hours; the first case review is within 24 hours of opening (domain.md 1.5 and 5.3, D4). Wingline opens no ACCT and
writes to no prison record, so it does not know when staff opened one: all three are counted from the concern, which is
never too late.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from escalation.disclosure import Disclosure
from models.dangers import Danger
from models.words import Cause, Instant


class Duty(StrEnum):
    """What staff have to have done by then."""

    ACTION_PLAN = "action_plan"
    ASSESSMENT = "assessment"
    FIRST_REVIEW = "first_review"


@dataclass(frozen=True, slots=True)
class Clock:
    duty: Duty
    until: Instant


_WITHIN = {
    Duty.ACTION_PLAN: timedelta(hours=1),
    Duty.ASSESSMENT: timedelta(hours=24),
    Duty.FIRST_REVIEW: timedelta(hours=24),
}
_TO_THEMSELF = frozenset(
    {Danger.SUICIDE_INTENT, Danger.SUICIDE_PLAN, Danger.ATTEMPT, Danger.SELF_HARM, Danger.OVERDOSE}
)
# The Listener said by key that the caller's own life is in danger; which danger it is need not have been said.
_OWN_LIFE = frozenset({Cause.DANGER_NOW, Cause.REFUSES})


def is_self_harm_concern(cause: Cause, danger: Danger | None) -> bool:
    if danger is None:
        return cause in _OWN_LIFE
    return danger in _TO_THEMSELF and cause in {*_OWN_LIFE, Cause.EXCEPTION_RULE}


def clocks(told: Disclosure) -> tuple[Clock, ...]:
    """None when it is about something else."""
    if not is_self_harm_concern(told.cause, told.danger):
        return ()
    return tuple(Clock(duty, told.raised_at + within) for duty, within in _WITHIN.items())
