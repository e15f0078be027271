"""No small count of a report can be got back from all that the report publishes."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from escalation.suppression import ALL, Cell, Counts, Published, published

pytestmark = pytest.mark.slow

ROWS = ("r1", "r2", "r3", "r4")
COLUMNS = ("c1", "c2", "c3")


def a_table(*rows: tuple[int, ...], name: str = "t") -> Counts:
    inner = {(ROWS[r], COLUMNS[c]): value for r, row in enumerate(rows) for c, value in enumerate(row)}
    return Counts(name, ROWS[: len(rows)], COLUMNS[: len(rows[0])], inner)


def shown(table: Counts) -> list[list[int | None]]:
    found = published([table])
    return [[found[Cell(table.name, row, column)] for column in table.all_columns] for row in table.all_rows]


@pytest.mark.parametrize(
    ("table", "what"),
    [
        (a_table((7,), (9,)), [[7], [9], [16]]),
        (a_table((0,), (9,)), [[0], [9], [9]]),
        # One alone would be the total less the others.
        (a_table((3,), (9,), (20,)), [[None], [None], [20], [32]]),
        # Of two that are hidden and 2 together, each would be 1.
        (a_table((1,), (1,), (20,)), [[None], [None], [None], [22]]),
        (a_table((3,), (0,)), [[None], [0], [None]]),
        (a_table((4,)), [[None]]),
        (a_table((5,)), [[5]]),
        # A hidden cell needs another in its row and in its column.
        (
            a_table((2, 30), (40, 50), (60, 70)),
            [[None, None, 32], [None, None, 90], [60, 70, 130], [102, 150, 252]],
        ),
    ],
)
def test_what_is_hidden(table: Counts, what: list[list[int | None]]) -> None:
    assert shown(table) == what


def test_a_number_that_follows_another_is_hidden_with_it() -> None:
    disclosures, openings = a_table((3,), (0,)), a_table((7,), name="openings")
    total, opened = Cell("t", ALL, "c1"), Cell("openings", "r1", "c1")

    assert published([disclosures, openings], follows={opened: total})[opened] is None
    assert published([a_table((30,), (0,)), openings], follows={opened: total})[opened] == 7


# ---- a reader with a solver, who was given nothing but what is published


class Reader:
    """Knows which cells add up, that what is hidden is no zero, and every number that is shown."""

    def __init__(self, seen: Published) -> None:
        self._model = cp_model.CpModel()
        self._cells = {
            cell: self._model.new_int_var(1 if value is None else value, 999 if value is None else value, str(cell))
            for cell, value in seen.items()
        }
        for cell in seen:
            for place in ("row", "column"):
                parts = [one for one in seen if self._adds_up(one, cell, place)]
                if getattr(cell, place) == ALL and parts:
                    self._model.add(sum(self._cells[one] for one in parts) == self._cells[cell])

    @staticmethod
    def _adds_up(part: Cell, total: Cell, place: str) -> bool:
        return part._replace(**{place: ALL}) == total and getattr(part, place) != ALL

    def knows_equal(self, one: Cell, another: Cell) -> None:
        self._model.add(self._cells[one] == self._cells[another])

    def could_be(self, cell: Cell) -> tuple[int, int]:
        found = []
        for best in (self._model.minimize, self._model.maximize):
            best(self._cells[cell])
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = 1
            assert solver.solve(self._model) == cp_model.OPTIMAL
            found.append(int(solver.objective_value))
        return found[0], found[1]


counts = st.one_of(st.integers(0, 7), st.integers(0, 60))


@st.composite
def tables(draw: st.DrawFn) -> Counts:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    drawn = [tuple(draw(counts) for _ in range(columns)) for _ in range(rows)]
    return a_table(*drawn)


@settings(max_examples=60, deadline=None)
@given(table=tables())
def test_nobody_can_say_what_a_hidden_cell_is(table: Counts) -> None:
    seen = published([table])
    values = table.values()
    reader = Reader(seen)
    knows_least = Reader({cell: None if value else 0 for cell, value in values.items()})

    for cell in (one for one, value in seen.items() if value is None):
        least, most = reader.could_be(cell)
        assert least < most
        if values[cell] < 5:
            assert least == knows_least.could_be(cell)[0]
            assert most >= 4


@settings(max_examples=60, deadline=None)
@given(table=tables())
def test_what_is_shown_is_true_and_no_small_count_is_shown(table: Counts) -> None:
    values: Mapping[Cell, int] = table.values()

    for cell, value in published([table]).items():
        assert value in {None, values[cell]}
        assert value not in {1, 2, 3, 4}
        assert values[cell] != 0 or value == 0


@settings(max_examples=40, deadline=None)
@given(column=st.lists(counts, min_size=2, max_size=5))
def test_a_number_that_everybody_knows_to_be_the_total_does_not_give_it_away(column: list[int]) -> None:
    names = tuple(f"r{number}" for number in range(len(column)))
    table = Counts("t", names, ("c1",), {(name, "c1"): one for name, one in zip(names, column, strict=True)})
    opened, total = Cell("openings", "r1", "c1"), Cell("t", ALL, "c1")
    seen = published([table, a_table((sum(column),), name="openings")], follows={opened: total})
    reader = Reader(seen)
    reader.knows_equal(opened, total)

    for cell in (one for one, value in seen.items() if value is None):
        least, most = reader.could_be(cell)
        assert least < most


def test_the_reader_finds_what_is_hidden_badly() -> None:
    seen = dict(published([a_table((30,), (9,), (20,))]))
    seen[Cell("t", "r2", "c1")] = None

    assert Reader(seen).could_be(Cell("t", "r2", "c1")) == (9, 9)
