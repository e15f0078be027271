"""What a phone says: a file in memory that baresip reads whole, speech first and then five minutes of silence."""

from __future__ import annotations

import os

import numpy as np

from .heard import as_samples
from .wav import BYTES_PER_SECOND, RATE, header

_SILENCE_BYTES = 5 * 60 * BYTES_PER_SECOND
_AUDIBLE = 64  # of 32768, -54 dBFS


class Mouth:
    """A handset sends sound all the time, so the silence outlasts the call; its pages are never written (sparse)."""

    def __init__(self, pcm: bytes = b"") -> None:
        self._file = os.memfd_create("mouth")
        os.write(self._file, header(len(pcm) + _SILENCE_BYTES) + pcm)
        os.truncate(self._file, len(header(0)) + len(pcm) + _SILENCE_BYTES)

    @property
    def path(self) -> str:
        return f"/proc/{os.getpid()}/fd/{self._file}"

    def close(self) -> None:
        os.close(self._file)


def audible_seconds(pcm: bytes) -> float:
    """Until the last sample that can be heard."""
    audible = np.flatnonzero(np.abs(as_samples(pcm).astype(np.int32)) > _AUDIBLE)
    return float(audible[-1] + 1) / RATE if audible.size else 0.0
