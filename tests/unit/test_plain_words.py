"""A profile in plain words: the whole of it, for whom it touches, and what a change changes."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from welsh import without_welsh

from console.language import ENGLISH, WELSH, in_words, sentence, speaking
from escalation.plain_words import Audience, Topic, difference, page
from escalation.profile import Profile, Undecided, WhenRefusing
from escalation.profile_file import as_written, load, shipped
from ivr.prompts import languages
from models.dangers import Danger
from models.phrases import in_english
from models.words import Cause, Condition, EmergencyCode, Fact, Post
from wingline.profile_pages import choices_for

pytestmark = pytest.mark.slow

TEXTS = languages()[0].prompts
PROFILE = TypeAdapter(Profile)
CHOICES = {
    "attempt_in_progress_refusing": "tell_then_disclose",
    "threat_to_another": "on",
    "who_confirms": "listener_and_samaritan",
    "hearing": {"mode": "opt_out", "dpia": "DPIA 12", "until": "2030-06-30"},
}
# Everything that a profile can do is on in it, so that every part of it rules something.
EVERYTHING = replace(
    load("us-peer", CHOICES),
    exception_rule=frozenset({Danger.ATTEMPT}),
    codes={Condition.NOT_BREATHING: EmergencyCode.BLUE},
)
# And everything is off: no computer, no code, nobody who is asked first.
NOTHING_MORE = load(
    "human-only",
    {"attempt_in_progress_refusing": "respect", "threat_to_another": "off", "who_confirms": "listener"},
)
# What a profile is called rules nothing.
NAMES = {("name",), ("title",), ("number",)}


def words(profile: Profile, language: str = ENGLISH) -> dict[Audience, list[str]]:
    with speaking(language):
        return {audience: _all(profile, audience) for audience in Audience}


def leaves(written: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the single values of a written profile are."""
    if isinstance(written, dict):
        for key, value in written.items():
            yield from leaves(value, (*at, key))
    elif isinstance(written, list):
        for index, value in enumerate(written):
            yield from leaves(value, (*at, index))
    else:
        yield at


def changed(profile: Profile, at: tuple[Any, ...], value: Any) -> Profile:
    written = deepcopy(as_written(profile))
    part = written
    for key in at[:-1]:
        part = part[key]
    part[at[-1]] = value
    return PROFILE.validate_python(written)


EVERY_LEAF = [at for at in leaves(as_written(EVERYTHING)) if at not in NAMES]
OTHER_WORDS = sorted(
    {one.value for kind in (Post, Fact, Danger, Condition, EmergencyCode, Undecided, WhenRefusing) for one in kind}
    | {"listener", "off", "ask", "2031-01-01", "notice/off", *EVERYTHING.protocols}
)


@st.composite
def one_change(draw: st.DrawFn) -> tuple[tuple[Any, ...], Profile]:
    """Where a value was changed into another of its kind, and the profile that came of it."""
    at = draw(st.sampled_from(EVERY_LEAF))
    was = as_written(EVERYTHING)
    for key in at:
        was = was[key]
    match was:
        case bool():
            value: Any = not was
        case int():
            value = draw(st.integers(1, 900))
        case float():
            value = draw(st.integers(0, 400)) / 100
        case _:
            value = draw(st.sampled_from(OTHER_WORDS))
    try:
        return at, changed(EVERYTHING, at, value)
    except ValidationError:
        assume(False)
        raise


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(one_change())
def test_whatever_is_changed_in_a_profile_changes_its_words(change: tuple[tuple[Any, ...], Profile]) -> None:
    at, other = change
    assume(other != EVERYTHING)
    assume({one.protocol for one in other.disclosures.values()} <= set(other.protocols))
    assume(_rules_otherwise(at, other))

    for language in (ENGLISH, WELSH):
        assert words(other, language) != words(EVERYTHING, language), (language, at)


def _rules_otherwise(at: tuple[Any, ...], other: Profile) -> bool:
    """The same posts in another order are the same."""
    if at[0] != "protocols":
        return True

    def rule(profile: Profile) -> object:
        return {
            name: (
                [(frozenset(step.posts), step.seconds) for step in one.steps],
                [frozenset(group) for group in one.acknowledge],
                (one.door_within, one.spoken_within, one.closed_within),
            )
            for name, one in profile.protocols.items()
        }

    return rule(other) != rule(EVERYTHING)


