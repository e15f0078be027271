"""An escalation begins, or joins the one that is open behind the same door."""

from escalation import store
from escalation.case import MadeGraver, Raised
from escalation.drills import give_way_to
from escalation.opening import cell_of, open_location
from escalation.ports import People
from escalation.profile import PROTOCOL
from escalation.store import Deed, Raise
from escalation.turn import LINE, Turn
from models import tables
from models.words import Cause, EscalationId

# A later danger of the same caller rings again only when it is graver than what staff were told.
_GRAVITY = (
    Cause.DRILL,
    Cause.LINE_BROKEN,
    Cause.VISIT_ASKED,
    Cause.CALLER_AGREED,
    Cause.CALLER_ASKED,
    Cause.PERSON_AT_RISK,
    Cause.THREAT_TO_ANOTHER,
    Cause.LINE_LOST,
    Cause.EXCEPTION_RULE,
    Cause.REFUSES,
    Cause.OTHER_IN_CELL,
    Cause.DANGER_NOW,
)


def raise_or_join(turn: Turn, raising: Raise, people: People) -> tuple[EscalationId, bool]:
    """The escalation, and whether where the caller is stays sealed until somebody has decided."""
    row = store.lock_open(turn.session, raising) or _same_door(turn, raising)
    if row is None:
        give_way_to(turn, raising)
        row = store.insert(turn.session, raising, turn.now)
        turn.note(LINE, Deed.RAISED, EscalationId(row.id))
        turn.feed(row, Raised())
        _open_when_told(turn, row, raising, people)
        return EscalationId(row.id), row.deciding
    escalation = EscalationId(row.id)
    turn.note(LINE, Deed.JOINED, escalation)
    row.call_id = raising.call
    row.danger = raising.danger or row.danger
    # Who is told at once does not wait for a decision about what was said before.
    at_once = row.deciding and not raising.protocol.decided_by
    graver = at_once or _GRAVITY.index(raising.cause) > _GRAVITY.index(Cause(row.cause))
    if graver:
        store.change_cause(row, raising)
        turn.note(LINE, Deed.MADE_GRAVER, escalation)
    if graver or row.spoken_at is not None:
        # Told again at once; after somebody had spoken to them it is a danger that has come back, under the same rule.
        turn.feed(row, MadeGraver(PROTOCOL.validate_python(row.protocol)))
    _open_when_told(turn, row, raising, people)
    return escalation, row.deciding


def _same_door(turn: Turn, raising: Raise) -> tables.Escalation | None:
    if raising.call is None or raising.phone is None or raising.protocol.decided_by:
        return None
    cell = cell_of(turn.session, raising.phone)
    return store.lock_open_of_cell(turn.session, cell, raising) if cell else None


def _open_when_told(turn: Turn, row: tables.Escalation, raising: Raise, people: People) -> None:
    """Not while somebody decides, nor when it was decided at once that nobody is told."""
    if raising.phone is not None and not row.deciding and row.closed_at is None:
        open_location(turn, row, raising.phone, people)
