"""How the page of movements says what the enums mean, in the words of the prison."""

from datetime import datetime
from enum import StrEnum

from console.language import Words, _, n_
from console.rota.days import Clock
from console.rota.wording import complaint, day, title
from models.words import MovementKind

__all__ = ["FIELDS", "KINDS", "Done", "complaint", "day", "done", "moment", "title", "wrong_field"]

KINDS = Words(
    {
        MovementKind.TRANSFER: "Transfer to another prison",
        MovementKind.RELEASE: "Release",
        MovementKind.COURT: "Court",
        MovementKind.HOSPITAL: "Hospital",
        MovementKind.SEGREGATION: "Segregation",
        MovementKind.CONSTANT_WATCH: "Constant watch",
        MovementKind.CELL_MOVE: "Cell move",
        MovementKind.RETURNED: "Returned",
    }
)


# What the form calls the columns of a file.
FIELDS = Words({"code_name": "Listener", "kind": "What", "since": "From", "until": "Until", "cell": "New cell"})


class Done(StrEnum):
    """What a coordinator did; recorded, and said on the page."""

    RECORDED = "movements_recorded"
    TAKEN_BACK = "movement_taken_back"


def wrong_field(advice: str) -> str:
    """Of "column: what to write"."""
    column, _colon, what = advice.partition(": ")
    return _("%(column)s: %(what)s. Nothing was recorded.", column=FIELDS[column], what=what)


def done(right: int, unchanged: int) -> str:
    if unchanged == right:
        return _("That was recorded before: nothing has changed.")
    return n_(
        "%(count)s movement is recorded, and counts from now on.",
        "%(count)s movements are recorded, and count from now on.",
        right,
    )


def moment(at: datetime, clock: Clock) -> str:
    """Such as "14:30 today" or "08:30, Tuesday 1 December 2026"."""
    local = at.astimezone(clock.zone)
    at_time = f"{local:%H:%M}"
    if local.date() == clock.today:
        return _("%(time)s today", time=at_time)
    return _("%(time)s, %(day)s", time=at_time, day=f"{day(local.date())} {local.year}")
