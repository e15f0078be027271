"""A known prompt is found where it sounds, through mu-law, noise and other voices, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from wingline.phones.matching import THRESHOLD, first_match, first_sound, likeness
from wingline.phones.mouth import audible_seconds
from wingline.phones.voice import for_telephone, resampled, trimmed

RATE = 8000
Sound = NDArray[np.float64]


def a_voice(seed: int, *, seconds: float = 2.0, pitch: float = 110.0) -> Sound:
    """Like speech to a correlator: a buzz of harmonics, in syllables with moving formants, and some breath."""
    random = np.random.default_rng(seed)
    count = int(seconds * RATE)
    time = np.arange(count) / RATE
    points = int(seconds * 5) + 2
    glide = np.interp(time * 5, np.arange(points), random.uniform(0.8, 1.25, points))
    phase = 2 * np.pi * np.cumsum(pitch * glide) / RATE
    formant = np.interp(time * 5, np.arange(points), random.uniform(300, 2500, points))
    sound = np.zeros(count)
    for harmonic in range(1, 30):
        weight = np.exp(-(((pitch * harmonic - formant) / 500) ** 2)) + 0.3 / harmonic
        sound += weight * np.sin(harmonic * phase)
    loudness = np.interp(time * 5, np.arange(points), random.uniform(0.05, 1.0, points))
    sound = loudness * (sound + 0.1 * random.standard_normal(count))
    return np.asarray(sound / np.sqrt(np.mean(sound**2)))


def as_pcm(sound: Sound, *, rms: float = 2000.0) -> NDArray[np.int16]:
    return np.clip(np.rint(sound * rms), -32768, 32767).astype(np.int16)


def through_mu_law(pcm: NDArray[np.int16]) -> NDArray[np.int16]:
    scaled = pcm / 32768.0
    code = np.rint(np.sign(scaled) * np.log1p(255 * np.abs(scaled)) / np.log(256) * 127) / 127
    linear = np.sign(code) * np.expm1(np.abs(code) * np.log(256)) / 255
    return np.asarray(np.rint(linear * 32767), dtype=np.int16)


def heard_at(place: int, clip: Sound, around: Sound, *, gain: float = 1.0) -> NDArray[np.int16]:
    mixed = around.copy()
    mixed[place : place + clip.size] += gain * clip
    return through_mu_law(as_pcm(mixed))


@pytest.mark.parametrize("gain", [0.05, 1.0, 4.0])
def test_a_clip_is_found_to_the_sample_at_any_loudness(gain: float) -> None:
    clip = a_voice(1)

    assert first_match(heard_at(12345, clip, np.zeros(40000), gain=gain), as_pcm(clip)) == 12345


@pytest.mark.parametrize("other_db", [-12, -6, 0, 3])
def test_a_clip_is_found_under_another_voice(other_db: int) -> None:
    clip, other = a_voice(1), a_voice(2, seconds=5.0, pitch=180.0) * 10 ** (other_db / 20)

    assert first_match(heard_at(9001, clip, other), as_pcm(clip)) == 9001


def test_a_clip_is_found_in_noise_of_its_own_loudness() -> None:
    # Flat noise is louder than speech where pre-emphasis listens, so 6 dB less than the voice is a hard case.
    clip, noise = a_voice(1), np.random.default_rng(3).standard_normal(40000) * 0.25

    assert first_match(heard_at(7000, clip, noise), as_pcm(clip)) == 7000


def test_other_words_stay_well_under_the_threshold() -> None:
    clip = as_pcm(a_voice(1))

    highest = max(float(np.max(likeness(as_pcm(a_voice(seed, seconds=5.0)), clip))) for seed in range(10, 16))

    assert highest < THRESHOLD * 0.75


def test_silence_and_a_clip_longer_than_the_sound_match_nothing() -> None:
    clip = as_pcm(a_voice(1))

    assert first_match(np.zeros(40000, dtype=np.int16), clip) is None
    assert first_match(clip[:100], clip) is None


def test_the_first_of_two_is_found() -> None:
    clip = a_voice(1, seconds=1.0)
    twice = np.concatenate([np.zeros(500), clip, np.zeros(4000), clip])

    assert first_match(as_pcm(twice), as_pcm(clip)) == 500


def test_a_first_sound_is_found_by_its_frame() -> None:
    sound = np.zeros(8000, dtype=np.int16)
    sound[3210:] = 3000

    assert first_sound(sound, above_dbfs=-45) == 3200
    assert first_sound(sound[:3000], above_dbfs=-45) is None


@pytest.mark.parametrize("rate", [16000, 22050, 44100])
def test_resampling_keeps_what_a_telephone_carries_and_nothing_above(rate: int) -> None:
    time = np.arange(rate) / rate

    low = resampled(np.sin(2 * np.pi * 1000 * time), rate)[800:-800]
    folded = resampled(np.sin(2 * np.pi * 5000 * time), rate)[800:-800]

    expected = np.sin(2 * np.pi * 1000 * (np.arange(8000) / 8000))[800:-800]
    assert np.max(np.abs(low[: expected.size] - expected)) < 0.005
    assert np.sqrt(np.mean(folded**2)) < 0.001


def test_speech_is_trimmed_and_its_peak_is_six_decibels_under_full() -> None:
    sound = np.concatenate([np.zeros(5000), 0.1 * np.sin(np.arange(4000)), np.zeros(5000)])

    assert 4000 <= trimmed(sound).size <= 4000 + 320
    spoken = np.frombuffer(for_telephone((sound * 32767).astype(np.int16), 8000), dtype="<i2")
    assert int(np.max(np.abs(spoken))) == pytest.approx(16384, abs=2)
    assert audible_seconds(spoken.tobytes() + bytes(16000)) == pytest.approx(spoken.size / 8000, abs=0.021)
