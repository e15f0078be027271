"""Finds a known prompt, or any sound at all, in what a phone heard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .heard import FRAME, Samples, as_samples

# Measured with 21 prompts in three voices (flite rms and slt, espeak-ng): other words reach at most 0.21 (0.16 in
# another voice); the prompt under a voice 6 dB lower scores at least 0.51, under one of its own loudness 0.81 in the
# median and 0.28 at worst.
THRESHOLD = 0.33
_PRE_EMPHASIS = 0.95

Floats = NDArray[np.float64]


def _sharpened(pcm: bytes | Samples) -> Floats:
    """Pre-emphasis: without it every low voice resembles every other low voice."""
    samples = as_samples(pcm).astype(np.float64)
    sharpened = samples.copy()
    sharpened[1:] -= _PRE_EMPHASIS * samples[:-1]
    return sharpened


def likeness(heard: bytes | Samples, clip: bytes | Samples) -> Floats:
    """For each place where the clip fits: 1 when it sounds there at any loudness, about 0 when it does not."""
    sound, wanted = _sharpened(heard), _sharpened(clip)
    places = sound.size - wanted.size + 1
    energy = float(wanted @ wanted)
    if places <= 0 or energy == 0:
        return np.zeros(0)
    size = 1 << (sound.size - 1).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size))
    overlap = np.fft.irfft(spectrum, size)[:places]
    running = np.concatenate(([0.0], np.cumsum(sound * sound)))
    there = running[wanted.size :] - running[: -wanted.size]
    # One step of 16-bit sound in every sample: digital silence must not divide by nothing.
    floor = float(wanted.size)
    return np.asarray(overlap / np.sqrt(energy * np.maximum(there[:places], floor)), dtype=np.float64)


def first_match(heard: bytes | Samples, clip: bytes | Samples, *, threshold: float = THRESHOLD) -> int | None:
    """The sample at which the clip begins, the first time that it does."""
    scores = likeness(heard, clip)
    over = np.flatnonzero(scores >= threshold)
    if not over.size:
        return None
    # The neighbours of the true place score high too; the peak lies within some milliseconds of the first.
    first = int(over[0])
    return first + int(np.argmax(scores[first : first + FRAME]))


def first_sound(heard: bytes | Samples, *, above_dbfs: float) -> int | None:
    """The first frame of 20 ms that is louder than this, as its first sample."""
    samples = as_samples(heard).astype(np.float64)
    frames = samples[: samples.size // FRAME * FRAME].reshape(-1, FRAME)
    loud = np.flatnonzero(np.mean(frames * frames, axis=1) > (32768.0 * 10 ** (above_dbfs / 20)) ** 2)
    return int(loud[0]) * FRAME if loud.size else None
