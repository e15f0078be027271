"""Knows again what a phone heard: prompts of the line in each language, and the voices of whoever is in the run."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wingline.chaos.history import Heard
from wingline.phones.wav import RATE, decode

# In samples. A window is what is looked through at once; a clip is enough of a prompt to know it by, and short enough
# to be heard before somebody's key stops it.
WINDOW = 1 << 17
CLIP = int(1.6 * RATE)
_APART = RATE // 2
# Between clips of this length: other words reach 0.40 where the clips are cut as SKIPPED says, and the prompt itself
# about 0.9 (measured with the shipped recordings; a longer clip as in wingline/phones/matching.py would need less).
LIKE = 0.45
# In seconds: how much at its beginning a prompt has in common with another one.
SKIPPED = {
    "alone/notice": 2.4,
    "alone/offer": 0.8,
    "offer/taken": 0.8,
    "notice/told-life": 1.6,
    "caller/a-visit-is-asked-for": 0.8,
}
_PRE_EMPHASIS = 0.95
_QUIET = 32768.0 * 10 ** (-50 / 20)
_FRAME = RATE // 50
# Shorter pauses are in every sentence.
PAUSE_SECONDS = 3.0

Floats = NDArray[np.float64]


class Clips:
    """Everything that can be known again, with how long each lasts."""

    def __init__(self, sounds: Mapping[str, bytes]) -> None:
        """``sounds``: 16-bit samples at 8 kHz, by ``name`` or ``name@language``."""
        self._spectra: dict[str, tuple[NDArray[np.complex128], float]] = {}
        # Of each: where the clip begins in it, and how long it lasts.
        self._times: dict[str, tuple[float, float]] = {}
        for name, pcm in sounds.items():
            skipped = SKIPPED.get(name.partition("@")[0], 0.0)
            first = int(skipped * RATE)
            clip = _sharpened(pcm[2 * first : 2 * (first + CLIP)])
            self._times[name] = skipped, len(pcm) / 2 / RATE
            self._spectra[name] = np.conj(np.fft.rfft(clip, WINDOW)), float(clip @ clip)

    def heard(self, pcm: bytes, began: float) -> Iterator[Heard]:
        """What is in one unbroken stretch that began at this time, in order."""
        found = [one for start in range(0, max(1, len(pcm) // 2 - CLIP), WINDOW - CLIP) for one in self._in(pcm, start)]
        for name, sample in sorted(found, key=lambda one: one[1]):
            skipped, lasts = self._times[name]
            at = began + sample / RATE - skipped
            yield Heard(name.partition("@")[0], at, at + lasts)

    def _in(self, pcm: bytes, start: int) -> Iterator[tuple[str, int]]:
        sound = _sharpened(pcm[2 * start : 2 * (start + WINDOW)])
        places = sound.size - CLIP + 1
        if places <= 0 or not sound.any():
            return
        spectrum = np.fft.rfft(sound, WINDOW)
        running = np.concatenate(([0.0], np.cumsum(sound * sound)))
        # One step of 16-bit sound in every sample: digital silence must not divide by nothing.
        there = np.maximum(running[CLIP:][:places] - running[:places], float(CLIP))
        for name, (clip, energy) in self._spectra.items():
            overlap = np.fft.irfft(spectrum * clip, WINDOW)[:places]
            for place in _peaks(overlap / np.sqrt(energy * there)):
                yield name, start + place


def _peaks(scores: Floats) -> Iterator[int]:
    """The first of each neighbourhood that is over the threshold."""
    last = -_APART
    for place in np.flatnonzero(scores >= LIKE):
        if place - last >= _APART:
            yield int(place)
        last = int(place)


def pauses(pcm: bytes, began: float) -> Iterator[tuple[float, float]]:
    """From when to when there was no sound at all for longer than people pause."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    frames = samples[: samples.size // _FRAME * _FRAME].reshape(-1, _FRAME)
    loud = np.flatnonzero(np.sqrt(np.mean(frames * frames, axis=1)) > _QUIET) if frames.size else np.zeros(0)
    edges = [-1, *(int(one) for one in loud), len(frames)]
    for before, after in pairwise(edges):
        if (after - before - 1) * _FRAME / RATE >= PAUSE_SECONDS:
            yield began + (before + 1) * _FRAME / RATE, began + after * _FRAME / RATE


def recorded(prompts: Path, names: Iterable[str], languages: Iterable[str]) -> dict[str, bytes]:
    """The sounds of these prompts in each of these languages."""
    return {
        f"{name}@{language}": decode((prompts / language / f"{name}.wav").read_bytes())[0]
        for language in languages
        for name in names
    }


def _sharpened(pcm: bytes) -> Floats:
    """Pre-emphasis: without it every low voice resembles every other low voice (wingline/phones/matching.py)."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    samples[1:] -= _PRE_EMPHASIS * samples[:-1].copy()
    return samples
