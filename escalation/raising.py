"""An escalation begins, or joins the one that is open behind the same door."""

from escalation import store
from escalation.case import MadeGraver, Raised
from escalation.drills import give_way_to
from escalation.opening import cell_of, open_location
from escalation.ports import People
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
        _open_unless_deciding(turn, row, raising, people)
        turn.feed(row, Raised())
        return EscalationId(row.id), row.deciding
    escalation = EscalationId(row.id)
    turn.note(LINE, Deed.JOINED, escalation)
    row.call_id = raising.call
    row.danger = raising.danger or row.danger
    graver = _GRAVITY.index(raising.cause) > _GRAVITY.index(Cause(row.cause))
    if graver:
        store.change_cause(row, raising)
        turn.note(LINE, Deed.MADE_GRAVER, escalation)
    if graver or row.spoken_at is not None:
        # Told again at once; after somebody had spoken to them it is a danger that has come back.
        turn.feed(row, MadeGraver(raising.protocol))
    if not row.deciding:
        _open_unless_deciding(turn, row, raising, people)
    return escalation, row.deciding


def _same_door(turn: Turn, raising: Raise) -> tables.Escalation | None:
    if raising.call is None or raising.phone is None or raising.protocol.decided_by:
        return None
    cell = cell_of(turn.session, raising.phone)
    return store.lock_open_of_cell(turn.session, cell, raising.call) if cell else None


def _open_unless_deciding(turn: Turn, row: tables.Escalation, raising: Raise, people: People) -> None:
    if raising.phone is not None and not raising.protocol.decided_by:
        open_location(turn, row, raising.phone, people)
