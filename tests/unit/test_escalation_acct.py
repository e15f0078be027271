"""When the ACCT clocks begin, and how long each is."""

from datetime import timedelta

import pytest
from builders import NOON

from escalation.acct import Duty, clocks
from escalation.disclosure import Disclosure
from models.dangers import Danger
from models.words import Cause

HOUR = timedelta(hours=1)


def told(cause: Cause, danger: Danger | None) -> Disclosure:
    return Disclosure(cause, danger, "B-2-014", NOON, on_line=True)


@pytest.mark.parametrize(
    ("cause", "danger"),
    [
        (Cause.DANGER_NOW, None),
        (Cause.REFUSES, None),
        *((Cause.DANGER_NOW, danger) for danger in (Danger.SUICIDE_INTENT, Danger.SUICIDE_PLAN, Danger.SELF_HARM)),
        (Cause.REFUSES, Danger.ATTEMPT),
        (Cause.EXCEPTION_RULE, Danger.OVERDOSE),
    ],
)
def test_a_self_harm_concern_starts_one_hour_and_twice_24_hours(cause: Cause, danger: Danger | None) -> None:
    assert {clock.duty: clock.until - NOON for clock in clocks(told(cause, danger))} == {
        Duty.ACTION_PLAN: HOUR,
        Duty.ASSESSMENT: 24 * HOUR,
        Duty.FIRST_REVIEW: 24 * HOUR,
    }


@pytest.mark.parametrize(
    ("cause", "danger"),
    [
        (Cause.DANGER_NOW, Danger.MEDICAL),
        (Cause.DANGER_NOW, Danger.UNDER_THREAT),
        (Cause.EXCEPTION_RULE, Danger.MEDICAL),
        (Cause.CALLER_AGREED, None),
        (Cause.OTHER_IN_CELL, None),
        (Cause.PERSON_AT_RISK, Danger.SELF_HARM),
        (Cause.DRILL, None),
    ],
)
def test_anything_else_starts_none(cause: Cause, danger: Danger | None) -> None:
    assert clocks(told(cause, danger)) == ()
