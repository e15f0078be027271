"""A whole notice as a caller hears it, in one WAV file."""

import io
import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ivr.orders import Line
from ivr.prompt_files import PromptFiles
from ivr.prompts.shipped import shipped
from ivr.prompts.sound import PHONE_RATE, Samples
from ivr.prompts.texts import LanguageTexts
from ivr.prompts.wav import BadRecording, read_wav
from models.errors import UnknownName
from models.words import Prompt


def notice_wav(files: PromptFiles, language: LanguageTexts, prompts: Iterable[Prompt]) -> bytes:
    """UnknownName when a prompt has no sound yet: nobody must sign a notice that they heard in part."""
    samples = np.concatenate([_sound(files, language, prompt) for prompt in prompts])
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(PHONE_RATE)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return out.getvalue()


def _sound(files: PromptFiles, language: LanguageTexts, prompt: Prompt) -> Samples:
    """As Asterisk plays it; before it was ever made, the recording that came with the source (mu-law)."""
    path = Path(f"{files.path(Line(language.code, prompt))}.wav")
    if path.exists():
        try:
            return read_wav(path).samples
        except BadRecording as error:
            raise UnknownName(f"sound in {language.name}", prompt) from error
    text, voice = language.prompts.get(prompt), language.voices.get(prompt)
    sound = shipped(text, voice) if text and voice else None
    if sound is None:
        raise UnknownName(f"sound in {language.name}", prompt)
    return sound.samples
