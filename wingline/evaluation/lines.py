"""What is evaluated: calls as lines of JSON, with what should have been heard in them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.dangers import Danger
from models.errors import AskersFault

# A calm speaker on a telephone.
WORDS_A_MINUTE = 150


class BadLine(AskersFault):
    def __init__(self, file: Path, number: int, why: str) -> None:
        super().__init__(f"{file}, line {number}: {why}; see docs/evaluation.md for the format")


@dataclass(frozen=True, slots=True)
class Line:
    """One call; `expect` is None where nobody said what is in it, and empty where nothing is."""

    id: str
    said: tuple[str, ...] = field(repr=False)
    expect: frozenset[Danger] | None
    voice: str = ""
    file: str = ""

    @property
    def minutes(self) -> float:
        return sum(len(one.split()) for one in self.said) / WORDS_A_MINUTE


def read_lines(file: Path) -> list[Line]:
    """`{"id", "said": [...] or "text": "...", "expect": [kinds] | [] | null, "voice"?, "file"?}` a line."""
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise AskersFault(f"{file} cannot be read: {error.strerror}") from error
    return list(_lines(file, text))


def _lines(file: Path, text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise BadLine(file, number, "not JSON") from error
        yield _line(file, number, entry)


def _line(file: Path, number: int, entry: Any) -> Line:
    match entry:
        case {"said": [*said]} if all(isinstance(one, str) for one in said):
            pass
        case {"text": str(text)}:
            said = [text]
        case _:
            raise BadLine(file, number, "neither `said` (a list of utterances) nor `text` is there")
    if "expect" not in entry:
        raise BadLine(file, number, "`expect` is missing: kinds, [] for none, null for not known")
    try:
        expect = None if entry["expect"] is None else frozenset(Danger(kind) for kind in entry["expect"])
    except (ValueError, TypeError) as error:
        raise BadLine(file, number, f"`expect` names no kind of danger; there are {', '.join(Danger)}") from error
    name = str(entry.get("id") or entry.get("file") or number)
    return Line(name, tuple(said), expect, str(entry.get("voice", "")), str(entry.get("file", "")))
