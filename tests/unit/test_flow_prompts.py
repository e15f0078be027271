"""When the Listener is prompted, how often, and what becomes of their verdict."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr import happenings as h
from ivr import orders as o
from models.dangers import DANGER_NOW, Danger
from models.words import Counted
from tests.fakes.line import a_profile, with_exception_rule
from tests.fakes.told import Told, talking

INTENT = h.DangerHeard(Danger.SUICIDE_INTENT, "meaning.suicide_intent")
SELF_HARM = h.DangerHeard(Danger.SELF_HARM, "harm.self")


def later(told: Told, seconds: float) -> Told:
    told.now += timedelta(seconds=seconds)
    return told


def test_a_prompt_is_counted_by_its_rule_and_nothing_else_is_kept() -> None:
    told = talking(listening=True).after(INTENT)

    assert told.of(o.CountRule) == [o.CountRule("meaning.suicide_intent", Counted.PROMPTED)]


def test_another_danger_waits_until_the_profile_allows_a_prompt() -> None:
    told = talking(listening=True).after(INTENT)

    assert not later(told, 89).after(SELF_HARM).orders
    assert later(told, 1).after(SELF_HARM).listener_is_whispered == ["flag/self_harm"]


@pytest.mark.parametrize("danger", sorted(DANGER_NOW))
def test_danger_now_is_prompted_at_once(danger: Danger) -> None:
    told = talking(listening=True).after(INTENT)

    assert later(told, 1).after(h.DangerHeard(danger, "a.rule")).listener_is_whispered == [f"flag/{danger}"]


def test_an_exception_rule_does_not_wait_for_a_prompt() -> None:
    told = talking(listening=True, profile=with_exception_rule(Danger.SELF_HARM)).after(INTENT)

    assert later(told, 1).after(SELF_HARM).kinds == [o.Whisper, o.Escalate]


def test_harm_to_others_is_nothing_unless_the_profile_turns_it_on() -> None:
    heard = h.DangerHeard(Danger.HARM_OTHERS, "harm_others.means_to")
    hearing = replace(a_profile().hearing, harm_others=True)

    assert not talking(listening=True).after(heard).orders
    assert talking(listening=True, profile=a_profile(hearing=hearing)).after(heard).listener_is_whispered == [
        "flag/harm_others"
    ]


@pytest.mark.parametrize(
    ("key", "verdict", "said"),
    [("6", Counted.RIGHT, "key/prompt-right"), ("7", Counted.WRONG, "key/prompt-wrong")],
)
def test_the_listener_says_whether_a_prompt_was_right_once(key: str, verdict: Counted, said: str) -> None:
    told = talking(listening=True).after(INTENT).listener_pressing(f"*{key}")

    assert told.of(o.CountRule) == [o.CountRule("meaning.suicide_intent", verdict)]
    assert told.listener_is_whispered == [said]
    assert not told.listener_pressing(f"*{key}").of(o.CountRule)


def test_without_a_prompt_there_is_nothing_to_judge() -> None:
    assert talking(listening=True).listener_pressing("*6").listener_is_whispered == ["key/not-done"]
