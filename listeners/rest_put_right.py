"""When the clock is put back: a rest lasts as long as it was earned, and not hours longer."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables import Listener, Talk
from models.words import SiteId


def rests_put_right(session: Session, site: SiteId, now: datetime) -> None:
    """Of a talk that has yet to end the clock said something else; its rest begins now. Again, it changes nothing."""
    rows = session.scalars(select(Listener).where(Listener.site_id == site, Listener.resting_until > now))
    for listener in rows.all():
        ahead = Talk.listener_id == listener.id, Talk.ended_at > now, Talk.rest_until.is_not(None)
        for talk in session.scalars(select(Talk).where(*ahead).order_by(Talk.ended_at.desc()).limit(1)):
            if talk.ended_at and talk.rest_until and listener.resting_until:
                listener.resting_until = min(listener.resting_until, now + (talk.rest_until - talk.ended_at))
