"""Rules and encoder together: who may find, who may clear, and what an explanation looks like."""

import pytest

from models.dangers import Danger
from speech.attention import Attention
from speech.judge import MOST_WORDS, Judge, Limits, newest
from speech.lookout import AGAIN_AFTER_SECONDS, Lookout
from speech.meaning import Likely

LIMITS = Limits(finds=dict.fromkeys(Danger, 0.8), lets_stand=0.1, also=0.3)


def likely(danger: float, **kinds: float) -> Likely:
    return Likely(danger, {kind: kinds.get(kind.value, 0.0) for kind in Danger})


def judging(seen: Likely, *, rules: bool = True) -> Judge:
    return Judge(lambda _text: seen, LIMITS, rules=rules)


def found(judge: Judge, *said: str) -> list[str]:
    return [one.rule for one in judge.dangers_in(said)]


def test_what_no_rule_knows_is_found_by_its_meaning_and_explained_by_its_kind() -> None:
    judge = judging(likely(0.9, suicide_plan=0.8))

    assert found(judge, "i've wrote their birthday cards up to eighteen") == ["meaning.suicide_plan"]


def test_two_kinds_are_named_when_they_are_about_as_likely() -> None:
    judge = judging(likely(0.9, suicide_plan=0.5, suicide_intent=0.4))

    assert found(judge, "that's me done") == ["meaning.suicide_plan", "meaning.suicide_intent"]


def test_the_encoder_abstains_when_it_is_unsure() -> None:
    assert found(judging(likely(0.79, suicide_intent=1.0)), "that's me done") == []


def test_each_kind_has_its_own_limit() -> None:
    limits = Limits({**dict.fromkeys(Danger, 0.8), Danger.ATTEMPT: 0.5}, 0.1, 0.3)

    assert Judge(lambda _text: likely(0.6, attempt=1.0), limits).dangers_in(("it won't stop",))
    assert not Judge(lambda _text: likely(0.6, self_harm=1.0), limits).dangers_in(("it won't stop",))


def test_the_encoder_clears_a_rule_that_it_finds_harmless() -> None:
    assert found(judging(likely(0.05)), "i'm going to kill myself") == []
    assert found(judging(likely(0.2)), "i'm going to kill myself") == ["intent.kill_self"]


@pytest.mark.parametrize("said", ["i've taken an overdose", "i've cut my wrists", "he's not breathing"])
def test_danger_now_is_never_cleared_by_the_encoder_alone(said: str) -> None:
    assert found(judging(likely(0.0)), said)


def test_a_kind_that_a_rule_has_named_is_not_named_twice() -> None:
    assert found(judging(likely(1.0, suicide_intent=1.0)), "i'm going to kill myself") == ["intent.kill_self"]


def test_each_part_can_be_switched_off() -> None:
    assert found(judging(likely(0.9, suicide_intent=1.0), rules=False), "i'm going to kill myself") == [
        "meaning.suicide_intent"
    ]
    assert found(Judge(None, LIMITS), "i'm going to kill myself") == ["intent.kill_self"]


def test_the_encoder_is_given_the_newest_words() -> None:
    text = newest([*(f"old {number}" for number in range(20)), "word " * MOST_WORDS, "the end"])

    assert len(text.split()) == MOST_WORDS
    assert text.endswith("the end")
    assert "old" not in text


def test_the_encoder_is_given_plain_words_whichever_recogniser_wrote_them() -> None:
    assert newest(["Well, I\u2019ve\nhad enough.", "Haven't I?"]) == "well i've had enough . haven't i"


def test_one_flag_for_one_danger_until_a_while_has_gone() -> None:
    attention = Attention(judging(likely(0.9, suicide_plan=1.0)), Lookout())

    def flags(second: float) -> int:
        return len(attention.heard(f"it is {second}", now=second, second=second, settled=True))

    assert [flags(second) for second in (1.0, 30.0, AGAIN_AFTER_SECONDS, AGAIN_AFTER_SECONDS + 1.0)] == [1, 0, 0, 1]


def test_a_half_heard_danger_must_be_heard_twice() -> None:
    attention = Attention(Judge(None, LIMITS), Lookout())

    def flags(words: str, *, settled: bool = False) -> int:
        return len(attention.heard(words, now=1.0, second=1.0, settled=settled))

    assert flags("i'm going to kill myself") == 0
    assert flags("i'm going to fill my shelf") == 0
    assert flags("i'm going to kill myself") == 0
    assert flags("i'm going to kill myself") == 1


def test_words_that_told_of_a_danger_are_forgotten_with_the_flag() -> None:
    attention = Attention(Judge(None, LIMITS), Lookout())
    attention.heard("the food was cold", now=1.0, second=1.0, settled=True)
    assert len(attention._window.with_newest("")) == 2

    attention.heard("i'm going to kill myself", now=2.0, second=2.0, settled=True)

    assert attention._window.with_newest("") == ("",)
