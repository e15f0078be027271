"""A CSV file from an office of the prison: its rows, and in words what is wrong with one."""

import csv
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from io import StringIO
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from models.errors import AskersFault
from models.words import CellId, ListenerId
from rota.local_time import instant

T = TypeVar("T")
Given = TypeVar("Given")
Word = TypeVar("Word", bound=StrEnum)

MOST_BYTES = 1_000_000
# HMPPS puts the prison before a location ("MDI-1-2-003"); a site's own file need not.
PRISON_FIRST = re.compile("^[a-z]{3}-")


class BadFile(AskersFault):
    def __init__(self, complaint: str) -> None:
        super().__init__(f"this file cannot be read: {complaint}")


class BadCell(AskersFault):
    """Says the column and what to write there, and never what stands there."""

    def __init__(self, column: str, advice: str) -> None:
        super().__init__(f"{column}: {advice}")


@dataclass(frozen=True, slots=True)
class WrongRow:
    """``row`` is as a spreadsheet counts them: the names of the columns are row 1."""

    row: int
    advice: str


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    cells: Mapping[str, str] = field(repr=False)

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def word(self, column: str, words: type[Word]) -> Word:
        """One of a fixed list, in small or capital letters."""
        written = self.text(column).casefold().replace(" ", "_")
        found = next((word for word in words if word.value.casefold() == written), None)
        if found is None:
            raise BadCell(column, f"write one of {', '.join(words)}")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the rows are read against; names and locations are looked up in small letters."""

    listeners: Mapping[str, ListenerId]
    cells: Mapping[str, CellId]
    zone: ZoneInfo

    def listener(self, row: Row, column: str) -> ListenerId:
        found = self.listeners.get(row.text(column).casefold())
        if found is None:
            raise BadCell(column, "there is no Listener with this code name at this site; correct it")
        return found

    def cell(self, row: Row, column: str) -> CellId:
        location = row.text(column).casefold()
        found = self.cells.get(location) or self.cells.get(PRISON_FIRST.sub("", location))
        if found is None:
            raise BadCell(column, "there is no such cell at this site; correct it, or add it to the site file")
        return found

    def moment(self, row: Row, column: str) -> datetime:
        """Without an offset it is local time; a date alone is the beginning of that day."""
        return self._moment(row, column, timedelta())

    def last_moment(self, row: Row, column: str) -> datetime | None:
        """A date alone includes the whole day."""
        return self._moment(row, column, timedelta(days=1)) if row.text(column) else None

    def _moment(self, row: Row, column: str, of_a_date: timedelta) -> datetime:
        try:
            return _instant(row.text(column), of_a_date, self.zone)
        except (ValueError, OverflowError) as error:
            raise BadCell(column, "write a time as 2026-12-01T14:30, or a date as 2026-12-01") from error


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What the right rows mean, by their numbers, and the others."""

    right: tuple[tuple[int, T], ...]
    wrong: tuple[WrongRow, ...]


def decoded(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise BadFile(f"it is larger than {MOST_BYTES // 1000} kB; split it")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile("it is not UTF-8; save it again as “CSV UTF-8”") from error


def read_rows(text: str, meaning: Callable[[Row], T], *, columns: Sequence[str], optional: Sequence[str]) -> Read[T]:
    return read_each(((row.number, row) for row in _rows(text, columns, optional)), meaning)


def read_each(rows: Iterable[tuple[int, Given]], meaning: Callable[[Given], T]) -> Read[T]:
    """Rows by their numbers; ``meaning`` raises BadCell for what is wrong with one."""
    right: list[tuple[int, T]] = []
    wrong: list[WrongRow] = []
    for number, row in rows:
        try:
            right.append((number, meaning(row)))
        except BadCell as error:
            wrong.append(WrongRow(number, str(error)))
    return Read(tuple(right), tuple(wrong))


def only_rows(text: str, numbers: Collection[int]) -> str:
    """The same file with these rows alone, so that they can be corrected and sent again."""
    kept = StringIO(newline="")
    lines = enumerate(_lines(text), start=1)
    csv.writer(kept, lineterminator="\n").writerows(
        cells for number, cells in lines if number == 1 or number in numbers
    )
    return kept.getvalue()


def _lines(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise BadFile("it is not CSV: look for a quotation mark that is not closed") from error


def _rows(text: str, columns: Sequence[str], optional: Sequence[str]) -> list[Row]:
    lines = _lines(text)
    names = [name.strip().casefold() for name in lines[0]] if lines else []
    if missing := [column for column in columns if column not in names]:
        raise BadFile(f"its first row must name the columns, with commas between them; missing: {', '.join(missing)}")
    # Of a column that we do not know nothing is kept, not even in memory.
    wanted = [(number, name) for number, name in enumerate(names) if name in {*columns, *optional}]
    return [
        Row(number, {name: cells[at].strip() if at < len(cells) else "" for at, name in wanted})
        for number, cells in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]


def _instant(written: str, of_a_date: timedelta, zone: ZoneInfo) -> datetime:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        return instant(moment.date(), moment.time(), zone)
    return instant(day + of_a_date, time(), zone)
