"""What the recognisers made of statements that were spoken through a telephone: heard.tsv, by corpus.mishear."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("heard.tsv")
BETWEEN = " / "


@dataclass(frozen=True, slots=True)
class Heard:
    """One statement of an author that is learnt from, and each recogniser's utterances; some are lost whole."""

    author: str
    # As in the author's file: kinds, or -why.
    label: str
    said: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]

    def row(self) -> str:
        return "\t".join((self.author, self.label, *map(BETWEEN.join, (self.said, self.first, self.second))))


@cache
def all_heard() -> tuple[Heard, ...]:
    return tuple(_read()) if TABLE.exists() else ()


def _read() -> Iterator[Heard]:
    for line in TABLE.read_text("utf-8").splitlines():
        author, label, said, first, second = line.split("\t")
        yield Heard(author, label, *(tuple(part.split(BETWEEN)) for part in (said, first, second)))
