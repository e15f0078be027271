"""Whether a frame is speech: Silero's detector (speech/silero), one model for all calls."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime

from speech.onnx import options
from speech.recogniser import SAMPLE_RATE, NewDetector

MODEL = Path(__file__).with_name("silero") / "silero_vad_16k_op15.onnx"
# Its authors' middle is 0.5; a whisper on a bad line scores less, and a lost word costs more than a second of noise.
LIKELY = 0.35
# What went before was speech: then less is enough, by as much as its authors take off (silero_vad.VADIterator).
STILL_LIKELY = LIKELY - 0.15
# What it looks at at once, with the last of what it saw before.
CHUNK, BEFORE = 512, 64
FULL_SCALE = 32768


class _Detector:
    """Of one call: it remembers, and says of each frame of 20 ms what it thinks of the newest 32 ms."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._waiting = bytearray()
        self._before = np.zeros(BEFORE, np.float32)
        self._state = np.zeros((2, 1, 128), np.float32)
        self._speech = False

    def __repr__(self) -> str:
        return "<detector>"

    def is_speech(self, frame: bytes) -> bool:
        self._waiting.extend(frame)
        while len(self._waiting) >= 2 * CHUNK:
            newest = np.frombuffer(bytes(self._waiting[: 2 * CHUNK]), "<i2").astype(np.float32) / FULL_SCALE
            del self._waiting[: 2 * CHUNK]
            self._speech = self._likely(newest) >= (STILL_LIKELY if self._speech else LIKELY)
        return self._speech

    def _likely(self, newest: np.ndarray) -> float:
        seen = np.concatenate([self._before, newest])
        self._before = seen[-BEFORE:]
        asked = {"input": seen[np.newaxis], "state": self._state, "sr": np.array(SAMPLE_RATE, np.int64)}
        likely, self._state = self._session.run(None, asked)
        return float(likely[0, 0])


def load() -> NewDetector:
    """The model is loaded once and shared; each call has a memory of its own."""
    session = onnxruntime.InferenceSession(str(MODEL), options())

    def voice_detector() -> Callable[[bytes], bool]:
        return _Detector(session).is_speech

    return voice_detector
