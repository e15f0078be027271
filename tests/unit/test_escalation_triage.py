"""What leaves a call, and what stays in it."""

from dataclasses import replace
from typing import Any

import pytest

from escalation.profile import Profile, WhenRefusing, WhoConfirms
from escalation.profile_file import load
from escalation.triage import (
    NOT_FOR_THE_CALLER,
    CallerAgreed,
    CallerAsked,
    DangerNow,
    Escalate,
    Flagged,
    Happening,
    Kept,
    ListenerLost,
    VisitAsked,
    hears,
    may_be_told,
    triage,
)
from models.dangers import Danger
from models.words import Cause

RESPECT = {
    "attempt_in_progress_refusing": "respect",
    "threat_to_another": "off",
    "who_confirms": "listener",
    "hearing": {"mode": "ask"},
}
ADULT = load("uk-listener-adult", RESPECT)


def choosing(**choices: Any) -> Profile:
    return replace(ADULT, choices=replace(ADULT.choices, **choices))


TELL = choosing(attempt_in_progress_refusing=WhenRefusing.TELL_THEN_DISCLOSE)
TELL_WITH_SAMARITAN = choosing(
    attempt_in_progress_refusing=WhenRefusing.TELL_THEN_DISCLOSE, who_confirms=WhoConfirms.LISTENER_AND_SAMARITAN
)
ANOTHER = choosing(threat_to_another=True)
NOBODY_AT_RISK = replace(
    ADULT, disclosures={cause: how for cause, how in ADULT.disclosures.items() if cause is not Cause.PERSON_AT_RISK}
)
REFUSES, AT_RISK, THREAT = (
    DangerNow(cause) for cause in (Cause.REFUSES, Cause.PERSON_AT_RISK, Cause.THREAT_TO_ANOTHER)
)
ASKED = "caller/a-samaritan-is-asked"


@pytest.mark.parametrize(
    ("happened", "cause"),
    [
        (CallerAsked(), Cause.CALLER_ASKED),
        (CallerAgreed(), Cause.CALLER_AGREED),
        (VisitAsked(), Cause.VISIT_ASKED),
        (DangerNow(), Cause.DANGER_NOW),
        (DangerNow(Cause.OTHER_IN_CELL), Cause.OTHER_IN_CELL),
        (ListenerLost(), Cause.LINE_LOST),
    ],
)
def test_a_key_that_was_confirmed_escalates_at_once(happened: Happening, cause: Cause) -> None:
    assert triage(ADULT, happened) == Escalate(cause, None, hears(cause), asks_first=False)


@pytest.mark.parametrize("danger", Danger)
def test_the_machine_alone_never_escalates(danger: Danger) -> None:
    assert triage(ADULT, Flagged(danger)) is Kept.MACHINE_ALONE


def test_an_exception_rule_escalates_only_what_it_names() -> None:
    profile = replace(
        ADULT,
        exception_rule=frozenset({Danger.MEDICAL}),
        disclosures={**ADULT.disclosures, Cause.EXCEPTION_RULE: ADULT.disclosures[Cause.DANGER_NOW]},
    )

    verdict = triage(profile, Flagged(Danger.MEDICAL))
    assert isinstance(verdict, Escalate)
    assert verdict.cause is Cause.EXCEPTION_RULE
    assert triage(profile, Flagged(Danger.SUICIDE_PLAN)) is Kept.MACHINE_ALONE


@pytest.mark.parametrize(
    ("profile", "happened", "caller_hears"),
    [
        (ADULT, REFUSES, Kept.CALLER_REFUSES),
        (TELL, REFUSES, "caller/staff-are-told-against"),
        (TELL_WITH_SAMARITAN, REFUSES, ASKED),
        (TELL_WITH_SAMARITAN, DangerNow(), "caller/staff-are-told-life"),
        (ADULT, THREAT, Kept.CALLER_REFUSES),
        (ANOTHER, THREAT, "caller/staff-are-told-threat"),
        (ADULT, AT_RISK, ASKED),
        (NOBODY_AT_RISK, AT_RISK, Kept.NOT_IN_PROFILE),
    ],
)
def test_against_the_callers_will_only_as_the_site_chose(
    profile: Profile, happened: Happening, caller_hears: str | Kept
) -> None:
    verdict = triage(profile, happened)

    assert (verdict if isinstance(verdict, Kept) else verdict.caller_hears) == caller_hears
    assert not isinstance(verdict, Escalate) or verdict.asks_first == (caller_hears == ASKED)


def test_a_listener_is_offered_only_what_the_profile_can_tell() -> None:
    assert not may_be_told(ADULT, Cause.THREAT_TO_ANOTHER)
    assert may_be_told(ANOTHER, Cause.THREAT_TO_ANOTHER)
    assert not may_be_told(NOBODY_AT_RISK, Cause.PERSON_AT_RISK)
    assert all(
        may_be_told(ADULT, cause)
        for cause in (Cause.DANGER_NOW, Cause.OTHER_IN_CELL, *NOT_FOR_THE_CALLER - {Cause.THREAT_TO_ANOTHER})
    )
