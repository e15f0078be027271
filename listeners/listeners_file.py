"""A CSV file of a scheme's Listeners (docs/listeners-file.md): what its rows mean, and all that is wrong in them."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from typing import TypeVar

from listeners.apart import PRISON_NUMBER
from listeners.csv_file import BadCell, BadFile, Known, Row, read_rows
from listeners.journey import Module
from listeners.tags import Tag
from models.words import CellId, Standing, StandingReason

T = TypeVar("T")

COLUMNS = ("code_name", "cell", "languages", "standing", "certified_from", "certified_until", "experienced")
# An empty cell in one of these leaves what is known.
OPTIONAL = ("tags", "weekly_minutes", "modules", "shadowed", "trained_on", "why")
_OF_A_PERSON = re.compile(
    "name|surname|forename|prison|prisoner|noms|nomis|offender|number|no|dob|birth|born|crn|pnc|offence|sentence"
)
_CODE_NAME = re.compile(r"[^\W\d_][\w' -]{0,39}")
_LANGUAGE = re.compile("[a-z]{2,3}")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_A_WEEK = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class WrongCell:
    """``row`` is as a spreadsheet counts them: the names of the columns are row 1."""

    row: int
    column: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One right row; None is what the row leaves as it is."""

    row: int
    code_name: str
    cell: CellId | None
    languages: tuple[str, ...]
    standing: Standing
    certified_from: datetime | None
    certified_until: datetime | None
    experienced: bool
    tags: tuple[Tag, ...] | None
    weekly_minutes: int | None
    modules: tuple[Module, ...]
    shadowed: int | None
    trained_on: datetime | None
    why: StandingReason | None


@dataclass(slots=True)
class _Cells:
    """Reads one cell after the other, and remembers what is wrong instead of stopping there."""

    row: Row
    wrong: list[WrongCell] = field(default_factory=list)

    def read(self, column: str, meaning: Callable[[Row, str], T], otherwise: T) -> T:
        try:
            _refuse_a_prison_number(self.row, column)
            return meaning(self.row, column)
        except BadCell as error:
            self.complain(column, str(error).removeprefix(f"{column}: "))
            return otherwise

    def read_if_any(self, column: str, meaning: Callable[[Row, str], T]) -> T | None:
        return self.read(column, meaning, None) if self.row.text(column) else None

    def complain(self, column: str, advice: str) -> None:
        self.wrong.append(WrongCell(self.row.number, column, advice))


def read_listeners(text: str, known: Known, *, now: datetime) -> tuple[Sequence[Entry], Sequence[WrongCell]]:
    """The right rows, and every wrong cell of the others. BadFile when a column must not be there."""
    rows = read_rows(text, lambda row: row, columns=COLUMNS, optional=OPTIONAL).right
    _refuse_columns(text)
    right: list[Entry] = []
    wrong: list[WrongCell] = []
    first: dict[str, int] = {}
    for _, row in rows:
        cells = _Cells(row)
        entry = _entry(cells, known)
        same = first.setdefault(entry.code_name.casefold(), row.number)
        if entry.code_name and same != row.number:
            cells.complain("code_name", f"row {same} has this code name already; leave one of the two rows")
        unreadable = {one.column for one in cells.wrong}
        for column, advice in _contradictions(entry, now):
            if column not in unreadable:
                cells.complain(column, advice)
        wrong += cells.wrong
        if not cells.wrong:
            right.append(entry)
    return right, wrong


def _refuse_a_prison_number(row: Row, column: str) -> None:
    if PRISON_NUMBER.search(row.text(column).upper()):
        raise BadCell(column, "a prison number does not belong in here; write what docs/listeners-file.md says")


def _refuse_columns(text: str) -> None:
    """Nothing about a person is read, not even by mistake; and a misspelt column is not lost in silence."""
    header = next(csv.reader(StringIO(text, newline="")), [])
    for number, name in enumerate(header, start=1):
        known = name.strip().casefold()
        # Spreadsheets like to add empty columns.
        if known in {"", *COLUMNS, *OPTIONAL}:
            continue
        words = re.split(r"[\W_]+", known)
        if any(_OF_A_PERSON.fullmatch(word) for word in [*words, "".join(words)]):
            raise BadFile(f"column {number} is for a person's name or number; take it out: a Listener has a code name")
        raise BadFile(f"there is no place for column {number}; the columns can be {', '.join((*COLUMNS, *OPTIONAL))}")


