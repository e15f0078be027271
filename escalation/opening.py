"""Opens the sealed location: from a phone to a cell and a person, for one escalation, and says so in the audit.

Nothing else in Wingline goes from a caller's phone to a place (tests/unit/test_sealed_location.py).
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from escalation.ports import People
from escalation.profile import PROTOCOL
from escalation.store import Deed
from escalation.turn import LINE, Turn
from models import tables
from models.words import CellId, EscalationId, Fact, PhoneId


def cell_of(session: Session, phone: PhoneId) -> CellId | None:
    cell = session.scalar(select(tables.Phone.cell_id).where(tables.Phone.id == phone))
    return CellId(cell) if cell else None


def open_location(turn: Turn, row: tables.Escalation, phone: PhoneId, people: People) -> None:
    """Writes what the rule tells that the escalation is under, and no more; what is open already stays."""
    tells = PROTOCOL.validate_python(row.protocol).tells
    cell = cell_of(turn.session, phone)
    if cell is None or Fact.LOCATION not in tells:
        return
    before = row.cell_id, row.prison_number, row.preferred_name
    row.cell_id = cell
    if tells & {Fact.PRISON_NUMBER, Fact.PREFERRED_NAME}:
        person = people.who_lives_in(turn.session.get_one(tables.Cell, cell).location)
        if person and Fact.PRISON_NUMBER in tells:
            row.prison_number = person.prison_number
        if person and Fact.PREFERRED_NAME in tells:
            row.preferred_name = person.preferred_name
    if (row.cell_id, row.prison_number, row.preferred_name) != before:
        turn.note(LINE, Deed.LOCATION_OPENED, EscalationId(row.id))
