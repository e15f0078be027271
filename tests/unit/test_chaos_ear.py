"""What a phone heard is known again: which prompt, whose voice, and when there was nothing."""

import numpy as np
import pytest
from numpy.typing import NDArray

from wingline.chaos.ear import SKIPPED, Clips, pauses
from wingline.phones.wav import RATE


def noise(seed: int, seconds: float) -> NDArray[np.int16]:
    """Unlike any other of another seed, as different sentences are."""
    return np.random.default_rng(seed).normal(0, 4000, int(seconds * RATE)).astype(np.int16)


def silence(seconds: float) -> NDArray[np.int16]:
    return np.zeros(int(seconds * RATE), np.int16)


SOUNDS = {"alone/notice@en": noise(1, 6), "voice:Wren": noise(2, 2), "wait/visit@cy": noise(3, 4)}
CLIPS = Clips({name: sound.tobytes() for name, sound in SOUNDS.items()})


def test_prompts_and_voices_are_known_again_with_their_times_also_across_windows() -> None:
    heard = np.concatenate(
        (
            silence(2),
            SOUNDS["alone/notice@en"],
            silence(7.5),
            SOUNDS["voice:Wren"],
            silence(30),
            SOUNDS["wait/visit@cy"],
        )
    )
    found = list(CLIPS.heard(heard.tobytes(), 100))

    assert [one.what for one in found] == ["alone/notice", "voice:Wren", "wait/visit"]
    assert [one.at for one in found] == pytest.approx([102, 115.5, 147.5], abs=0.01)
    assert [one.until for one in found] == pytest.approx([108, 117.5, 151.5], abs=0.01)
    assert [one.speaker for one in found] == [None, "Wren", None]


def test_of_a_prompt_that_begins_like_another_one_the_rest_is_listened_for() -> None:
    skipped = int(SKIPPED["alone/notice"] * RATE)
    beginning = np.concatenate((SOUNDS["alone/notice@en"][:skipped], noise(9, 4)))

    assert list(CLIPS.heard(beginning.tobytes(), 0)) == []


def test_other_sounds_and_none_are_nothing() -> None:
    assert list(CLIPS.heard(noise(7, 20).tobytes(), 0)) == []
    assert list(CLIPS.heard(silence(20).tobytes(), 0)) == []
    assert list(CLIPS.heard(b"", 0)) == []


def test_long_pauses_are_seen_and_the_pauses_of_speech_are_not() -> None:
    heard = np.concatenate((silence(4), noise(1, 2), silence(2), noise(2, 1), silence(5)))

    found = [edge for pause in pauses(heard.tobytes(), 10) for edge in pause]
    assert found == pytest.approx([10, 14, 19, 24], abs=0.03)
    assert list(pauses(noise(1, 8).tobytes(), 0)) == []
    assert list(pauses(b"", 0)) == []
