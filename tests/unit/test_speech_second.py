"""The second pass under load, and what becomes of the sound that it was given."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from speech import second as module
from speech.capacity import CAUTIOUS_SECONDS, Capacity
from speech.moonshine import Moonshine
from speech.phrase import LONGEST_BYTES, HeardAgain, Phrase
from speech.recogniser import SAMPLE_RATE
from speech.second import SecondPass


class Engine:
    """Waits until it is let go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.heard: list[int] = []

    def __call__(self, pcm: bytes) -> str:
        self.go_on.wait(5)
        self.heard.append(len(pcm))
        return "words"


def until(true: object) -> None:
    deadline = time.monotonic() + 5
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_sound_is_overwritten_when_it_has_been_heard() -> None:
    engine, told = Engine(), []
    again = SecondPass(engine)
    sound = bytearray(b"\x01" * 100)

    again.hear(sound, told.append, owner=None)
    engine.go_on.set()
    until(lambda: told)
    until(lambda: sound == bytes(100))

    assert told == ["words"]


def test_under_load_the_oldest_phrases_are_dropped_unheard_and_counted() -> None:
    engine, told = Engine(), []
    again = SecondPass(engine)
    sounds = [bytearray(b"\x01" * 10) for _ in range(module.MOST_WAITING + 3)]
    again.hear(sounds[0], told.append, owner=None)
    until(lambda: not again._waiting)
    for sound in sounds[1:]:
        again.hear(sound, told.append, owner=None)

    assert again.counts.dropped == 2
    assert sounds[1] == sounds[2] == bytes(10)
    engine.go_on.set()
    until(lambda: again.counts.heard == len(sounds) - 2)


def test_a_phrase_that_waited_too_long_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", -1.0)
    again, told = SecondPass(lambda _pcm: "words"), []

    again.hear(bytearray(10), told.append, owner=None)
    until(lambda: again.counts.dropped == 1)

    assert told == []


def test_what_waits_of_a_call_that_is_over_is_overwritten_unheard() -> None:
    engine = Engine()
    again = SecondPass(engine)
    others, ours = (Phrase(again), Phrase(again))
    others.goes_on(b"\x01" * 640, 1.0, ended=True)
    until(lambda: not again._waiting)
    ours.goes_on(b"\x01" * 320, 1.0, ended=True)
    others.goes_on(b"\x01" * 160, 2.0, ended=True)
    (waiting, _) = (phrase.pcm for phrase in again._waiting)

    ours.wipe()

    assert waiting == bytes(320)
    engine.go_on.set()
    until(lambda: len(others.heard_again()) or len(engine.heard) == 2)
    assert engine.heard == [640, 160]


def test_a_call_is_not_forgotten_before_what_is_just_being_heard_of_it_is() -> None:
    engine = Engine()
    again = SecondPass(engine)
    phrase = Phrase(again)
    phrase.goes_on(b"\x01" * 640, 1.0, ended=True)
    until(lambda: again._in_hand)
    in_hand = again._in_hand
    assert in_hand
    forgetting = threading.Thread(target=phrase.wipe)

    forgetting.start()
    forgetting.join(0.1)
    assert forgetting.is_alive()
    engine.go_on.set()
    forgetting.join(5)

    assert in_hand.pcm == bytes(640)
    assert phrase.heard_again() == []


def test_who_speaks_without_a_pause_is_heard_in_parts() -> None:
    engine = Engine()
    engine.go_on.set()
    phrase = Phrase(SecondPass(engine))

    phrase.goes_on(bytes(LONGEST_BYTES), 10.0, ended=False)
    until(lambda: engine.heard)
    phrase.goes_on(bytes(640), 10.1, ended=True)
    phrase.goes_on(bytes(320), 11.0, ended=True)
    heard: list[HeardAgain] = []
    until(lambda: heard.extend(phrase.heard_again()) or len(heard) == 3)

    assert engine.heard == [LONGEST_BYTES, 640, 320]
    assert [one.whole for one in heard] == [False, False, True]


def test_without_a_second_pass_no_sound_is_kept() -> None:
    phrase = Phrase(None)
    phrase.goes_on(b"\x01" * 640, 1.0, ended=True)

    assert phrase._sound == b""


def test_the_first_call_is_always_heard_and_who_falls_behind_is_full() -> None:
    capacity = Capacity(3)
    assert capacity.admits(2, 0.0)
    assert not capacity.admits(3, 0.0)

    capacity.fell_behind(10.0)

    assert capacity.admits(0, 11.0)
    assert not capacity.admits(1, 11.0)
    assert capacity.admits(1, 10.0 + CAUTIOUS_SECONDS)


class Unsure(Moonshine):
    """Hears nothing before its last answer; `given` is the sound of each try."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.given: list[NDArray[np.float32]] = []

    def _tokens(self, sound: NDArray[np.float32], most: int) -> Iterator[int]:
        self.given.append(sound)
        return iter(range(min(most, 1)))

    def _text(self, _tokens: list[int]) -> str:
        return self._answers.pop(0)


# A second, in which a fifth is quiet.
PHRASE = np.full(SAMPLE_RATE, 0.5, np.float32)
PHRASE[6_400:9_600] = 0.25
PCM = (PHRASE * 32_768).astype("<i2").tobytes()


def test_a_phrase_is_heard_behind_the_quietest_of_itself() -> None:
    engine = Unsure("words")

    assert engine(PCM) == "words"
    (heard,) = engine.given
    assert np.array_equal(heard, np.concatenate([PHRASE[6_400:9_600], PHRASE]))


def test_a_phrase_that_brings_no_word_is_heard_once_more_behind_no_sound() -> None:
    engine = Unsure("", "words")

    assert engine(PCM) == "words"
    assert np.array_equal(engine.given[1], np.concatenate([np.zeros(SAMPLE_RATE // 2, np.float32), PHRASE]))


def test_where_nobody_speaks_there_are_two_tries_and_no_words() -> None:
    engine = Unsure("", "")

    assert engine(PCM) == ""
    assert len(engine.given) == 2
