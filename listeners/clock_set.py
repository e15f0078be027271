"""When the clock is set: a talk is as long as it was, and a rest as long as it was earned, and neither hours longer."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables import Call, Listener, Talk
from models.words import NodeId, SiteId


def talks_moved(session: Session, node: NodeId, *, by: timedelta, since: datetime, now: datetime) -> None:
    """Those that go on began by the clock as it is now; but for what began since it was set, and at other nodes."""
    going = Talk.ended_at.is_(None), Talk.call_id.in_(select(Call.id).where(Call.node_id == node))
    for talk in session.scalars(select(Talk).where(*going, ~Talk.began_at.between(since, now)).with_for_update()):
        talk.began_at += by


def rests_put_right(session: Session, site: SiteId, now: datetime) -> None:
    """Of a talk that has yet to end the clock said something else; its rest begins now. Again, it changes nothing."""
    rows = session.scalars(select(Listener).where(Listener.site_id == site, Listener.resting_until > now))
    for listener in rows.all():
        ahead = Talk.listener_id == listener.id, Talk.ended_at > now, Talk.rest_until.is_not(None)
        for talk in session.scalars(select(Talk).where(*ahead).order_by(Talk.ended_at.desc()).limit(1)):
            if talk.ended_at and talk.rest_until and listener.resting_until:
                listener.resting_until = min(listener.resting_until, now + (talk.rest_until - talk.ended_at))
