"""Sound as numbers between -1 and 1: resampling, trimming, loudness, and G.711 mu-law."""

from dataclasses import dataclass
from math import ceil, gcd

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

PHONE_RATE = 8000
LOUDNESS = -20.0  # dBFS over speech: as loud as people on the phone are, so that nobody reaches for the volume
PEAK = -3.0  # dBFS

_FRAME = PHONE_RATE // 50
_QUIET = -40.0  # dB below the loudest frame: what is quieter, before and after the words, is not speech
_LEAD = 320  # samples kept before the first loud frame, for a soft consonant: 40 ms
_TAIL = 640
_PAUSE = 8  # frames
_NOTHING = 0.003  # -50 dBFS, at the loudest: no voice, a microphone that was not plugged in
_CUTOFF = 3600  # Hz
_REACH = 24  # sample periods to each side that the low-pass looks at: it falls from 3.3 kHz to 3.9 kHz


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """One channel of sound."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def is_silent(sound: Sound) -> bool:
    return not np.any(np.abs(sound.samples) > _NOTHING)


def for_the_phone(sound: Sound) -> Sound:
    """At 8 kHz, without silence around it, as loud as every other prompt; what is silent cannot be made so."""
    narrow = resampled(sound, PHONE_RATE)
    return Sound(levelled(trimmed(narrow.samples - narrow.samples.mean())), PHONE_RATE)


def resampled(sound: Sound, rate: int) -> Sound:
    """Windowed-sinc low-pass and interpolation in one; ``up`` phases of one filter, used in turn."""
    if sound.rate == rate:
        return sound
    shared = gcd(rate, sound.rate)
    up, down = rate // shared, sound.rate // shared
    reach = ceil(_REACH * max(1.0, sound.rate / rate))
    bank = _filters(up, reach, cutoff=2 * _CUTOFF / sound.rate)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(sound.samples, reach), 2 * reach + 1)
    wanted = np.arange(ceil(len(sound.samples) * up / down)) * down
    parts = [
        np.einsum("ij,ij->i", windows[some // up], bank[some % up])
        for some in np.array_split(wanted, ceil(len(wanted) / PHONE_RATE) or 1)  # a second at a time, to spare memory
    ]
    return Sound(np.concatenate(parts), rate)


def _filters(up: int, reach: int, *, cutoff: float) -> Samples:
    times = np.arange(-reach, reach + 1)[None, :] - (np.arange(up) / up)[:, None]
    window = 0.5 + 0.5 * np.cos(np.pi * np.clip(times / (reach + 1), -1, 1))
    bank = np.sinc(min(cutoff, 0.95) * times) * window
    return np.asarray(bank / bank.sum(axis=1, keepdims=True))


def trimmed(samples: Samples) -> Samples:
    frames = _frame_loudness(samples)
    loud = np.flatnonzero(frames > frames.max() + _QUIET)
    first = max(0, int(loud[0]) * _FRAME - _LEAD)
    last = (int(loud[-1]) + 1) * _FRAME + _TAIL
    kept = samples[first:last].copy()
    edge = min(_LEAD // 4, len(kept))
    kept[:edge] *= np.linspace(0, 1, edge)  # a cut in the middle of a wave clicks
    kept[len(kept) - edge :] *= np.linspace(1, 0, edge)
    return kept


def with_short_pauses(samples: Samples) -> Samples:
    """No pause between words is longer than 0.16 s."""
    frames = _frame_loudness(samples)
    order = np.arange(len(frames))
    last_spoken = np.maximum.accumulate(np.where(frames > frames.max() + _QUIET, order, 0))
    kept = np.repeat(order - last_spoken <= _PAUSE, _FRAME)
    return samples[kept[: len(samples)]]


def levelled(samples: Samples) -> Samples:
    wanted = 10 ** ((LOUDNESS - loudness(samples)) / 20)
    allowed = 10 ** (PEAK / 20) / np.abs(samples).max()
    return np.asarray(samples * min(wanted, allowed))


def loudness(samples: Samples) -> float:
    """Of the speech, in dBFS: the pauses do not count."""
    frames = _frame_loudness(samples)
    speech = frames[frames > frames.max() - 30]
    return float(10 * np.log10(np.mean(10 ** (speech / 10))))


def _frame_loudness(samples: Samples) -> Samples:
    whole = np.pad(samples, (0, -len(samples) % _FRAME)).reshape(-1, _FRAME)
    return np.asarray(10 * np.log10(np.mean(whole**2, axis=1) + 1e-12))


def mulaw(samples: Samples) -> bytes:
    """G.711 mu-law: sign, 3 bits of exponent, 4 of mantissa, all inverted."""
    linear = np.clip(np.round(samples * 32767), -32635, 32635).astype(np.int32)
    sign = np.where(linear < 0, 0x80, 0)
    biased = np.abs(linear) + 132
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 7
    mantissa = (biased >> (exponent + 3)) & 0x0F
    return bytes((~(sign | exponent << 4 | mantissa) & 0xFF).astype(np.uint8))


def from_mulaw(coded: bytes) -> Samples:
    plain = ~np.frombuffer(coded, np.uint8)
    exponent, mantissa = (plain >> 4) & 7, plain & 0x0F
    size = ((mantissa.astype(np.int32) << 3) + 132 << exponent) - 132
    return np.where(plain & 0x80, -size, size) / 32768
