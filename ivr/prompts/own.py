"""Whether a recording by a site's own people can be played to somebody in distress, and what to do when not."""

from enum import StrEnum
from typing import BinaryIO

import numpy as np

from ivr.prompts.checks import SHORTEST, too_long
from ivr.prompts.sound import PHONE_RATE, Sound, for_the_phone, is_silent, loudness, resampled
from ivr.prompts.wav import BadRecording, read_wav
from models.words import Prompt

HIGHEST_RATE = 192_000
# A voice so far below full scale comes with the noise of its room when it is made as loud as the others.
QUIETEST = -45.0  # dBFS
# So many samples at the very end of the scale are heard as crackling.
CLIPPED_AT, CLIPPED_SHARE = 0.985, 0.001


class Why(StrEnum):
    """What is wrong with a recording, as somebody is told on the phone into which they spoke it."""

    SILENT = "silent"
    TOO_LOUD = "too-loud"
    TOO_QUIET = "too-quiet"
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"


class Unusable(BadRecording):
    def __init__(self, prompt: Prompt, why: Why, complaint: str) -> None:
        super().__init__(prompt, complaint)
        self.why = why


def taken_recording(prompt: Prompt, source: BinaryIO) -> Sound:
    """As a phone plays it. Unusable, or BadRecording for what is no sound, says what to do before it is said again."""
    sound = _read(prompt, source)
    if is_silent(sound):
        raise Unusable(prompt, Why.SILENT, "it is silent; look whether the microphone is plugged in and turned on")
    if np.mean(np.abs(sound.samples) >= CLIPPED_AT) > CLIPPED_SHARE:
        raise Unusable(
            prompt, Why.TOO_LOUD, "it is too loud and crackles; turn the microphone down or move away from it"
        )
    if loudness(resampled(sound, PHONE_RATE).samples) < QUIETEST:
        raise Unusable(prompt, Why.TOO_QUIET, "it is too quiet; turn the microphone up or move closer to it")
    ready = for_the_phone(sound)
    if ready.seconds < SHORTEST:
        raise Unusable(prompt, Why.TOO_SHORT, f"it takes {ready.seconds:.1f} s; record the whole text")
    if complaint := too_long(prompt, ready.seconds):
        raise Unusable(
            prompt, Why.TOO_LONG, f"it {complaint}; say it a little faster, without a pause before and after"
        )
    return ready


def _read(prompt: Prompt, source: BinaryIO) -> Sound:
    try:
        sound = read_wav(source)
    except (BadRecording, ValueError) as error:
        raise BadRecording(prompt, "this is no uncompressed WAV file; save it as WAV with 16 bits") from error
    if not PHONE_RATE <= sound.rate <= HIGHEST_RATE:
        raise BadRecording(prompt, f"it has {sound.rate} samples a second; record it with 8000, 16000 or 44100")
    if not len(sound.samples):
        raise Unusable(prompt, Why.SILENT, "there is no sound in it; record it again")
    return sound
