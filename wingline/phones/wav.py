"""WAV files of one channel of 16-bit samples, the only kind that the phones speak and hear."""

from __future__ import annotations

import io
import struct
import wave

RATE = 8000
BYTES_PER_SECOND = RATE * 2
HEADER_BYTES = 44
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


def header(pcm_bytes: int) -> bytes:
    return _HEADER.pack(
        b"RIFF", 36 + pcm_bytes, b"WAVE", b"fmt ", 16, 1, 1, RATE, BYTES_PER_SECOND, 2, 16, b"data", pcm_bytes
    )


def decode(file: bytes) -> tuple[bytes, int]:
    """The samples and their rate. Programs that write to a pipe leave the length wrong, so it is not believed."""
    with wave.open(io.BytesIO(file)) as opened:
        rate = opened.getframerate()
    begin = file.index(b"data") + 8
    return file[begin : begin + (len(file) - begin) // 2 * 2], rate
