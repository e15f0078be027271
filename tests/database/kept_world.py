"""One row of every table, with something in every column, however many tables there are."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import JSON, Boolean, Column, Integer, Table, func, insert, select
from sqlalchemy.orm import Session

from models.keeping import PERIODS
from models.tables import Base, UtcDateTime

TABLES = Base.metadata.sorted_tables
# What cannot be just anything.
MUST_BE: Mapping[str, object] = {
    # Before the first entry of the audit.
    "audit_anchors.number": 0,
    "sites.zone": "Europe/London",
    "listeners.standing": "left",
    "standing_changes.became": "left",
}


def one_row_of_everything(session: Session, at: datetime) -> None:
    """Every moment in it is this one, and every row refers to the others."""
    for table in TABLES:
        session.execute(insert(table).values({column.name: _something(column, at) for column in table.columns}))


def _something(column: Column[object], at: datetime) -> object:
    for key in column.foreign_keys:
        return _something(key.column, at)
    if str(column) in MUST_BE:
        return MUST_BE[str(column)]
    match column.type:
        case UtcDateTime():
            return at
        case Boolean():
            return True
        case Integer():
            return 1
        case JSON():
            return {"something": 1}
    return "x"


def rows(session: Session) -> Mapping[str, int]:
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}


def classes(table: Table) -> set[tuple[str, str, str]]:
    """Table, class and keeping of what has to go some day."""
    timed = (column.info for column in table.columns if column.info["kept"] in PERIODS)
    return {(table.name, info["holds"], info["kept"]) for info in timed}
