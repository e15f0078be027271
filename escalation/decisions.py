"""What came of asking somebody whether staff are told, so that whoever is in the call hears it."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models import tables
from models.words import Cause, EscalationId, Outcome, TellingEnd


@dataclass(frozen=True, slots=True)
class Verdict:
    """``by_somebody``: else nobody could be reached in time, and the profile has decided."""

    told: bool
    by_somebody: bool


def verdict_on(session: Session, escalation: EscalationId, cause: Cause) -> Verdict | None:
    """None while it is open, and for good when a graver danger of the same call has taken its place."""
    row = session.get(tables.Escalation, escalation)
    if row is None or row.deciding or row.cause != cause:
        return None
    if row.outcome == Outcome.NOT_TOLD:
        return Verdict(told=False, by_somebody=row.closed_by is not None)
    post = (row.protocol["decided_by"] or {}).get("post")
    said_yes = exists().where(
        tables.Telling.escalation_id == escalation,
        tables.Telling.post == post,
        tables.Telling.end == TellingEnd.ACKNOWLEDGED,
    )
    return Verdict(told=True, by_somebody=bool(session.scalar(select(said_yes))))
