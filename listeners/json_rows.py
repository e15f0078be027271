"""Rows as JSON objects, in the shape of the CSV files: the names of the columns are the keys."""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from listeners.csv_file import BadCell, Read, Row, read_each

T = TypeVar("T")


def read_objects(values: Sequence[object], meaning: Callable[[Row], T], *, columns: Collection[str]) -> Read[T]:
    """The first row is 1. Keys that are not columns are not read."""
    numbered = ((number, (number, value)) for number, value in enumerate(values, start=1))
    return read_each(numbered, lambda given: meaning(_row(*given, columns)))


def _row(number: int, value: object, columns: Collection[str]) -> Row:
    if not isinstance(value, dict):
        raise BadCell("row", "write an object whose keys are the names of the columns")
    return Row(number, {column: _cell(column, value.get(column)) for column in columns})


def _cell(column: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadCell(column, "write it as text, in quotation marks")
    return value.strip()
