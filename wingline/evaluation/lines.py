"""What is evaluated: calls as lines of JSON, with what should have been heard in them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from models.dangers import Danger
from models.errors import AskersFault

# A calm speaker on a telephone.
WORDS_A_MINUTE = 150


class BadLine(AskersFault):
    def __init__(self, file: Path, number: int, why: str) -> None:
        super().__init__(f"{file}, line {number}: {why}; see docs/evaluation.md for the format")


# A line that is known, and why it is bad.
Bad = Callable[[str], BadLine]


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
    return [_line(entry, number, bad) for number, entry, bad in _entries(file)]


def read_recordings(folder: Path) -> list[Line]:
    """The lines of refs.jsonl, each of which has to name its recording."""
    file = folder / "refs.jsonl"
    lines: list[Line] = []
    for number, entry, bad in _entries(file):
        line = _line(entry, number, bad)
        if not (isinstance(entry.get("file"), str) and line.file):
            raise bad("`file` is missing: the name of the recording in the same folder")
        lines.append(line)
    if not lines:
        raise AskersFault(f"{file} lists no recordings; write a line for each, see docs/evaluation.md for the format")
    return lines


def _entries(file: Path) -> Iterator[tuple[int, Any, Bad]]:
    """What each line holds, with its number and what to raise when it is bad."""
    # JSON may hold U+2028 and other ends of lines as they are: splitlines() would cut it there.
    for number, line in enumerate(_text_of(file).split("\n"), 1):
        if line.strip():
            bad = partial(BadLine, file, number)
            yield number, _entry(line, bad), bad


def _text_of(file: Path) -> str:
    """Some programs put a byte order mark before UTF-8; it is no part of the first line."""
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise AskersFault(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise BadLine(file, number, "not UTF-8; save it as UTF-8") from error


def _entry(line: str, bad: Bad) -> Any:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise bad("not JSON") from error
    try:
        json.dumps(entry, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise bad("half of a character (\\ud800 to \\udfff) without the other; complete it or leave it out") from error
    return entry


def _line(entry: Any, number: int, bad: Bad) -> Line:
    match entry:
        case {"said": [*said]} if all(isinstance(one, str) for one in said):
            pass
        case {"text": str(text)}:
            said = [text]
        case _:
            raise bad("neither `said` (a list of utterances) nor `text` is there")
    names = (entry.get("id"), entry.get("file"), number)
    name = next(str(one) for one in names if one is not None and one != "")
    return Line(name, tuple(said), _expected(entry, bad), str(entry.get("voice", "")), str(entry.get("file", "")))


def _expected(entry: dict[str, Any], bad: Bad) -> frozenset[Danger] | None:
    if "expect" not in entry:
        raise bad("`expect` is missing: kinds, [] for none, null for not known")
    kinds = entry["expect"]
    if kinds is None:
        return None
    if not isinstance(kinds, list):
        raise bad("`expect` is not a list: kinds, [] for none, null for not known")
    try:
        return frozenset(Danger(kind) for kind in kinds)
    except (ValueError, TypeError) as error:
        raise bad(f"`expect` names no kind of danger; there are {', '.join(Danger)}") from error
