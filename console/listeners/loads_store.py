"""Reads what Listeners have carried from the database."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from console.listeners.loads import ListenerLoad, load_of, rung
from console.listeners.looking import Look
from listeners.overview import nights_of
from listeners.talks import spells_of
from listeners.welfare import FOUR_WEEKS
from models.tables import Listener, Offer
from models.words import ListenerId, SiteId, Standing
from rota.people import zone_of
from rota.store import shifts_between

# Nobody rings the others; what they carried before still counts.
_CARRY = (Standing.CERTIFIED, Standing.SUSPENDED, Standing.LAPSED)


def loads_of(session: Session, look: Look, only: ListenerId | None = None) -> tuple[ListenerLoad, ...]:
    """By code name: nobody is first or last in what they have done. ``only`` this one, whatever their standing."""
    site, now, welfare = look.site, look.now, look.line.welfare
    zone = zone_of(session, site)
    spells, nights = spells_of(session, site, now=now), nights_of(session, site, now)
    last, shifts = _last_rang(session, site), _shifts(session, site, now)
    which = Listener.standing.in_(_CARRY) if only is None else Listener.id == only
    rows = session.scalars(select(Listener).where(Listener.site_id == site, which).order_by(Listener.code_name))
    return tuple(
        ListenerLoad(
            code_name=row.code_name,
            address=look.addresses.of(listener),
            certified=row.standing == Standing.CERTIFIED,
            load=load_of(spells.get(listener, ()), nights.get(listener, ()), welfare, now, zone),
            resting_until=row.resting_until if row.resting_until and row.resting_until > now else None,
            wants_debrief=row.wants_debrief,
            rung=rung(last.get(listener), now),
            shifts=shifts[listener],
        )
        for row in rows
        for listener in (ListenerId(row.id),)
    )


def _last_rang(session: Session, site: SiteId) -> Mapping[str, datetime]:
    rows = session.execute(
        select(Offer.listener_id, func.max(Offer.rang_at))
        .join(Listener, Listener.id == Offer.listener_id)
        .where(Listener.site_id == site)
        .group_by(Offer.listener_id)
    )
    return {listener: at for listener, at in rows if at}


def _shifts(session: Session, site: SiteId, now: datetime) -> Counter[str]:
    return Counter(one.listener for one in shifts_between(session, site, since=now - FOUR_WEEKS, until=now))
