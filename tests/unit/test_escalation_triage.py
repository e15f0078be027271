"""What leaves a call, and what stays in it."""

from dataclasses import replace

import pytest

from escalation.profile import Profile, WhenRefusing, WhoConfirms, load
from escalation.triage import (
    CallerAgreed,
    CallerAsked,
    DangerNow,
    Escalate,
    Flagged,
    Happening,
    Kept,
    VisitAsked,
    triage,
)
from models.dangers import Danger
from models.words import Cause

RESPECT = {"attempt_in_progress_refusing": "respect", "threat_to_another": "off", "who_confirms": "listener"}
ADULT = load("uk-listener-adult", RESPECT)


def choosing(**choices: object) -> Profile:
    return replace(ADULT, choices=replace(ADULT.choices, **choices))  # type: ignore[arg-type]  # a test's own choices


TELL = choosing(attempt_in_progress_refusing=WhenRefusing.TELL_THEN_DISCLOSE)
TELL_WITH_SAMARITAN = choosing(
    attempt_in_progress_refusing=WhenRefusing.TELL_THEN_DISCLOSE, who_confirms=WhoConfirms.LISTENER_AND_SAMARITAN
)
ANOTHER = choosing(threat_to_another=True)
ATTEMPT = Danger.ATTEMPT


@pytest.mark.parametrize(
    ("happened", "cause"),
    [
        (CallerAsked(), Cause.CALLER_ASKED),
        (CallerAgreed(), Cause.CALLER_AGREED),
        (VisitAsked(), Cause.VISIT_ASKED),
        (DangerNow(), Cause.DANGER_NOW),
        (DangerNow(Danger.CHILD_AT_RISK), Cause.DANGER_NOW),
    ],
)
def test_a_key_that_was_confirmed_escalates(happened: Happening, cause: Cause) -> None:
    verdict = triage(ADULT, happened)

    assert isinstance(verdict, Escalate)
    assert verdict.cause is cause
    assert verdict.caller_hears.startswith("caller/")


@pytest.mark.parametrize("danger", Danger)
def test_the_machine_alone_never_escalates(danger: Danger) -> None:
    assert triage(ADULT, Flagged(danger)) is Kept.MACHINE_ALONE


def test_an_exception_rule_escalates_only_what_it_names() -> None:
    profile = replace(ADULT, exception_rule=frozenset({Danger.MEDICAL}))

    verdict = triage(profile, Flagged(Danger.MEDICAL))
    assert isinstance(verdict, Escalate)
    assert verdict.cause is Cause.EXCEPTION_RULE
    assert triage(profile, Flagged(Danger.SUICIDE_PLAN)) is Kept.MACHINE_ALONE


@pytest.mark.parametrize(
    ("profile", "happened", "kept"),
    [
        (ADULT, DangerNow(ATTEMPT, refuses=True), Kept.CALLER_REFUSES),
        (TELL, DangerNow(ATTEMPT, refuses=True), None),
        (TELL, DangerNow(Danger.CHILD_AT_RISK, refuses=True), Kept.CALLER_REFUSES),
        (ANOTHER, DangerNow(Danger.CHILD_AT_RISK, refuses=True), None),
        (ANOTHER, DangerNow(ATTEMPT, refuses=True), Kept.CALLER_REFUSES),
        (TELL_WITH_SAMARITAN, DangerNow(ATTEMPT, refuses=True), Kept.SAMARITAN_NOT_AGREED),
        (TELL_WITH_SAMARITAN, DangerNow(ATTEMPT, refuses=True, samaritan_agrees=True), None),
        (TELL_WITH_SAMARITAN, DangerNow(ATTEMPT), None),
    ],
)
def test_against_the_callers_will_only_as_the_site_chose(
    profile: Profile, happened: Happening, kept: Kept | None
) -> None:
    verdict = triage(profile, happened)

    assert (verdict if isinstance(verdict, Kept) else None) is kept
