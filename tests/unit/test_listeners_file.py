"""A file of Listeners: every row is checked, every wrong cell is named, and nothing about a person is read."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import NOON

from listeners.csv_file import BadFile, Known
from listeners.journey import Module
from listeners.listeners_file import COLUMNS, OPTIONAL, Entry, WrongCell, read_listeners
from listeners.tags import Tag
from models.words import CellId, Standing, StandingReason

KNOWN = Known(listeners={}, cells={"a-1-001": CellId("cell-A1")}, zone=ZoneInfo("Europe/London"))
DOCUMENT = (Path(__file__).parents[2] / "docs/listeners-file.md").read_text("utf-8")
RIGHT = {
    "code_name": "Kestrel",
    "cell": "A-1-001",
    "languages": "en cy",
    "standing": "certified",
    "certified_from": "2026-01-01",
    "certified_until": "2026-06-30",
    "experienced": "yes",
}


def a_file(*rows: dict[str, str]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return "\n".join([",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)])


def read(*rows: dict[str, str]) -> tuple[list[Entry], list[WrongCell]]:
    right, wrong = read_listeners(a_file(*rows), KNOWN, now=NOON)
    return list(right), list(wrong)


def test_a_whole_row_is_understood() -> None:
    more = {"tags": "veteran LIFER", "weekly_minutes": "600", "modules": "1 8", "shadowed": "4", "why": "own wish"}

    ((entry,), wrong) = read({**RIGHT, **more, "trained_on": "2026-02-01"})

    assert not wrong
    assert entry == Entry(
        row=2,
        code_name="Kestrel",
        cell=CellId("cell-A1"),
        languages=("en", "cy"),
        standing=Standing.CERTIFIED,
        certified_from=datetime(2026, 1, 1, tzinfo=UTC),
        # The last day counts, and in June the clocks are an hour ahead.
        certified_until=datetime(2026, 6, 30, 23, tzinfo=UTC),
        experienced=True,
        tags=(Tag.VETERAN, Tag.LIFER),
        weekly_minutes=600,
        modules=(Module.ONE, Module.EIGHT),
        shadowed=4,
        trained_on=datetime(2026, 2, 1, tzinfo=UTC),
        why=StandingReason.OWN_WISH,
    )


def test_what_a_row_does_not_say_is_left_as_it_is() -> None:
    ((entry,), _) = read({**RIGHT, "tags": "", "weekly_minutes": ""})

    assert (entry.tags, entry.weekly_minutes, entry.shadowed, entry.why) == (None, None, None, None)


@pytest.mark.parametrize(
    ("column", "written", "advice"),
    [
        ("code_name", "", "write a code name"),
        ("code_name", "7", "write a code name"),
        ("code_name", "A1234BC", "a prison number does not belong in here"),
        ("tags", "a1234bc", "a prison number does not belong in here"),
        ("cell", "Z-9-999", "there is no such cell"),
        ("languages", "", "write codes such as en cy"),
        ("languages", "english", "write codes such as en cy"),
        ("standing", "expert", "write one of applied, cleared"),
        ("certified_from", "01/01/2026", "write a time as"),
        ("certified_from", "", "a certificate needs a first day"),
        ("certified_until", "2025-12-01", "it must not be before certified_from"),
        ("certified_until", "2026-03-09", "this certificate is over"),
        ("experienced", "maybe", "write yes or no"),
        ("tags", "veteran tall", "write some of veteran"),
        ("weekly_minutes", "10081", "write a number up to 10080"),
        ("weekly_minutes", "-1", "write a number up to 10080"),
        ("modules", "9", "write the numbers of those that are done"),
        ("shadowed", "many", "write a number"),
        ("trained_on", "2026-03-11", "it must not be in the future"),
        ("why", "because", "write one of applied"),
    ],
)
def test_a_wrong_cell_is_named_with_what_to_do(column: str, written: str, advice: str) -> None:
    right, wrong = read({**RIGHT, column: written})

    assert not right
    assert [(one.row, one.column) for one in wrong] == [(2, column)]
    assert wrong[0].advice.startswith(advice)
    assert not written or written not in wrong[0].advice


def test_every_wrong_cell_of_every_row_is_named_at_once() -> None:
    right, wrong = read({**RIGHT, "cell": "?", "experienced": "?"}, {**RIGHT, "code_name": "Wren"}, {"code_name": "?"})

    assert [entry.code_name for entry in right] == ["Wren"]
    assert {(one.row, one.column) for one in wrong} >= {(2, "cell"), (2, "experienced"), (4, "code_name"), (4, "cell")}


def test_a_code_name_that_comes_twice_counts_once() -> None:
    right, wrong = read(RIGHT, {**RIGHT, "code_name": "KESTREL"})

    assert len(right) == 1
    assert wrong == [WrongCell(3, "code_name", "row 2 has this code name already; leave one of the two rows")]


def test_who_has_left_needs_no_cell() -> None:
    ((entry,), wrong) = read({**RIGHT, "standing": "left", "cell": ""})

    assert not wrong
    assert entry.cell is None


@pytest.mark.parametrize(
    "column",
    [
        "name",
        "Surname",
        "first name",
        "prison_number",
        "Prisoner",
        "NOMS no.",
        "nomisNumber number",
        "DOB",
        "full-name",
    ],
)
def test_a_column_for_a_persons_name_or_number_is_refused_with_the_whole_file(column: str) -> None:
    with pytest.raises(BadFile, match=r"column 8 is for a person's name or number; take it out"):
        read_listeners(a_file({**RIGHT, column: "x"}), KNOWN, now=NOON)


def test_a_misspelt_column_is_not_lost_in_silence() -> None:
    with pytest.raises(BadFile, match="there is no place for column 8"):
        read_listeners(a_file({**RIGHT, "weekly_minuets": "60"}), KNOWN, now=NOON)


@pytest.mark.parametrize("missing", COLUMNS)
def test_a_column_that_is_missing_is_asked_for(missing: str) -> None:
    without = {name: value for name, value in RIGHT.items() if name != missing}

    with pytest.raises(BadFile, match=f"missing: {missing}"):
        read_listeners(a_file(without), KNOWN, now=NOON)


def test_the_empty_columns_of_a_spreadsheet_are_no_reason_to_refuse_it() -> None:
    text = "\n".join(line + ",," for line in a_file(RIGHT).splitlines())

    right, wrong = read_listeners(text, KNOWN, now=NOON)
    assert (len(right), len(wrong)) == (1, 0)


def test_the_example_of_the_document_is_right() -> None:
    example = DOCUMENT.split("```csv\n")[1].split("```")[0]
    cells = {name: CellId(name) for name in ("a-1-001", "b-1-002")}

    right, wrong = read_listeners(
        example, Known(listeners={}, cells=cells, zone=KNOWN.zone), now=datetime(2026, 11, 25, tzinfo=UTC)
    )
    assert (len(right), list(wrong)) == (2, [])


@pytest.mark.parametrize("word", [*COLUMNS, *OPTIONAL, *Tag, *Standing])
def test_the_document_names_every_column_and_word(word: str) -> None:
    assert f"`{word}`" in DOCUMENT