@pytest.mark.parametrize(
    "without",
    [
        {"disclosures": {cause: one for cause, one in EVERYTHING.disclosures.items() if cause is not gone}}
        for gone in EVERYTHING.disclosures
    ]
    + [{"exception_rule": frozenset()}, {"codes": {}}, {"callers_are_children": True}],
)
def test_what_is_taken_out_or_put_in_changes_the_words(without: dict[str, Any]) -> None:
    assert words(replace(EVERYTHING, **without)) != words(EVERYTHING)


@pytest.mark.parametrize("cause", EVERYTHING.disclosures)
def test_what_a_rule_tells_and_who_decides_changes_the_words(cause: Cause) -> None:
    rule = EVERYTHING.disclosures[cause]
    told_less = replace(rule, tells=rule.tells - {Fact.LOCATION} if rule.tells else frozenset({Fact.LOCATION}))
    others = {**EVERYTHING.disclosures, cause: told_less}

    assert words(replace(EVERYTHING, disclosures=others)) != words(EVERYTHING)


@pytest.mark.parametrize("audience", Audience)
def test_sentences_are_short_and_whole(audience: Audience) -> None:
    assert all(section.sentences for section in page(EVERYTHING, audience, TEXTS).sections)
    for said in _all(EVERYTHING, audience):
        assert re.fullmatch(r"[A-Z“].*[.”]", said), said
        assert "{" not in said
        assert max(len(part.split()) for part in re.split(r"[.:;?”]", said)) <= 32, said


@pytest.mark.parametrize("name", shipped())
def test_every_sentence_has_its_welsh(name: str) -> None:
    """Also what no reading of the source finds, because it is put together while the line runs."""
    profiles = (load(name, choices_for(name)), EVERYTHING, NOTHING_MORE)
    pages = [page(profile, audience, TEXTS) for profile in profiles for audience in Audience]

    sentences = [said for one in pages for section in one.sections for said in section.sentences]
    assert [text for said in sentences for text in without_welsh(said)] == []
    assert [in_english(said) for said in sentences] == [in_words(said) for said in sentences]


def test_a_page_in_welsh_is_welsh() -> None:
    with speaking(WELSH):
        caller, officer = (" ".join(_all(EVERYTHING, audience)) for audience in (Audience.CALLER, Audience.OFFICER))

    assert "Pan fyddwch yn pwyso 0, heb ei atal â 2." in caller
    assert "Pan fydd y galwr yn pwyso 0, heb ei atal â 2." in officer
    assert "Ar ôl 30 Mehefin 2030" in officer
    assert "1 funud 30 eiliad" in officer


def test_the_caller_reads_you_and_nobody_else_does() -> None:
    caller, officer = (" ".join(_all(EVERYTHING, audience)) for audience in (Audience.CALLER, Audience.OFFICER))

    assert "You hear first" in caller
    assert "the caller hears" not in caller.lower()
    assert "The caller hears first" in officer


def test_nothing_of_a_drill_or_a_fault_is_on_a_callers_page() -> None:
    assert "drill" not in " ".join(_all(EVERYTHING, Audience.CALLER))
    assert "drill" in " ".join(_all(EVERYTHING, Audience.OFFICER))


def _all(profile: Profile, audience: Audience) -> list[str]:
    return [sentence(said) for section in page(profile, audience, TEXTS).sections for said in section.sentences]


def test_a_difference_is_grouped_by_whom_it_touches() -> None:
    tired = replace(EVERYTHING, welfare=replace(EVERYTHING.welfare, rest_minutes=45))

    found = difference(EVERYTHING, tired, TEXTS)

    (change,) = found[Audience.LISTENER]
    assert list(found) == [Audience.LISTENER]
    assert change.topic is Topic.REST
    assert [sentence(said) for said in change.no_longer] == [
        "After a call you rest for 15 minutes, and 0.25 of the minutes of talk."
    ]
    assert [sentence(said) for said in change.now] == [
        "After a call you rest for 45 minutes, and 0.25 of the minutes of talk."
    ]


def test_a_choice_touches_everybody_and_no_change_nobody() -> None:
    never = replace(EVERYTHING, choices=replace(EVERYTHING.choices, threat_to_another=False))

    assert set(difference(EVERYTHING, never, TEXTS)) == set(Audience)
    assert difference(EVERYTHING, replace(EVERYTHING, number=7, title="Another"), TEXTS) == {}
