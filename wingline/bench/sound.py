"""What is said in the bench's calls: our own prompts with as much silence, for SIPp and for speech."""

from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.gate import FRAME_BYTES
from speech.recogniser import SAMPLE_RATE
from wingline.evaluation.bench import prompts

TELEPHONE_RATE = 8000
# G.711: the largest sample that it knows, and what it adds before it takes the logarithm.
_CLIP, _BIAS = 32635, 0x84


def spoken(seconds: float) -> bytes:
    """16-bit samples at 16 kHz, in whole frames, of a caller who speaks for half of the time."""
    wanted = int(seconds * SAMPLE_RATE) * 2 // FRAME_BYTES * FRAME_BYTES
    pcm = b""
    for call in prompts():
        pcm += call.pcm
        if len(pcm) >= wanted:
            break
    return (pcm * (wanted // len(pcm) + 1))[:wanted]


def write_telephone_sound(pcm: bytes, file: Path) -> None:
    """As raw μ-law at 8 kHz, which SIPp sends as it is."""
    wide = np.frombuffer(pcm, "<i2").astype(np.float32)
    narrow = soxr.resample(wide, SAMPLE_RATE, TELEPHONE_RATE)
    file.write_bytes(mu_law(np.clip(narrow, -32768, 32767).astype(np.int32)))


def mu_law(samples: NDArray[np.int32]) -> bytes:
    """ITU-T G.711."""
    sign = np.where(samples < 0, 0x80, 0)
    size = np.minimum(np.abs(samples), _CLIP) + _BIAS
    exponent = np.maximum(np.floor(np.log2(size)).astype(int) - 7, 0)
    mantissa = (size >> (exponent + 3)) & 0x0F
    coded = ~(sign | (exponent << 4) | mantissa) & 0xFF
    return bytes(coded.astype(np.uint8))
