"""Tables as they are read, in the language of whoever reads them: on a page, as a CSV file, on paper."""

from csv import writer
from dataclasses import dataclass
from io import StringIO


@dataclass(frozen=True, slots=True)
class Table:
    """``name`` is the same in every language; the first column names the row."""

    name: str
    title: str
    says: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def as_csv(table: Table) -> str:
    """With the mark that makes spreadsheets read it as UTF-8."""
    file = StringIO()
    writer(file).writerows((table.headings, *table.rows))
    return "\ufeff" + file.getvalue()
