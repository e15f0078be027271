"""How the page of movements says what the enums mean, in the words of the prison."""

from datetime import datetime
from enum import StrEnum

from console.rota.days import Clock
from console.rota.wording import complaint, counted, day, title
from models.words import MovementKind

__all__ = ["FIELDS", "KINDS", "Done", "complaint", "counted", "day", "done", "moment", "title", "wrong_field"]

KINDS = {
    MovementKind.TRANSFER: "Transfer to another prison",
    MovementKind.RELEASE: "Release",
    MovementKind.COURT: "Court",
    MovementKind.HOSPITAL: "Hospital",
    MovementKind.SEGREGATION: "Segregation",
    MovementKind.CONSTANT_WATCH: "Constant watch",
    MovementKind.CELL_MOVE: "Cell move",
    MovementKind.RETURNED: "Returned",
}


# What the form calls the columns of a file.
FIELDS = {"code_name": "Listener", "kind": "What", "since": "From", "until": "Until", "cell": "New cell"}


class Done(StrEnum):
    """What a coordinator did; recorded, and said on the page."""

    RECORDED = "movements_recorded"
    TAKEN_BACK = "movement_taken_back"


def wrong_field(advice: str) -> str:
    """Of "column: what to write"."""
    column, _, what = advice.partition(": ")
    return f"{FIELDS[column]}: {what}. Nothing was recorded."


def done(right: int, unchanged: int) -> str:
    if unchanged == right:
        return "That was recorded before: nothing has changed."
    rows = f"{counted(right, 'movement is', 'movements are')} recorded, and "
    return f"{rows}{'counts' if right == 1 else 'count'} from now on."


def moment(at: datetime, clock: Clock) -> str:
    """Such as "14:30 today" or "08:30, Tuesday 1 December 2026"."""
    local = at.astimezone(clock.zone)
    return f"{local:%H:%M} today" if local.date() == clock.today else f"{local:%H:%M}, {day(local.date())} {local.year}"
