"""The whole text engine as it is shipped: what nobody could write a rule for, and what must not be flagged."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

from corpus.heard import Heard, all_heard
from corpus.misheard import misheard
from corpus.texts import BadLine, authors, meant_by, statements
from models.dangers import Danger
from speech.attention import Attention
from speech.judge import Judge, Limits, load
from speech.lookout import Lookout
from speech.meaning import LEARNT, LearntMeaning

# Of nobody's corpus, and understated as people are.
INDIRECT = [
    ["i've give me radio to the lad next door", "won't be needing it after tonight", "i've wrote to me mum an all"],
    ["i've took everything they gave me this week", "all in one go", "i feel dead sleepy"],
    ["there's blood all down the sheets", "it won't stop", "i didn't think it'd go that deep"],
    ["me chest is tight", "it's going down me arm", "i'm sweating buckets and i can't get me breath"],
    ["they said if i don't have the money by friday they'll do me in the showers", "i daren't come out me cell"],
    ["i just don't want to wake up tomorrow", "i've had enough of all of it"],
]
HARMLESS = [
    ["the food was cold again", "they've put the wrong thing on me canteen sheet"],
    ["my daughter passed her driving test", "i'm made up for her"],
    ["he's selling spice on the twos", "everybody knows", "the screws don't care"],
    ["i was in for armed robbery", "me and two lads did a post office"],
    ["have you seen the football", "we got murdered five nil"],
    ["i could murder a curry right now"],
    ["can i book an alarm call for six thirty please", "yes that's right", "thank you bye"],
]
# A fault that is known (corpus/README.md): the authors let hardly anybody speak of an appeal but as a last hope.
TAKEN_FOR_DANGER = ["i miss my kids", "it's hard at christmas", "but i'll be alright i've got my appeal coming up"]


@cache
def engine() -> Judge:
    return load()


def flagged(said: list[str]) -> set[Danger]:
    attention, found = Attention(engine(), Lookout()), []
    for second, words in enumerate(said):
        found += attention.heard(words, now=second, second=second, settled=True)
    return {one.danger for one in found}


@pytest.mark.parametrize("said", INDIRECT, ids=lambda said: said[0][:30])
def test_what_is_said_sideways_over_several_sentences_is_found(said: list[str]) -> None:
    assert flagged(said)


@pytest.mark.parametrize("said", HARMLESS, ids=lambda said: said[0][:30])
def test_ordinary_talk_crime_and_idioms_are_not(said: list[str]) -> None:
    assert flagged(said) == set()


@pytest.mark.xfail(strict=True, reason="the encoder takes an appeal for a last hope")
def test_hope_is_not_taken_for_danger() -> None:
    assert flagged(TAKEN_FOR_DANGER) == set()


def test_calls_on_many_threads_get_the_answers_of_one() -> None:
    meaning = LearntMeaning()
    texts = [" . ".join(said) for said in INDIRECT + HARMLESS]
    alone = [meaning(text).danger for text in texts]

    with ThreadPoolExecutor(8) as pool:
        assert [likely.danger for likely in pool.map(meaning, texts * 4)] == pytest.approx(alone * 4)


def test_what_the_encoder_thinks_is_never_shown() -> None:
    likely = LearntMeaning()("i want to die")

    assert not any(str(round(share, 2)) in repr(likely) for share in (likely.danger, *likely.kinds.values()))


def test_every_kind_has_a_limit_and_the_card_says_what_was_learnt_from() -> None:
    trained = json.loads((LEARNT / "trained.json").read_text("utf-8"))

    assert set(Limits.read().finds) == set(Danger)
    assert {Danger(kind) for kind in trained["kinds"]} == set(Danger)
    assert set(trained["authors"]) | set(trained["held_back"]) == set(authors())
    assert trained["held_back"]


@pytest.mark.parametrize("author", authors())
def test_every_line_of_the_corpus_can_be_read_and_stands_once(author: str) -> None:
    said = [one.said for one in statements(author)]

    assert len(said) >= 100
    assert len(set(said)) == len(said)


def test_a_line_of_the_corpus_that_is_none_is_named(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.texts.HERE", tmp_path)
    folder = tmp_path / "authors"  # type: ignore[operator]
    folder.mkdir()
    (folder / "one.txt").write_text("suicide_intent: a line\ncrime: another\n")

    with pytest.raises(BadLine, match="one-2"):
        statements("one")


def test_what_was_heard_on_telephones_is_of_authors_that_are_learnt_from() -> None:
    """Of those that it is measured with, and that the limits are set on, it must have learnt nothing."""
    learnt_from = json.loads((LEARNT / "trained.json").read_text("utf-8"))["authors"]
    heard = all_heard()

    assert len(heard) >= 1000
    assert {one.author for one in heard} <= set(learnt_from)
    assert 0.3 < sum(bool(meant_by(one.label)[0]) for one in heard) / len(heard) < 0.6
    assert sum(one.label == "-calls" for one in heard) / len(heard) > 0.2
    assert all(len(one.said) == len(one.first) == len(one.second) for one in heard)


@pytest.mark.slow
def test_from_a_danger_of_which_no_sense_is_left_nothing_is_learnt() -> None:
    """Else whatever makes no sense would be danger, and ordinary calls through a telephone are full of that."""
    said, lost = ("i've got the rope ready", "under me bed"), ("i'd got a bloody", "")
    half = ("i've got the rope lady", "")

    assert list(Heard("plain", "suicide_plan", said, lost, half).readings()) == [half[:1]]
    assert list(Heard("plain", "-calls", said, lost, half).readings()) == [lost[:1], half[:1]]


def test_a_noisy_line_brings_other_words_each_time_and_never_touches_a_stop() -> None:
    words = "i told the nurse about the tablets . nobody came"
    dice = random.Random(1)
    brought = {misheard(words, dice) for _ in range(50)}

    assert len(brought) > 20
    assert all(" . " in one for one in brought)
