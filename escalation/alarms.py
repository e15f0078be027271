"""Alarms of the site's monitoring about the line itself: written down as they come, told to people by the engine.

Whoever takes the webhook only writes rows; the line raises what is written, within seconds, whichever node was asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from escalation import store, tellings
from escalation.drills import hold
from escalation.faults import open_faults, raise_or_join
from escalation.store import Deed, Raise
from escalation.turn import LINE, Turn
from models import audit, clock, tables
from models.alarms import Alarm
from models.words import EscalationId, Instant, SiteId, TellingEnd

# One alarm rings anew at most so often, however often it comes and goes, and whoever sends it.
AGAIN_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Heard:
    """One alarm, as the monitoring tells it; ``since`` is by the clock of another machine."""

    alarm: Alarm
    fingerprint: str
    since: Instant
    fires: bool


class Change(StrEnum):
    """What a webhook made known, as the acts say it."""

    BEGAN = "alarm began"
    ENDED = "alarm over"


def take(session: Session, site: SiteId, heard: Heard, by: str, now: Instant) -> Change | None:
    """None when it was known: Alertmanager says everything again and again, and two of them say it twice.

    A time in the future counts as now: an alarm that began tomorrow would keep back all others until then.
    """
    hold(session, site)
    row, heard = tables.HeardAlarm, replace(heard, since=min(heard.since, now))
    theirs = row.site_id == site, row.name == heard.alarm, row.fingerprint == heard.fingerprint
    last = session.scalar(select(row).where(*theirs).order_by(row.since.desc()).limit(1))
    change = _begin(session, site, heard, last, now=now) if heard.fires else _end(last, heard.since, now)
    if change:
        audit.note(session, by, change, heard.alarm, now)
    return change


def _begin(
    session: Session, site: SiteId, heard: Heard, last: tables.HeardAlarm | None, *, now: Instant
) -> Change | None:
    if last is not None and heard.since <= last.since:
        return None
    if last is not None and last.ended_at is None:
        # Nobody said that it was over in between.
        last.ended_at = now
        session.flush()
    new = tables.HeardAlarm(
        id=clock.new_id("alarm"), site_id=site, name=heard.alarm, fingerprint=heard.fingerprint, since=heard.since
    )  # fmt: skip
    session.add(new)
    session.flush()
    return Change.BEGAN


def _end(last: tables.HeardAlarm | None, since: Instant, now: Instant) -> Change | None:
    """Not the one that began later: the word of an earlier one may come late."""
    if last is None or last.ended_at is not None or since < last.since:
        return None
    last.ended_at = now
    return Change.ENDED


def tell(turn: Turn, raising: Raise) -> EscalationId | None:
    """Whatever changed by it, or None. ``raising`` is of Cause.LINE_BROKEN."""
    session, site = turn.session, raising.site
    if not hold(session, site, skip=True):
        # Another node is at it.
        return None
    # Rung in the same moment as for a person, neither saw the other.
    for left in tellings.of_faults_at(session, tellings.told_of_people(session, site)):
        turn.stop_one(left, TellingEnd.NOT_NEEDED)
    rested = list(_let_rest(turn, site))
    told = [_tell(turn, raising, one) for one in _untold(session, site, turn.now)]
    return next(iter((*told, *rested)), None)


def _untold(session: Session, site: SiteId, now: Instant) -> Sequence[tables.HeardAlarm]:
    """What still fires, the oldest first; what has just been dealt with waits, for it may come and go."""
    row, told = tables.HeardAlarm, tables.Escalation
    lately = told.raised_at > now - AGAIN_AFTER, told.closed_at.is_not(None)
    dealt_with = select(row.name).join(told, told.id == row.escalation_id).where(row.site_id == site, *lately)
    new = row.site_id == site, row.escalation_id.is_(None), row.ended_at.is_(None), row.name.not_in(dealt_with)
    return session.scalars(select(row).where(*new).order_by(row.since, row.id)).all()


def _tell(turn: Turn, raising: Raise, one: tables.HeardAlarm) -> EscalationId:
    row = tables.HeardAlarm
    told = raise_or_join(
        turn, raising, select(row.escalation_id).where(row.site_id == raising.site, row.name == one.name)
    )
    rests = turn.session.scalar(select(_has_alarms() & ~_fires()).where(tables.Escalation.id == told.id))
    if rests and told.acknowledged_at is None:
        store.write(turn.session, told, replace(store.case_of(turn.session, told), step_ends_at=turn.now))
    one.escalation_id = told.id
    turn.session.flush()
    return EscalationId(told.id)


# ---- over by itself


def _let_rest(turn: Turn, site: SiteId) -> Iterator[EscalationId]:
    """What is over before anybody has picked it up rings no more, and stays open.

    At night nobody is fetched from a bed or a wing for what is well again; but a fault of which nobody knows is not
    over either, and so it rings once more in the profile's time for closing it, should nobody have looked by then.
    """
    untaken = tables.Escalation.acknowledged_at.is_(None)
    for row in open_faults(turn.session, site, untaken, _has_alarms(), ~_fires(), ~_is_of_a_night()):
        ended = select(func.max(tables.HeardAlarm.ended_at)).where(tables.HeardAlarm.escalation_id == row.id)
        case = store.case_of(turn.session, row)
        until = (turn.session.scalar(ended) or turn.now) + timedelta(seconds=case.protocol.closed_within)
        if case.step_ends_at is None or case.step_ends_at >= until:
            continue
        turn.stop(EscalationId(row.id), TellingEnd.NOT_NEEDED)
        # From the first step on, when it rings again.
        store.write(turn.session, row, replace(case, step=len(case.protocol.steps) - 1, step_ends_at=until))
        turn.note(LINE, Deed.MENDED, EscalationId(row.id))
        yield EscalationId(row.id)


def _has_alarms() -> ColumnElement[bool]:
    return exists().where(tables.HeardAlarm.escalation_id == tables.Escalation.id)


def _fires() -> ColumnElement[bool]:
    return exists().where(tables.HeardAlarm.escalation_id == tables.Escalation.id, tables.HeardAlarm.ended_at.is_(None))


def _is_of_a_night() -> ColumnElement[bool]:
    return exists().where(tables.NightlyCall.escalation_id == tables.Escalation.id)