def _entry(cells: _Cells, known: Known) -> Entry:
    return Entry(
        row=cells.row.number,
        code_name=cells.read("code_name", _code_name, ""),
        cell=cells.read("cell", _cell(known), None),
        languages=cells.read("languages", _languages, ()),
        standing=cells.read("standing", lambda row, column: row.word(column, Standing), Standing.APPLIED),
        certified_from=cells.read_if_any("certified_from", known.moment),
        certified_until=cells.read_if_any("certified_until", known.last_moment),
        experienced=cells.read("experienced", _yes, otherwise=False),
        tags=cells.read_if_any("tags", _tags),
        weekly_minutes=cells.read_if_any("weekly_minutes", _number(_A_WEEK)),
        modules=cells.read_if_any("modules", _modules) or (),
        shadowed=cells.read_if_any("shadowed", _number(1000)),
        trained_on=cells.read_if_any("trained_on", known.moment),
        why=cells.read_if_any("why", lambda row, column: row.word(column, StandingReason)),
    )


def _contradictions(entry: Entry, now: datetime) -> Iterator[tuple[str, str]]:
    begins, ends = entry.certified_from, entry.certified_until
    if ends and begins is None:
        yield "certified_from", "a certificate needs a first day as well"
    elif begins and ends and ends <= begins:
        yield "certified_until", "it must not be before certified_from"
    elif entry.standing is Standing.CERTIFIED:
        if begins is None:
            yield "certified_from", "write the first day of the certificate"
        elif ends and ends <= now:
            yield "certified_until", "this certificate is over: write the new last day, or lapsed as the standing"
    if entry.trained_on and entry.trained_on > now:
        yield "trained_on", "it must not be in the future"


def _code_name(row: Row, column: str) -> str:
    name = row.text(column)
    if not _CODE_NAME.fullmatch(name):
        raise BadCell(column, "write a code name of at most 40 letters, digits, spaces and hyphens; a letter first")
    return name


def _cell(known: Known) -> Callable[[Row, str], CellId | None]:
    def read(row: Row, column: str) -> CellId | None:
        gone = row.text("standing").casefold() == Standing.LEFT and not row.text(column)
        return None if gone else known.cell(row, column)

    return read


def _languages(row: Row, column: str) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(_words(row, column)))
    if not codes or not all(_LANGUAGE.fullmatch(code) for code in codes):
        raise BadCell(column, "write codes such as en cy, with spaces between them")
    return codes


def _yes(row: Row, column: str) -> bool:
    found = _YES.get(row.text(column).casefold())
    if found is None:
        raise BadCell(column, "write yes or no")
    return found


def _tags(row: Row, column: str) -> tuple[Tag, ...]:
    return _all_of(Tag, _words(row, column), BadCell(column, f"write some of {', '.join(Tag)}, or nothing"))


def _modules(row: Row, column: str) -> tuple[Module, ...]:
    numbers = [f"module_{word}" for word in _words(row, column)]
    return _all_of(Module, numbers, BadCell(column, "write the numbers of those that are done, such as 1 2 3, up to 8"))


def _number(most: int) -> Callable[[Row, str], int]:
    def read(row: Row, column: str) -> int:
        digits = row.text(column)
        if not (digits.isascii() and digits.isdigit() and len(digits) < 9 and int(digits) <= most):
            raise BadCell(column, f"write a number up to {most}, or nothing")
        return int(digits)

    return read


Chosen = TypeVar("Chosen", Tag, Module)


def _all_of(kind: type[Chosen], words: Iterable[str], otherwise: BadCell) -> tuple[Chosen, ...]:
    try:
        return tuple(kind(word) for word in words)
    except ValueError as error:
        raise otherwise from error


def _words(row: Row, column: str) -> list[str]:
    return row.text(column).casefold().split()
