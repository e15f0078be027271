"""WAV files, as people record them and as Asterisk plays them."""

import os
import wave
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ivr.prompts.sound import PHONE_RATE, Samples, Sound
from models.errors import AskersFault


class BadRecording(AskersFault):
    def __init__(self, name: str, complaint: str) -> None:
        super().__init__(f"recording {name}: {complaint}")
        self.complaint = complaint


def read_wav(source: Path | BinaryIO) -> Sound:
    """Any uncompressed WAV, its channels mixed to one."""
    try:
        with wave.open(str(source) if isinstance(source, Path) else source) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            # espeak-ng writes to a pipe and cannot know its length: what is there counts, not what the header says.
            frames = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise BadRecording(str(source), f"{error}; it must be an uncompressed WAV file") from error
    whole = frames[: len(frames) - len(frames) % (width * channels)]
    return Sound(_numbers(whole, width).reshape(-1, channels).mean(axis=1), rate)


def _numbers(frames: bytes, width: int) -> Samples:
    if width == 1:
        return np.frombuffer(frames, np.uint8) / 128.0 - 1.0
    # Each sample moves to the top of 32 bits, whatever its width.
    spread = np.zeros((len(frames) // width, 4), np.uint8)
    spread[:, 4 - width :] = np.frombuffer(frames, np.uint8).reshape(-1, width)
    return spread.view("<i4")[:, 0] / 2.0**31


def write_wav(path: Path, samples: Samples) -> None:
    """8 kHz, 16 bits; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: two may be making the same prompt in the same folder.
    unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
    with wave.open(str(unfinished), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(PHONE_RATE)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    unfinished.replace(path)
