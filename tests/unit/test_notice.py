"""The notice says what the profile does, no less and no more, in words that stand in its text."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from escalation.notice import LONGEST, SAYS, Says, complaints, necessary, prompts_of, too_long_or_missing
from escalation.profile import Disclosing, Notice, Profile, WhenRefusing
from escalation.profile_file import load, shipped
from ivr.prompts import languages
from ivr.prompts.shipped import shipped as recording
from models.dangers import Danger
from models.words import Cause, Hearing, Language, Prompt

EN, CY = Language("en"), Language("cy")
CHOICES = {
    "attempt_in_progress_refusing": "tell_then_disclose",
    "threat_to_another": False,
    "who_confirms": "listener",
}
# What must stand in an English text that says it; what must not stand in one that does not.
WORDS: Mapping[Says, str] = {
    Says.WHO_HEARS: r"only another prisoner hears you.*nothing is recorded",
    Says.NO_MACHINE: r"no computer",
    Says.MACHINE_ASKS: r"may a computer (listen for|warn them of) danger.*yes 1, no wait",
    Says.MACHINE_UNLESS_NO: r"a computer listens for danger.*to stop it press 2",
    Says.MACHINE_FOR_OTHERS: r"danger to you or others",
    Says.CANNOT_DECIDE: r"staff are told if",
    Says.MACHINE_TELLS: r"by the computer too",
    Says.THREAT: r"told if.* others are in danger",
    Says.SOMEBODY_HARMED: r"child's in danger|anyone's being hurt|others are in danger",
    Says.NOT_FOR_PREA: r"not the prea line",
}
ENGLISH = languages()[0]


def a_profile(name: str = "uk-listener-adult", refusing: str = "tell_then_disclose", mode: str = "ask") -> Profile:
    opt_out = {"dpia": "D1", "until": "2030-01-01"} if mode == "opt_out" else {}
    hearing = {} if name == "human-only" else {"hearing": {"mode": mode, **opt_out}}
    threat = name == "us-peer"
    return load(name, {**CHOICES, **hearing, "attempt_in_progress_refusing": refusing, "threat_to_another": threat})


@pytest.mark.parametrize("prompt", SAYS)
def test_an_english_text_says_in_words_what_the_table_says_of_it(prompt: Prompt) -> None:
    text = ENGLISH.prompts[prompt].lower()

    assert {one for one, words in WORDS.items() if re.search(words, text)} == SAYS[prompt] - {Says.AGAINST_THEIR_WILL}
    # Without this condition it is whatever the caller says.
    only_undecided = "can't decide" in text
    assert (Says.AGAINST_THEIR_WILL in SAYS[prompt]) == (Says.CANNOT_DECIDE in SAYS[prompt] and not only_undecided)


def test_every_text_of_a_notice_is_in_the_table() -> None:
    assert {prompt for prompt in ENGLISH.prompts if prompt.startswith("notice/")} == set(SAYS)


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("mode", Hearing)
@pytest.mark.parametrize("refusing", WhenRefusing)
def test_no_shipped_notice_is_longer_than_twelve_seconds(name: str, mode: Hearing, refusing: WhenRefusing) -> None:
    if name == "uk-young-people" and refusing is WhenRefusing.RESPECT:
        pytest.skip("a child's refusal is not respected")
    profile = a_profile(name, refusing, mode)
    seconds = {prompt: _seconds(prompt) for prompt in prompts_of(profile.notice)}

    assert not list(too_long_or_missing(profile, {EN: seconds}, frozenset({EN})))


def _seconds(prompt: Prompt) -> float:
    sound = recording(ENGLISH.prompts[prompt], ENGLISH.voices[prompt])
    assert sound is not None
    return sound.seconds


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"exception_rule": frozenset({Danger.ATTEMPT})}, Says.MACHINE_TELLS),
        ({"hearing": replace(a_profile().hearing, harm_others=True)}, Says.MACHINE_FOR_OTHERS),
        ({"choices": replace(a_profile().choices, threat_to_another=True)}, Says.THREAT),
        ({"disclosures": a_profile("uk-young-people").disclosures}, Says.SOMEBODY_HARMED),
        ({"disclosures": a_profile("ireland").disclosures}, Says.SOMEBODY_HARMED),
    ],
)
def test_what_a_profile_does_besides_has_to_be_said(change: dict[str, object], says: Says) -> None:
    found = list(complaints(replace(a_profile(), **change)))  # type: ignore[arg-type]

    assert found
    assert all(complaint.endswith(says.value) for complaint in found)
    assert "notice.ask" in " ".join(found)


@pytest.mark.parametrize("mode", Hearing)
def test_a_machine_that_may_tell_staff_is_of_no_meaning_where_it_does_not_listen(mode: Hearing) -> None:
    ruled = replace(a_profile(), exception_rule=frozenset({Danger.ATTEMPT}))

    assert (Says.MACHINE_TELLS in necessary(ruled, mode)) == (mode is not Hearing.OFF)


@pytest.mark.parametrize("says", Says)
def test_following_the_advice_puts_a_notice_right(says: Says) -> None:
    """For each thing that can be missing there is one prompt that says it, and nothing that is not so."""
    profile = _doing(says)
    for mode in Hearing:
        wanted = necessary(profile, mode)
        lists = [
            (told, base)
            for told in SAYS
            for base in SAYS
            if wanted <= SAYS[told] | SAYS[base]
            and not list(complaints(replace(profile, notice=_notice(mode, (told, base)))))
        ]

        assert lists, mode


def _doing(says: Says) -> Profile:
    profile = a_profile()
    match says:
        case Says.MACHINE_TELLS:
            return replace(profile, exception_rule=frozenset({Danger.ATTEMPT}))
        case Says.MACHINE_FOR_OTHERS:
            return replace(profile, hearing=replace(profile.hearing, harm_others=True))
        case Says.THREAT:
            return replace(profile, choices=replace(profile.choices, threat_to_another=True))
        case Says.SOMEBODY_HARMED:
            return a_profile("ireland")
        case Says.CANNOT_DECIDE:
            return a_profile(refusing="respect")
        case _:
            return profile


def _notice(mode: Hearing, spoken: tuple[Prompt, ...]) -> Notice:
    return Notice(**{one.value: spoken if one is mode else () for one in Hearing})


def test_less_is_complained_of_with_the_prompt_that_would_say_it() -> None:
    profile = replace(a_profile(), notice=Notice((Prompt("notice/off"),), (Prompt("notice/ask"),), ()))

    first, second = complaints(profile)

    assert first.startswith("in a copy of this profile add notice/told-life to notice.off and notice.ask;")
    assert second.startswith("attempt_in_progress_refusing is tell_then_disclose: in a copy")


def test_more_is_complained_of_with_the_prompt_that_says_it() -> None:
    profile = a_profile(refusing="respect")
    loud = Prompt("notice/exception-rule")

    found = list(complaints(replace(profile, notice=replace(profile.notice, off=(*profile.notice.off, loud)))))

    assert len(found) == 2
    assert all(
        one.startswith("in a copy of this profile take notice/exception-rule out of notice.off") for one in found
    )


def test_a_profile_that_can_tell_of_somebody_at_risk_may_say_so_and_need_not() -> None:
    profile = a_profile()
    says_so = replace(profile.notice, off=(Prompt("notice/told-child"), Prompt("notice/off")))

    assert not list(complaints(profile))
    assert not list(complaints(replace(profile, notice=says_so)))
    never: dict[Cause, Disclosing] = {
        cause: one for cause, one in profile.disclosures.items() if cause != Cause.PERSON_AT_RISK
    }
    assert list(complaints(replace(profile, notice=says_so, disclosures=never)))


# ---- as it was recorded


def test_a_notice_without_a_recording_or_with_a_long_one_is_named_with_its_language() -> None:
    profile = a_profile()
    spoken = prompts_of(profile.notice)
    half = dict.fromkeys(spoken, LONGEST / 2)
    lengths = {
        EN: {**half, Prompt("notice/ask"): LONGEST},
        CY: {prompt: 1.0 for prompt in spoken if prompt != "notice/off"},
    }

    long, missing = too_long_or_missing(profile, lengths, frozenset({EN}))

    assert long.startswith("notice.ask takes 18.0 s in language en, and may take 12 s")
    assert missing.startswith("notice/off has no recording in language cy")


def test_where_no_machine_understands_the_language_only_the_notice_without_one_is_spoken() -> None:
    profile = a_profile()
    lengths = {CY: {Prompt("notice/told-life"): 1.0, Prompt("notice/off"): 1.0}}

    assert not list(too_long_or_missing(profile, lengths, frozenset({EN})))
    assert list(too_long_or_missing(profile, lengths, frozenset({CY})))


def test_after_the_last_day_of_opting_out_the_notice_that_asks_is_spoken() -> None:
    profile = a_profile(mode="opt_out")
    lengths = {EN: {prompt: 1.0 for prompt in prompts_of(profile.notice) if prompt != "notice/ask"}}

    (missing,) = too_long_or_missing(profile, lengths, frozenset({EN}))
    assert missing.startswith("notice/ask has no recording")
