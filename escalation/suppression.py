"""Small counts are not published, nor anything from which they could be got back (domain.md 5.1, 6 layer 8).

Counts from 1 to 4 are hidden; 0 stays. A hidden cell next to a published total could be got back by subtracting, so
others are hidden with it, until whoever has all that is published, and knows that hidden cells are no zeros, learns
nothing of a small cell but that it is small, and cannot say what any other hidden cell is. CP-SAT is that reader.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ortools.sat.python import cp_model

from models.errors import OurFault

SMALLEST_SHOWN = 5
SMALL = range(1, SMALLEST_SHOWN)
ALL = "all"


class Cell(NamedTuple):
    table: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class Sum:
    """What every reader knows: the parts add up to the total."""

    total: Cell
    parts: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """A table before anything is hidden; rows and columns add up where there is more than one."""

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    inner: Mapping[tuple[str, str], int]

    @property
    def all_rows(self) -> tuple[str, ...]:
        return (*self.rows, ALL) if len(self.rows) > 1 else self.rows

    @property
    def all_columns(self) -> tuple[str, ...]:
        return (*self.columns, ALL) if len(self.columns) > 1 else self.columns

    def values(self) -> Mapping[Cell, int]:
        return {
            Cell(self.name, row, column): sum(
                self.inner.get((r, c), 0)
                for r in (self.rows if row == ALL else (row,))
                for c in (self.columns if column == ALL else (column,))
            )
            for row in self.all_rows
            for column in self.all_columns
        }

    def sums(self) -> Iterator[Sum]:
        if ALL in self.all_rows:
            for column in self.all_columns:
                parts = tuple(Cell(self.name, row, column) for row in self.rows)
                yield Sum(Cell(self.name, ALL, column), parts)
        if ALL in self.all_columns:
            for row in self.all_rows:
                parts = tuple(Cell(self.name, row, column) for column in self.columns)
                yield Sum(Cell(self.name, row, ALL), parts)


# What may be published: None is hidden.
Published = Mapping[Cell, int | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What every reader has already: cells that stay as they were published, and how they add up, with new ones too."""

    values: Mapping[Cell, int]
    shown: Published
    sums: tuple[Sum, ...]


NOTHING_KNOWN = Known({}, {}, ())


class CannotHide(OurFault):
    def __init__(self, cell: Cell) -> None:
        super().__init__(f"{cell} could still be got back with everything around it hidden")


def published(
    tables: Sequence[Counts], *, follows: Mapping[Cell, Cell] | None = None, known: Known = NOTHING_KNOWN
) -> Published:
    """``follows``: a cell that is about as large as another, and so is hidden whenever that is."""
    new = {cell: value for table in tables for cell, value in table.values().items()}
    sums = [*(one for table in tables for one in table.sums()), *known.sums]
    hidden = _hidden({**new, **known.values}, sums, follows or {}, known)
    return {cell: None if cell in hidden else value for cell, value in new.items()}


def _hidden(values: Mapping[Cell, int], sums: Sequence[Sum], follows: Mapping[Cell, Cell], known: Known) -> set[Cell]:
    before = {cell for cell, shown in known.shown.items() if shown is None}
    hidden = before | {cell for cell, value in values.items() if value in SMALL and cell not in known.values}
    fixed = _known_anyway(before, values, sums, known)
    unsure = sorted(hidden)
    while unsure:
        cell = unsure.pop()
        # What is safe stays safe: to hide more never tells more.
        while not _is_safe(cell, hidden, values, sums):
            more = _to_hide_with(cell, hidden, values, sums, fixed)
            hidden.add(more)
            unsure.append(more)
        if not unsure:
            unsure = [one for one, other in follows.items() if other in hidden and one not in hidden and values[one]]
            hidden.update(unsure)
    return hidden


def _known_anyway(before: set[Cell], values: Mapping[Cell, int], sums: Sequence[Sum], known: Known) -> set[Cell]:
    """What was published, and what follows from it whatever is hidden now: to hide that would help nobody."""
    new = {cell for cell, value in values.items() if value and cell not in known.values} if known.values else set()
    follow = {cell for cell in new if values[cell] not in SMALL and not _is_safe(cell, before | new, values, sums)}
    return {*known.values, *follow}


def _to_hide_with(
    cell: Cell, hidden: set[Cell], values: Mapping[Cell, int], sums: Sequence[Sum], fixed: set[Cell]
) -> Cell:
    """Where the fewest are hidden, the smallest; a total only when nothing else is left there."""
    by_what_they_tell = sorted(sums, key=lambda one: (len(hidden.intersection(_cells(one))), cell not in _cells(one)))
    for one in by_what_they_tell:
        left = [each for each in _cells(one) if values[each] and each not in hidden and each not in fixed]
        if left and hidden.intersection(_cells(one)):
            return min(left, key=lambda each: (each == one.total, ALL in each, values[each], each))
    raise CannotHide(cell)


def _cells(one: Sum) -> tuple[Cell, ...]:
    return (*one.parts, one.total)


def _is_safe(cell: Cell, hidden: set[Cell], values: Mapping[Cell, int], sums: Sequence[Sum]) -> bool:
    if values[cell] in SMALL:
        everything = {each for each, value in values.items() if value}
        # A total of two that are no zeros is not 1, whatever is hidden.
        others = [value for value in SMALL if _could_be(cell, value, everything, values, sums)]
        return all(_could_be(cell, value, hidden, values, sums) for value in others)
    return any(_could_be(cell, values[cell] + by, hidden, values, sums) for by in (-1, 1))


def _could_be(cell: Cell, value: int, hidden: set[Cell], values: Mapping[Cell, int], sums: Sequence[Sum]) -> bool:
    """Whether everything that is published allows this value."""
    model = cp_model.CpModel()
    most = 2 * max(values.values()) + len(values) * SMALLEST_SHOWN
    near, sums_near = _that_depend_on(cell, hidden, sums)
    numbers = {each: model.new_int_var(1, most, "") for each in near}
    for one in sums_near:
        shown = sum(values[part] for part in one.parts if part not in near)
        parts = cp_model.LinearExpr.sum([numbers[part] for part in one.parts if part in near])
        model.add(parts + shown == (numbers[one.total] if one.total in near else values[one.total]))
    model.add(numbers[cell] == value)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    return solver.solve(model) in {cp_model.OPTIMAL, cp_model.FEASIBLE}


def _that_depend_on(cell: Cell, hidden: set[Cell], sums: Sequence[Sum]) -> tuple[set[Cell], list[Sum]]:
    """The hidden cells of which it depends what this one may be, and the sums that they are in."""
    near, sums_near = {cell}, list[Sum]()
    left = [(one, cells) for one in sums if (cells := hidden.intersection(_cells(one)))]
    while found := [(one, cells) for one, cells in left if cells & near]:
        left = [(one, cells) for one, cells in left if not cells & near]
        sums_near += [one for one, _ in found]
        near.update(*(cells for _, cells in found))
    return near, sums_near
