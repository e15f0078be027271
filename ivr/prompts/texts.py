"""The texts of all prompts, one TOML file a language; English is the one that must be whole."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from models.errors import AskersFault
from models.words import Language, Prompt

FOLDER = Path(__file__).parent
ENGLISH = Language("en")

_log = structlog.get_logger()


class BadPromptFile(AskersFault):
    def __init__(self, file: str, complaint: str) -> None:
        super().__init__(f"prompts {file}: {complaint}")


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks a language when nobody has recorded it: espeak-ng, and Kokoro for what is shipped."""

    language: Language
    espeak: str
    speed: int
    kokoro: int | None


@dataclass(frozen=True, slots=True)
class LanguageTexts:
    """One language: every prompt has a text and a voice, in English where the file has none.

    ``heard``: whether the speech model and its rules understand it; who chooses another one is never listened to.
    """

    code: Language
    name: str
    checked: bool
    heard: bool
    prompts: Mapping[Prompt, str]
    voices: Mapping[Prompt, Voice]


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    code: Language
    checked: bool
    heard: bool
    espeak: str
    speed: int
    kokoro: int | None = None

    def voice(self) -> Voice:
        return Voice(self.code, self.espeak, self.speed, self.kokoro)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    language: _Head
    prompts: dict[Prompt, str]


def languages(folder: Path = FOLDER) -> list[LanguageTexts]:
    """English first, then the others by code."""
    english = _read(folder / f"{ENGLISH}.toml")
    others = [_read(path) for path in sorted(folder.glob("*.toml")) if path.stem != ENGLISH]
    return [_whole(file, english) for file in (english, *others)]


def _read(path: Path) -> _File:
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise BadPromptFile(path.name, str(error)) from error
    if file.language.code != path.stem:
        raise BadPromptFile(path.name, f"its code is {file.language.code!r}; it must be the file's name")
    return file


def _whole(file: _File, english: _File) -> LanguageTexts:
    head = file.language
    if unknown := file.prompts.keys() - english.prompts.keys():
        raise BadPromptFile(f"{head.code}.toml", f"English has no {', '.join(sorted(unknown))}")
    if missing := english.prompts.keys() - file.prompts.keys():
        _log.warning("prompts.missing", language=head.code, prompts=sorted(missing))
    return LanguageTexts(
        code=head.code,
        name=head.name,
        checked=head.checked,
        heard=head.heard,
        prompts={name: file.prompts.get(name, text) for name, text in english.prompts.items()},
        voices={name: (file if name in file.prompts else english).language.voice() for name in english.prompts},
    )
