"""What the Listeners of a site have talked lately, and how heavy it was."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from listeners.welfare import FOUR_WEEKS, Spell
from models.tables import Escalation, Listener, Talk
from models.words import CallId, Cause, ListenerId, SiteId

# A drill burdens nobody.
_REAL = Escalation.cause != Cause.DRILL


def spells_of(session: Session, site: SiteId, *, now: datetime) -> Mapping[ListenerId, tuple[Spell, ...]]:
    """Of the last four weeks. A talk is heavy when staff had been told of something in its call before it ended."""
    told = (
        select(Escalation.call_id, func.min(Escalation.raised_at).label("at"))
        .where(Escalation.site_id == site, _REAL)
        .group_by(Escalation.call_id)
        .subquery()
    )
    rows = session.execute(
        select(Talk.listener_id, Talk.began_at, Talk.ended_at, told.c.at)
        .join(Listener, Listener.id == Talk.listener_id)
        .outerjoin(told, told.c.call_id == Talk.call_id)
        .where(Listener.site_id == site, or_(Talk.ended_at.is_(None), Talk.ended_at > now - FOUR_WEEKS))
    )
    found: defaultdict[ListenerId, list[Spell]] = defaultdict(list)
    for listener, began_at, ended_at, told_at in rows:
        heavy = told_at is not None and told_at <= (ended_at or now)
        found[ListenerId(listener)].append(Spell(began_at, ended_at, heavy))
    return {listener: tuple(spells) for listener, spells in found.items()}


def is_heavy(session: Session, call: CallId) -> bool:
    """Staff have been told of something in this call: the Listener pressed *2 or *3, or the caller asked."""
    return bool(session.scalar(select(exists().where(Escalation.call_id == call, _REAL))))
