"""The rows that the API takes, and what it answers."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from listeners.csv_file import WrongRow
from models.words import Cover, MovementKind


class MovementRow(BaseModel):
    """A movement, as a row of a movements file (docs/movements-file.md)."""

    code_name: str = Field(description="The Listener's.")
    kind: str = Field(description=f"One of {', '.join(MovementKind)}.")
    since: str = Field(description="2026-12-01T08:30 in local time, or with an offset; or a date.")
    until: str | None = Field(None, description="When they are known to be back.")
    cell: str | None = Field(None, description="Where a cell_move goes.")


class ApartRow(BaseModel):
    """A keep-apart rule in HMPPS's shape, as a row of a keep-apart file (docs/movements-file.md)."""

    code_name: str
    prison_number: str | None = None
    location: str | None = None
    restriction: str
    reason: str
    role: str
    other_code_name: str | None = None


class Wrong(BaseModel):
    """A row by its number, the first being 1, and what to write there."""

    row: int
    what: str


class FreedShift(BaseModel):
    """A seat that somebody had and cannot fill any more."""

    code_name: str
    slot: str | None
    cover: Cover
    starts_at: datetime
    ends_at: datetime


class MovementsTaken(BaseModel):
    """``right`` rows are recorded now, or were before. ``moved`` and ``stuck`` are code names."""

    right: int
    new: int
    changed: int
    freed: list[FreedShift]
    moved: list[str]
    stuck: list[str]
    wrong: list[Wrong]


class MovementAheadNow(BaseModel):
    """A movement that counts now or will."""

    code_name: str
    kind: MovementKind
    since: datetime
    until: datetime | None
    cell: str | None


class MovementsNow(BaseModel):
    movements: list[MovementAheadNow]


class PairsTaken(BaseModel):
    """Counts alone: nobody learns from an answer who is kept apart."""

    right: int
    new: int
    changed: int
    removed: int
    wrong: list[Wrong]


def wrong(rows: Sequence[WrongRow]) -> list[Wrong]:
    return [Wrong(row=one.row, what=one.advice) for one in rows]
