"""Can every prompt be heard, and is it short enough for somebody in distress or in the middle of a call."""

import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ivr.prompts.sound import PHONE_RATE, loudness
from ivr.prompts.wav import BadRecording, read_wav
from models.words import Prompt

# The longest that a prompt may take, in seconds, by the beginning of its name; the first that fits counts.
LIMITS: Mapping[str, float] = {
    "notice/exception-rule": 6.0,
    "notice/threat-to-another": 6.0,
    "notice/": 12.0,
    "alone/notice": 12.0,
    "wait/": 8.0,  # calm words come every 15 s and leave time to breathe
    "flag/": 1.6,  # beside a caller who is speaking
    "offer/keys": 6.0,  # the caller waits meanwhile
    "offer/": 4.0,
    "key/": 6.0,
    # Staff wait so long for the caller to have heard it (ivr/staff_dialog.py).
    "caller/staff-are-told": 8.0,
    "caller/a-samaritan": 8.0,
    "own/menu": 15.0,
    "own/": 12.0,
    "staff-line/": 15.0,
    "cover/": 7.0,
    "time/": 2.0,
    "months/": 1.5,
    "numbers/": 1.5,
    "letters/": 1.5,
    "digits/": 1.5,
}

QUIETEST = -35.0  # dBFS
SHORTEST, LONGEST = 0.2, 60.0


@dataclass(frozen=True, slots=True)
class Audible:
    """Whether somebody on a telephone would hear a prompt, and if not, why."""

    complaint: str | None

    def __bool__(self) -> bool:
        return self.complaint is None


def audible(path: Path) -> Audible:
    if not path.exists():
        return Audible("it is not there")
    try:
        with wave.open(str(path)) as file:
            kind = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        sound = read_wav(path)
    except (BadRecording, EOFError, wave.Error) as error:
        return Audible(str(error))
    if kind != (PHONE_RATE, 1, 2):
        return Audible(f"it is {kind[0]} Hz, {kind[1]} channels, {kind[2] * 8} bits; it must be 8000 Hz, 1, 16")
    if not SHORTEST <= sound.seconds <= LONGEST:
        return Audible(f"it takes {sound.seconds:.1f} s")
    if not np.any(sound.samples) or loudness(sound.samples) < QUIETEST:
        return Audible("it is too quiet")
    return Audible(None)


def lengths(folder: Path) -> dict[Prompt, float]:
    """Of the prompts of one language, in seconds."""
    return {Prompt(str(path.relative_to(folder).with_suffix(""))): _seconds(path) for path in folder.rglob("*.wav")}


def _seconds(path: Path) -> float:
    with wave.open(str(path)) as file:
        return float(file.getnframes() / file.getframerate())


def limit_of(prompt: Prompt) -> float:
    """In seconds."""
    return next((limit for start, limit in LIMITS.items() if prompt.startswith(start)), LONGEST)


def too_long(prompt: Prompt, seconds: float) -> str | None:
    limit = limit_of(prompt)
    return f"takes {seconds:.1f} s; it may take {limit:.1f} s" if seconds > limit else None
