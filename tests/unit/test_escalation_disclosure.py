"""What staff hear: a fixed list of words, and where."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from escalation.disclosure import Disclosure, every_prompt, location_prompts, spoken
from ivr.prompts.texts import languages
from models.alarms import Alarm
from models.dangers import Danger
from models.words import Cause, Condition, EmergencyCode

TOLD = Disclosure(Cause.CALLER_AGREED, None, "B-2-014", datetime(2026, 1, 5, 12, tzinfo=UTC), on_line=True)


def test_staff_hear_kind_place_agreement_line_and_first_action_twice_and_then_the_keys() -> None:
    once = (
        "staff/agreed-to-help",
        *("letters/bravo", "staff/wing", "staff/landing", "digits/2", "staff/cell", "digits/0", "digits/1", "digits/4"),
        *("staff/caller-agreed", "staff/caller-was-told", "staff/still-on-line", "staff/first-speak"),
    )

    assert spoken(TOLD) == ("staff/listener-line", *once, "staff/again", *once, "staff/press-1-2-3")


def test_danger_now_names_the_danger_that_was_named() -> None:
    told = spoken(replace(TOLD, cause=Cause.DANGER_NOW, danger=Danger.MEDICAL, on_line=False))

    assert told[1:3] == ("staff/life-in-danger", "staff/danger-medical")
    assert "staff/not-on-line" in told


def test_who_was_told_before_hears_that_nobody_spoke_to_the_person() -> None:
    assert spoken(replace(TOLD, told_before=True))[1] == "staff/not-spoken-to-yet"


def test_who_is_asked_first_hears_no_place_and_decides_by_key() -> None:
    told = spoken(replace(TOLD, cause=Cause.PERSON_AT_RISK, asks_first=True))

    once = ("staff/you-decide", "staff/person-at-risk")
    assert told == ("staff/listener-line", *once, "staff/again", *once, "staff/press-1-tell-3-not")


def test_the_sites_code_comes_first_and_how_the_person_is_after_the_place() -> None:
    unconscious = replace(
        TOLD, cause=Cause.DANGER_NOW, condition=Condition.NOT_BREATHING, code=EmergencyCode.BLUE, prison_number="A12"
    )
    told = spoken(unconscious)

    assert told[1] == "staff/code-blue"
    digits = [told.index(prompt) for prompt in ("staff/cell", "staff/prison-number", "staff/condition-not-breathing")]
    assert digits == sorted(digits)


def test_every_prompt_has_a_text() -> None:
    assert every_prompt() <= set(languages()[0].prompts)


@pytest.mark.parametrize(
    ("location", "prompts"),
    [
        (None, ("staff/location-unknown",)),
        ("HB1-3-07", ("letters/hotel", "letters/bravo", "digits/1", "staff/wing")),
        ("seg 4", ("staff/location", "letters/sierra", "letters/echo", "letters/golf", "digits/4")),
    ],
)
def test_any_location_can_be_spoken(location: str | None, prompts: tuple[str, ...]) -> None:
    assert location_prompts(location)[: len(prompts)] == prompts


def test_every_prompt_is_all_that_can_be_spoken() -> None:
    every = every_prompt()

    for cause in Cause:
        for danger in (None, *Danger):
            assert set(spoken(replace(TOLD, cause=cause, danger=danger))) <= every
    for alarm in Alarm:
        assert set(spoken(replace(TOLD, cause=Cause.LINE_BROKEN, alarms=(alarm,), mended=True))) <= every


def test_a_disclosure_has_no_place_for_words() -> None:
    names = {field.name for field in fields(Disclosure)}

    words = {"prison_number", "preferred_name", "location", "profile"}
    fixed = {"cause", "danger", "raised_at", "on_line", "told_before", "spoken_to", "asks_first", "condition", "code"}
    fixed |= {"alarms", "mended"}
    assert names == fixed | words


def test_of_the_line_itself_each_alarm_is_said_and_nobody_hears_of_a_person() -> None:
    alarms = (Alarm.NOBODY_ON_DUTY, Alarm.SPEECH_BEHIND, Alarm.SPEECH_DOWN)
    told = replace(TOLD, cause=Cause.LINE_BROKEN, told_before=True, alarms=alarms)
    once = ("staff/alarm-nobody-on-duty", "staff/alarm-other", "staff/first-line")

    assert spoken(told) == ("staff/listener-line", *once, "staff/again", *once, "staff/press-1-2-3")


def test_what_is_over_by_itself_is_said_so() -> None:
    told = replace(TOLD, cause=Cause.LINE_BROKEN, alarms=(Alarm.LINE_DOWN,), mended=True)

    assert told.kinds == ("staff/alarm-line-down", "staff/alarm-over")
