"""Wings and their cells as a CSV file: one row for each cell, which has a phone of its own."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from console.language import _
from console.set_up.edits import WingSaid
from listeners.csv_file import BadCell, Row, WrongRow, read_rows

COLUMNS = ("wing", "cell")
OPTIONAL = ("name", "backup")
LETTER = re.compile("[A-Z]")
LONGEST, LONGEST_NAME = 20, 40


@dataclass(frozen=True, slots=True)
class _CellRow:
    letter: str
    name: str
    backup: str
    cell: str


@dataclass(frozen=True, slots=True)
class WingsRead:
    """What the right rows say, and what is wrong with the others."""

    wings: tuple[WingSaid, ...]
    wrong: tuple[WrongRow, ...]


def read_wings(text: str) -> WingsRead:
    """BadFile when the file is none of ours. Name and backup may stand in the first row of a wing alone."""
    read = read_rows(text, _cell_row, columns=COLUMNS, optional=OPTIONAL)
    rows = dict(read.right)
    wrong = [*read.wrong, *_twice(rows), *_two_names(rows)]
    bad = {one.row for one in wrong}
    right = [row for number, row in rows.items() if number not in bad]
    letters = dict.fromkeys(row.letter for row in right)
    wings = tuple(_wing(letter, [row for row in right if row.letter == letter]) for letter in letters)
    return WingsRead(wings, tuple(sorted(wrong, key=lambda one: one.row)))


def as_csv(wings: Sequence[WingSaid]) -> str:
    file = StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("wing", "name", "backup", "cell"))
    for wing in wings:
        writer.writerows((wing.letter, wing.name, wing.backup, cell) for cell in wing.cells)
    return file.getvalue()


def _cell_row(row: Row) -> _CellRow:
    letter, backup, cell = row.text("wing").upper(), row.text("backup").upper(), row.text("cell")
    if not LETTER.fullmatch(letter):
        raise BadCell("wing", _("write one letter, from A to Z"))
    if backup and not LETTER.fullmatch(backup):
        raise BadCell("backup", _("write the letter of another wing, or nothing"))
    if not cell or len(cell) > LONGEST:
        raise BadCell(
            "cell", _("write where the cell is, such as A-1-001, with at most %(count)s letters", count=LONGEST)
        )
    if len(row.text("name")) > LONGEST_NAME:
        raise BadCell("name", _("write at most %(count)s letters", count=LONGEST_NAME))
    return _CellRow(letter, row.text("name"), backup, cell)


def _twice(rows: dict[int, _CellRow]) -> list[WrongRow]:
    first: dict[str, int] = {}
    wrong = []
    for number, row in rows.items():
        if row.cell in first:
            wrong.append(WrongRow(number, _("cell: it stands in row %(row)s already; keep one", row=first[row.cell])))
        first.setdefault(row.cell, number)
    return wrong


def _two_names(rows: dict[int, _CellRow]) -> list[WrongRow]:
    """The rows of a wing say the same of it, or nothing."""
    said: dict[tuple[str, str], str] = {}
    wrong = []
    for number, row in rows.items():
        for column, value in (("name", row.name), ("backup", row.backup)):
            if value and said.setdefault((row.letter, column), value) != value:
                wrong.append(
                    WrongRow(
                        number, _("%(column)s: an earlier row says another one of this wing; write one", column=column)
                    )
                )
    return wrong


def _wing(letter: str, rows: Sequence[_CellRow]) -> WingSaid:
    name = next((row.name for row in rows if row.name), letter)
    backup = next((row.backup for row in rows if row.backup), "")
    return WingSaid(letter, name, backup, tuple(row.cell for row in rows))
