"""Speaks the words of people in the demo and the stories, with flite or espeak-ng, as a telephone would carry them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from .errors import VoiceFailed
from .heard import FRAME, Samples, as_samples
from .wav import RATE, decode

PEAK = 0.5  # -6 dBFS
_HALF_WIDTH = 32  # zero crossings of the sinc on each side: the transition band is 4 % of the cut-off
_AUDIBLE = 0.01  # of full scale, -40 dBFS at a peak of -6


class Voices:
    """The programs that speak, with what each has said so far; nothing is written to disk."""

    def __init__(self, programs: Mapping[str, Sequence[str]]) -> None:
        """`programs`: how to start "flite" and "espeak", each with the arguments it always needs."""
        self._programs = programs
        self._spoken: dict[tuple[str, str], bytes] = {}

    async def speak(self, text: str, voice: str = "flite:rms") -> bytes:
        """The text as 16-bit samples at 8 kHz, without silence around it, its loudest sample at -6 dBFS."""
        key = (voice, text)
        if key not in self._spoken:
            samples, rate = decode(await self._said_by_program(text, voice))
            self._spoken[key] = await asyncio.to_thread(for_telephone, as_samples(samples), rate)
        return self._spoken[key]

    async def _said_by_program(self, text: str, voice: str) -> bytes:
        program, _, name = voice.partition(":")
        if program not in self._programs:
            raise VoiceFailed(voice, f"only {', '.join(sorted(self._programs))} are known")
        options = ["-voice", name, "-t", text, "-o", "/dev/stdout"] if program == "flite" else ["-v", name, "--stdout"]
        spoken = b"" if program == "flite" else text.encode()
        running = await asyncio.create_subprocess_exec(
            *self._programs[program],
            *options,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        file, complaint = await running.communicate(spoken)
        if running.returncode or not file:
            raise VoiceFailed(voice, complaint.decode(errors="replace").strip() or "it said nothing")
        return file


def for_telephone(samples: Samples, rate: int) -> bytes:
    sound = trimmed(resampled(samples.astype(np.float64) / 32768.0, rate))
    peak = float(np.max(np.abs(sound), initial=0.0))
    scaled = sound * (PEAK / peak * 32767) if peak > 0 else sound
    return np.rint(scaled).astype("<i2").tobytes()


def resampled(sound: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """At 8 kHz, through a windowed-sinc low-pass at the lower of both half rates."""
    if rate == RATE:
        return sound
    step, phases = rate // gcd(rate, RATE), RATE // gcd(rate, RATE)
    taps = _taps(rate, phases)
    half = taps.shape[1] // 2
    padded = np.pad(sound, half)
    positions = np.arange(sound.size * phases // step) * step
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps.shape[1])
    return np.asarray(np.einsum("ij,ij->i", windows[positions // phases], taps[positions % phases]))


@lru_cache(maxsize=8)
def _taps(rate: int, phases: int) -> NDArray[np.float64]:
    """One row of weights for each place that an output sample can have between two input samples."""
    cut = min(1.0, RATE / rate) * 0.96
    half = int(np.ceil(_HALF_WIDTH / cut))
    distance = np.arange(-half, half + 1)[None, :] - np.arange(phases)[:, None] / phases
    window = np.where(np.abs(distance) <= half, 0.5 + 0.5 * np.cos(np.pi * distance / half), 0.0)
    weights = np.sinc(distance * cut) * window
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def trimmed(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without the silence before and after, but for a frame on each side."""
    audible = np.flatnonzero(np.abs(sound) > _AUDIBLE)
    if not audible.size:
        return sound[:0]
    return sound[max(0, int(audible[0]) - FRAME) : int(audible[-1]) + FRAME]
