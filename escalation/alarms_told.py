"""What is said of an escalation about the line itself: which alarms it came from, and whether all is well again."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models import tables
from models.alarms import Alarm
from models.words import EscalationId


@dataclass(frozen=True, slots=True)
class AlarmsTold:
    """The alarms that still fire, the oldest first; when none does any more, ``mended``, and all that did."""

    alarms: tuple[Alarm, ...]
    mended: bool


NO_ALARMS = AlarmsTold((), mended=False)


def alarms_told(session: Session, escalation: EscalationId) -> AlarmsTold:
    """A broken nightly call counts as its alarm: it is not well again before somebody has said so."""
    row = tables.HeardAlarm
    theirs = select(row.name, row.ended_at).where(row.escalation_id == escalation).order_by(row.since, row.id)
    heard = session.execute(theirs).all()
    fire = [Alarm(name) for name, ended_at in heard if ended_at is None]
    if session.scalar(select(exists().where(tables.NightlyCall.escalation_id == escalation))):
        fire.append(Alarm.NIGHTLY_CALL_FAILED)
    every = fire or [Alarm(name) for name, _ in heard]
    return AlarmsTold(tuple(dict.fromkeys(every)), mended=bool(heard) and not fire)
