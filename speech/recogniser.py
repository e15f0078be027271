"""The recogniser as a small port, and Vosk behind it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

import vosk

from models.errors import AskersFault

SAMPLE_RATE = 16_000


class ModelMissing(AskersFault):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"no Vosk model in {folder}; run `make demo` or `wingline up`, or set WINGLINE_VOSK_MODEL")


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of the utterance so far, and whether the recogniser has settled on them."""

    words: str = field(repr=False)
    settled: bool


class Recogniser(Protocol):
    """Hears one call. Used by one thread at a time (vosk-api issue 606)."""

    def hear(self, pcm: bytes) -> Heard: ...

    def finish(self) -> Heard: ...


NewRecogniser: TypeAlias = Callable[[], Recogniser]
NewDetector: TypeAlias = Callable[[], Callable[[bytes], bool]]


class VoskRecogniser:
    """A Kaldi recogniser of its own on the shared model."""

    def __init__(self, model: vosk.Model) -> None:
        self._kaldi = vosk.KaldiRecognizer(model, SAMPLE_RATE)

    def hear(self, pcm: bytes) -> Heard:
        if self._kaldi.AcceptWaveform(pcm):
            return Heard(json.loads(self._kaldi.Result())["text"], settled=True)
        return Heard(json.loads(self._kaldi.PartialResult())["partial"], settled=False)

    def finish(self) -> Heard:
        return Heard(json.loads(self._kaldi.FinalResult())["text"], settled=True)


def load(folder: Path) -> NewRecogniser:
    """The model is loaded once, about a second, and shared by every call."""
    if not (folder / "am" / "final.mdl").is_file():
        raise ModelMissing(folder)
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(folder))
    return lambda: VoskRecogniser(model)
