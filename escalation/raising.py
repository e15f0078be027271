"""An escalation begins, or joins the one that is open behind the same door.

What somebody is asked about first joins nothing that staff were told already: the caller hears that nobody is told
before a yes.
"""

from collections.abc import Iterable

from escalation import store
from escalation.case import MadeGraver, Raised, ToldWithAnother
from escalation.drills import give_way_to
from escalation.opening import cell_of, open_location
from escalation.ports import People
from escalation.profile import PROTOCOL, Protocol
from escalation.store import Deed, Raise
from escalation.turn import LINE, Turn
from models import tables
from models.words import CallId, Cause, EscalationId, PhoneId

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
    open_of_call = store.lock_open(turn.session, raising)
    told = _gravest(open_of_call)
    asked = next((row for row in open_of_call if row.deciding), None)
    if raising.protocol.decided_by:
        row = told if told and _was_decided(told, raising) else asked
    else:
        told = told or _same_door(turn, raising.call, raising.phone, raising.cause)
        row = told or asked
        if told and asked:
            turn.feed(asked, ToldWithAnother())
    if row is None:
        row = _raise(turn, raising)
    else:
        row.call_id = raising.call
        _join(turn, row, raising.cause, danger=raising.danger, protocol=raising.protocol)
    _open_when_told(turn, row, raising, people)
    return EscalationId(row.id), row.deciding


def tell_or_join(turn: Turn, row: tables.Escalation, phone: PhoneId | None, people: People) -> None:
    """It was decided that staff are told: with what they know already of the caller or the door, or else by itself."""
    call, cause = CallId(row.call_id or ""), Cause(row.cause)
    told = _gravest([one for one in store.lock_open_of_call(turn.session, call, cause) if one is not row])
    told = told or _same_door(turn, call, phone, cause)
    if told:
        turn.feed(row, ToldWithAnother())
        _join(turn, told, cause, danger=row.danger, protocol=PROTOCOL.validate_python(row.protocol))
    if phone is not None:
        open_location(turn, told or row, phone, people)


def _gravest(rows: Iterable[tables.Escalation]) -> tables.Escalation | None:
    """Of those that staff are told."""
    return max((row for row in rows if not row.deciding), key=_gravity, default=None)


def _gravity(row: tables.Escalation) -> int:
    return _GRAVITY.index(Cause(row.cause))


def _was_decided(told: tables.Escalation, raising: Raise) -> bool:
    """Of just this, and nobody has spoken to them since; of all else they hear that somebody is asked first."""
    return told.cause == raising.cause and told.spoken_at is None


def _raise(turn: Turn, raising: Raise) -> tables.Escalation:
    give_way_to(turn, raising)
    row = store.insert(turn.session, raising, turn.now)
    turn.note(LINE, Deed.RAISED, EscalationId(row.id))
    turn.feed(row, Raised())
    return row


def _join(turn: Turn, row: tables.Escalation, cause: Cause, *, danger: str | None, protocol: Protocol) -> None:
    turn.note(LINE, Deed.JOINED, EscalationId(row.id))
    row.danger = danger or row.danger
    # Who is told at once does not wait for a decision about what was said before.
    at_once = row.deciding and not protocol.decided_by
    graver = at_once or _GRAVITY.index(cause) > _gravity(row)
    if graver:
        store.change_cause(row, cause, protocol)
        turn.note(LINE, Deed.MADE_GRAVER, EscalationId(row.id))
    if graver or row.spoken_at is not None:
        # Told again at once; after somebody had spoken to them it is a danger that has come back, under the same rule.
        turn.feed(row, MadeGraver(PROTOCOL.validate_python(row.protocol)))


def _same_door(turn: Turn, call: CallId | None, phone: PhoneId | None, cause: Cause) -> tables.Escalation | None:
    cell = cell_of(turn.session, phone) if call and phone else None
    return store.lock_open_of_cell(turn.session, cell, call, cause) if call and cell else None


def _open_when_told(turn: Turn, row: tables.Escalation, raising: Raise, people: People) -> None:
    """Not while somebody decides, nor when it was decided at once that nobody is told."""
    if raising.phone is not None and not row.deciding and row.closed_at is None:
        open_location(turn, row, raising.phone, people)
