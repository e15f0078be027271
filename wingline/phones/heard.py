"""What a phone heard, kept in memory only, with the time at which each sample reached its loudspeaker."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from .wav import HEADER_BYTES, RATE

FRAME = 160
SILENCE_DBFS = -100.0
_KEPT_SAMPLES = 10 * 60 * RATE
_KEPT_CALLS = 8

Samples = NDArray[np.int16]


class SampleClock:
    """Turns "sample n" into a time, from blocks that arrive late by a varying time.

    The phone hands a frame of 20 ms to its loudspeaker every 20 ms and never skips one, so the samples are
    the clock; a block can only arrive late, so the earliest block seen so far is nearest to the truth. A block
    (4096 bytes of stdio) is written with the frame that fills it, and that frame is mostly in the next block:
    the arrival is the time at which this frame began.
    """

    def __init__(self) -> None:
        self._zero = math.inf

    def block_arrived(self, at: float, *, samples_so_far: int) -> None:
        frame_start = (samples_so_far - 1) // FRAME * FRAME
        self._zero = min(self._zero, at - frame_start / RATE)

    def time_of(self, sample: int) -> float:
        return self._zero + sample / RATE

    def sample_at(self, time: float) -> int:
        return round((time - self._zero) * RATE) if math.isfinite(self._zero) else 0


class HeardCall:
    """One unbroken stretch of sound: a call, or a part of one between two changes of its media."""

    def __init__(self) -> None:
        self.clock = SampleClock()
        self._pcm = bytearray()
        self._forgotten = 0

    @property
    def end(self) -> int:
        return self._forgotten + len(self._pcm) // 2

    def append(self, pcm: bytes, at: float) -> None:
        if not pcm:
            return
        self._pcm += pcm
        self.clock.block_arrived(at, samples_so_far=self.end)
        # An eighth too much may stay, so that forgetting is rare and cheap.
        if len(self._pcm) // 2 > _KEPT_SAMPLES * 9 // 8:
            surplus = len(self._pcm) // 2 - _KEPT_SAMPLES
            del self._pcm[: surplus * 2]
            self._forgotten += surplus

    def samples(self, start: int, stop: int) -> tuple[int, bytes]:
        """What is kept of [start, stop), and the number of its first sample."""
        first = max(start, self._forgotten)
        last = max(first, min(stop, self.end))
        return first, bytes(self._pcm[(first - self._forgotten) * 2 : (last - self._forgotten) * 2])

    def between(self, since: float, until: float) -> bytes:
        return self.samples(max(0, self.clock.sample_at(since)), max(0, self.clock.sample_at(until)))[1]


class Heard:
    """All that a phone heard lately, call by call.

    baresip writes a WAV file into the pipe: a header when the sound of a call begins, and the header again,
    with the length filled in, when it ends.
    """

    def __init__(self) -> None:
        self.calls: deque[HeardCall] = deque(maxlen=_KEPT_CALLS)

    def feed(self, received: bytes, at: float) -> None:
        while (begin := received.find(b"RIFF")) >= 0 and received[begin + 8 : begin + 16] == b"WAVEfmt ":
            self._append(received[:begin], at)
            length = int.from_bytes(received[begin + 40 : begin + 44], "little")
            received = received[begin + HEADER_BYTES :]
            if length == 0:
                self.calls.append(HeardCall())
        self._append(received, at)

    def _append(self, pcm: bytes, at: float) -> None:
        if self.calls:
            self.calls[-1].append(pcm, at)

    def between(self, since: float, until: float) -> bytes:
        return b"".join(call.between(since, until) for call in self.calls)


def level(pcm: bytes | Samples) -> float:
    """Loudness in dB below full scale; -100 for nothing at all."""
    samples = as_samples(pcm).astype(np.float64)
    power = float(np.mean(samples * samples)) if samples.size else 0.0
    return max(SILENCE_DBFS, 10 * math.log10(power / 32768.0**2)) if power > 0 else SILENCE_DBFS


def as_samples(pcm: bytes | Samples) -> Samples:
    return np.frombuffer(pcm, dtype="<i2") if isinstance(pcm, bytes) else pcm
