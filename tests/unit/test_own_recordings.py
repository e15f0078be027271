"""A recording by a site's own people: what is taken, and what to do about the rest."""

import contextlib
import wave
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.prompts.own import taken_recording
from ivr.prompts.sound import LOUDNESS, loudness
from ivr.prompts.wav import BadRecording
from models.words import Prompt

NAME = Prompt("line/name")


def tone(seconds: float = 1.0, *, level: float = 0.3, rate: int = 16000) -> NDArray[np.float64]:
    return np.asarray(level * np.sin(2 * np.pi * 300 * np.arange(int(rate * seconds)) / rate))


def wav(samples: NDArray[np.float64], *, rate: int = 16000, channels: int = 1, width: int = 2) -> BytesIO:
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        whole = np.repeat(np.clip(samples, -1, 1) * (2 ** (8 * width - 1) - 1), channels)
        out.writeframes(whole.astype(f"<i{width}").tobytes())
    file.seek(0)
    return file


def complaint(source: BytesIO, prompt: Prompt = NAME) -> str:
    with pytest.raises(BadRecording) as refused:
        taken_recording(prompt, source)
    return refused.value.complaint


@pytest.mark.parametrize(("rate", "channels", "width"), [(8000, 1, 2), (44100, 2, 2), (48000, 1, 4), (11025, 1, 2)])
def test_what_people_record_becomes_what_a_telephone_plays(rate: int, channels: int, width: int) -> None:
    silence = np.zeros(rate // 2)
    said = np.concatenate([silence, tone(rate=rate, level=0.05), silence])
    ready = taken_recording(NAME, wav(said, rate=rate, channels=channels, width=width))

    assert ready.rate == 8000
    assert ready.seconds == pytest.approx(1.1, abs=0.1)
    assert loudness(ready.samples) == pytest.approx(LOUDNESS, abs=1)


def test_silence_noise_and_crackling_are_refused_with_what_to_do() -> None:
    assert "microphone is plugged in" in complaint(wav(np.zeros(16000)))
    assert "turn the microphone up" in complaint(wav(tone(level=0.004)))
    assert "turn the microphone down" in complaint(wav(tone(level=3.0)))


def test_it_is_neither_longer_nor_shorter_than_the_prompt_may_be() -> None:
    assert "it may take 1.6 s" in complaint(wav(tone(2.0)), Prompt("flag/attempt"))
    assert "record the whole text" in complaint(wav(tone(0.05)))


@pytest.mark.parametrize("given", [b"", b"RIFF", b"ID3\x04 an mp3", b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00"])
def test_what_is_no_wav_is_refused(given: bytes) -> None:
    assert "no uncompressed WAV" in complaint(BytesIO(given))


def test_a_rate_that_no_voice_survives_is_refused() -> None:
    assert "4000 samples a second" in complaint(wav(tone(rate=4000), rate=4000))
    assert "there is no sound in it" in complaint(wav(np.zeros(0)))


@pytest.mark.parametrize("at", range(20, 44))
def test_a_header_of_nonsense_is_refused_and_breaks_nothing(at: int) -> None:
    """Whatever a byte of it says: taken as a sound, or refused in words."""
    whole = bytearray(wav(tone(0.3)).getvalue())
    for value in (0, 1, 0x7F, 0xFF):
        whole[at] = value
        with contextlib.suppress(BadRecording):
            assert taken_recording(NAME, BytesIO(bytes(whole))).rate == 8000
