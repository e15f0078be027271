"""Speaks every text with Kokoro's natural voice, for developers, once after a text changed.

    pip install -e .[voice]
    python -m ivr.prompts.shipping <folder of Kokoro>

It is too slow for the set-up of a site, so its recordings are kept beside the texts and are part of the source.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ivr.prompts.shipped import SPEED, shipped_path
from ivr.prompts.sound import Sound, for_the_phone, mulaw
from ivr.prompts.texts import FOLDER, LanguageTexts, Voice, languages

Speak = Callable[[str, int], Sound]


def ship(language: LanguageTexts, speak: Speak) -> int:
    """Speaks what has no recording yet, deletes what no text asks for any more."""
    wanted = {shipped_path(text, voice): (text, speaker) for text, voice, speaker in _spoken(language)}
    missing = {path: spoken for path, spoken in wanted.items() if not path.exists()}
    for path, (text, speaker) in missing.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(mulaw(for_the_phone(speak(text, speaker)).samples))
    for path in (FOLDER / "shipped" / language.code).glob("*.ulaw"):
        if path not in wanted:
            path.unlink()
    return len(missing)


def _spoken(language: LanguageTexts) -> list[tuple[str, Voice, int]]:
    return [
        (text, voice, voice.kokoro)
        for name, text in language.prompts.items()
        if (voice := language.voices[name]).language == language.code and voice.kokoro is not None
    ]


def kokoro(folder: Path) -> Speak:
    # Not imported at the top: the extra is there for this program alone.
    from sherpa_onnx import (  # noqa: PLC0415
        OfflineTts,
        OfflineTtsConfig,
        OfflineTtsKokoroModelConfig,
        OfflineTtsModelConfig,
    )

    model = OfflineTtsKokoroModelConfig(
        model=str(folder / "model.int8.onnx"),
        voices=str(folder / "voices.bin"),
        tokens=str(folder / "tokens.txt"),
        data_dir=str(folder / "espeak-ng-data"),
    )
    engine = OfflineTts(OfflineTtsConfig(model=OfflineTtsModelConfig(kokoro=model, num_threads=2)))

    def speak(text: str, speaker: int) -> Sound:
        spoken = engine.generate(text, sid=speaker, speed=SPEED)
        return Sound(np.asarray(spoken.samples, np.float64), spoken.sample_rate)

    return speak


if __name__ == "__main__":
    voice = kokoro(Path(sys.argv[1]))
    for each in languages():
        sys.stdout.write(f"{each.code}: {ship(each, voice)} spoken\n")
