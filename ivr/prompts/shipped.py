"""Where the recording of a text is that came with the source, and what it sounds like."""

from hashlib import sha256
from pathlib import Path

from ivr.prompts.sound import PHONE_RATE, Sound, from_mulaw
from ivr.prompts.texts import FOLDER, Voice

SPEED = 0.95  # of Kokoro: calm, and still within the limits of checks.py
RECORDED_AS = f"kokoro-int8-en-v0_19 at {SPEED}"


def shipped_path(text: str, voice: Voice) -> Path:
    """The name is a hash of the text and its voice, so that a changed text cannot be played with the old words."""
    made_from = f"{RECORDED_AS}\n{voice.kokoro}\n{text}"
    return FOLDER / "shipped" / voice.language / f"{sha256(made_from.encode()).hexdigest()[:16]}.ulaw"


def shipped(text: str, voice: Voice) -> Sound | None:
    path = shipped_path(text, voice)
    return Sound(from_mulaw(path.read_bytes()), PHONE_RATE) if path.exists() else None
