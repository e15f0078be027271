"""Deletes what has been kept for as long as its columns say (domain.md 6, layer 7)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from models.tables import Act, Call, Escalation, Offer, Talk, Telling

CALLS = timedelta(days=90)
ESCALATIONS = timedelta(days=90)
ACTS = timedelta(days=730)


def forget_what_is_due(session: Session, now: datetime) -> None:
    """Calls go whole. Of a closed escalation kind and times remain; who, where and who was told do not."""
    closed = Escalation.closed_at < now - ESCALATIONS
    session.execute(delete(Telling).where(Telling.escalation_id.in_(select(Escalation.id).where(closed))))
    nobody: dict[str, object] = {
        "cell_id": None,
        "call_id": None,
        "acknowledged_by": None,
        "closed_by": None,
        "protocol": {},
    }
    session.execute(update(Escalation).where(closed).values(nobody))
    _forget_calls(session, Call.ended_at < now - CALLS)
    session.execute(delete(Act).where(Act.at < now - ACTS))


def _forget_calls(session: Session, due: ColumnElement[bool]) -> None:
    # A call whose escalation is still open, or younger, is kept until that goes.
    escalated = select(Escalation.call_id).where(Escalation.call_id.is_not(None))
    calls = select(Call.id).where(due, Call.id.not_in(escalated))
    for table in (Offer, Talk):
        session.execute(delete(table).where(table.call_id.in_(calls)))
    session.execute(delete(Call).where(due, Call.id.not_in(escalated)))
