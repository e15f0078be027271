"""Makes every prompt as Asterisk plays it: from the site's own recording, else the shipped one, else by espeak-ng."""

import json
import os
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ivr.prompts.checks import lengths, too_long
from ivr.prompts.espeak import speak
from ivr.prompts.shipped import shipped, shipped_path
from ivr.prompts.sound import Sound, for_the_phone, is_silent, with_short_pauses
from ivr.prompts.texts import LanguageTexts, Voice
from ivr.prompts.wav import BadRecording, read_wav, write_wav
from models.words import Language, Prompt

# Part of every fingerprint: counting it up makes all prompts anew.
MAKER = 1

Progress = Callable[[float, float], None]

_FINGERPRINTS = TypeAdapter(dict[str, str])


@dataclass(frozen=True, slots=True)
class Made:
    """How many prompts were made and kept, and what is wrong with some of them."""

    made: int
    kept: int
    complaints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One prompt in one language, and what it can be made from."""

    language: Language
    prompt: Prompt
    text: str
    voice: Voice
    own: Path | None

    @property
    def name(self) -> str:
        return f"{self.language}/{self.prompt}"

    def file(self, out: Path) -> Path:
        return out / f"{self.name}.wav"

    def fingerprint(self) -> str:
        """Changes whenever the prompt would sound different."""
        own = sha256(self.own.read_bytes()).hexdigest() if self.own else None
        is_shipped = shipped_path(self.text, self.voice).exists()
        return sha256(repr((MAKER, self.text, self.voice, own, is_shipped)).encode()).hexdigest()


def make(
    languages: Sequence[LanguageTexts],
    out: Path,
    *,
    espeak: Sequence[str],
    own: Path | None = None,
    progress: Progress,
) -> Made:
    """Only what changed is made again; ``own`` is a site's folder of recordings, ``<language>/<prompt>.wav``."""
    before = _manifest(out)
    all_wanted = [wanted for language in languages for wanted in _all_of(language, own)]
    now: dict[str, str] = {}
    complaints: list[str] = []
    made = 0
    for number, wanted in enumerate(all_wanted):
        progress(number, len(all_wanted))
        fingerprint = wanted.fingerprint()
        if before.get(wanted.name) != fingerprint or not wanted.file(out).exists():
            made += 1
            complaint = _make(wanted, wanted.file(out), espeak)
            if complaint:
                # Without a fingerprint it is tried, and complained about, each time.
                complaints.append(complaint)
                continue
        now[wanted.name] = fingerprint
    _forget(out, before.keys() - {wanted.name for wanted in all_wanted})
    unfinished = _manifest_file(out).with_suffix(f".{os.getpid()}.unfinished")
    unfinished.write_text(json.dumps(now, indent=1, sort_keys=True), encoding="utf-8")
    unfinished.replace(_manifest_file(out))
    for language in languages:
        complaints += _too_long(language.code, out)
    return Made(made, len(all_wanted) - made, tuple(complaints))


def _all_of(language: LanguageTexts, own: Path | None) -> list[_Wanted]:
    return [
        _Wanted(language.code, prompt, text, language.voices[prompt], _own_recording(own, language.code, prompt))
        for prompt, text in language.prompts.items()
    ]


def _own_recording(own: Path | None, language: Language, prompt: Prompt) -> Path | None:
    path = own / language / f"{prompt}.wav" if own else None
    return path if path and path.exists() else None


def _make(wanted: _Wanted, path: Path, espeak: Sequence[str]) -> str | None:
    """What is wrong with the site's recording, when another voice had to speak instead."""
    complaint = None
    sound: Sound | None = None
    if wanted.own:
        try:
            sound = for_the_phone(_recorded(wanted.own))
        except BadRecording as error:
            complaint = str(error)
    sound = sound or shipped(wanted.text, wanted.voice) or _spoken(wanted, espeak)
    write_wav(path, sound.samples)
    return complaint


def _recorded(path: Path) -> Sound:
    sound = read_wav(path)
    if is_silent(sound):
        raise BadRecording(str(path), "it is silent")
    return sound


def _spoken(wanted: _Wanted, espeak: Sequence[str]) -> Sound:
    """espeak-ng pauses long after every sentence, which breathing needs and a prompt with a limit may not afford."""
    sound = for_the_phone(speak(espeak, wanted.text, wanted.voice))
    if too_long(wanted.prompt, sound.seconds):
        return Sound(with_short_pauses(sound.samples), sound.rate)
    return sound


def _too_long(language: Language, out: Path) -> list[str]:
    found = sorted(lengths(out / language).items())
    return [f"{language}/{name} {complaint}" for name, seconds in found if (complaint := too_long(name, seconds))]


def _forget(out: Path, names: AbstractSet[str]) -> None:
    for name in names:
        (out / f"{name}.wav").unlink(missing_ok=True)


def _manifest(out: Path) -> dict[str, str]:
    try:
        return _FINGERPRINTS.validate_json(_manifest_file(out).read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}  # everything is made again


def _manifest_file(out: Path) -> Path:
    return out / "manifest.json"
