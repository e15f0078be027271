"""Reads what happened in a period, and keeps what was published of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from console.figures.banding import Figures, Key
from console.figures.measures import CallSeen, RingSeen, Seen, ShiftSeen, TalkSeen
from console.figures.periods import Period, period_named, settled_and_kept
from models.tables import Call, Listener, Offer, PublishedFigure, Shift, Site, Talk, Wing
from models.words import ListenerId, OfferEnd, Seat, SiteId, WingId
from rota.people import zone_of


def wings_of(session: Session, site: SiteId) -> Mapping[str, str]:
    """By id, in the order of their letters."""
    rows = session.scalars(select(Wing).where(Wing.site_id == site).order_by(Wing.letter, Wing.id))
    return {row.id: row.name for row in rows}


# ---- what is published


def periods_of(session: Session, site: SiteId) -> tuple[Period, ...]:
    """Those that figures are published for, the latest first."""
    names = session.scalars(select(PublishedFigure.period).where(PublishedFigure.site_id == site).distinct())
    return tuple(sorted((period_named(one) for one in names), key=lambda one: (one.end, one.weeks), reverse=True))


def figures_of(session: Session, site: SiteId, periods: Collection[Period]) -> Mapping[Period, Figures]:
    names = {str(one): one for one in periods}
    rows = select(PublishedFigure).where(PublishedFigure.site_id == site, PublishedFigure.period.in_(names))
    found: defaultdict[Period, dict[Key, int | None]] = defaultdict(dict)
    for row in session.scalars(rows):
        found[names[row.period]][row.figure, row.part, row.kind] = row.value
    return dict(found)


def keep(session: Session, site: SiteId, period: Period, figures: Figures) -> None:
    """Nothing when another node was quicker: what is published stays."""
    # NO KEY: two nodes wait for each other here, and nobody else for them.
    session.get_one(Site, site, with_for_update={"key_share": True})
    mine = PublishedFigure.site_id == site, PublishedFigure.period == str(period)
    if session.scalar(select(exists().where(*mine))):
        return
    session.add_all(
        PublishedFigure(site_id=site, period=str(period), figure=figure, part=part, kind=kind, value=value)
        for (figure, part, kind), value in figures.items()
    )


# ---- what there is to publish


def due(session: Session, site: SiteId, now: datetime) -> tuple[Period, ...]:
    """Periods that are settled, still kept to the last call, and not published."""
    done = set(periods_of(session, site))
    return tuple(one for one in settled_and_kept(now, zone_of(session, site)) if one not in done)


def seen_in(session: Session, site: SiteId, since: datetime, until: datetime) -> Seen | None:
    """None while a call of that time goes on."""
    going_on = Call.site_id == site, Call.began_at >= since, Call.began_at < until, Call.ended_at.is_(None)
    if session.scalar(select(exists().where(*going_on))):
        return None
    return Seen(
        calls=_calls(session, site, since, until),
        talks=_talks(session, site, since, until),
        rings=_rings(session, site, since, until),
        shifts=_shifts(session, site, since, until),
    )


def _calls(session: Session, site: SiteId, since: datetime, until: datetime) -> tuple[CallSeen, ...]:
    answered = (
        select(Talk.call_id, func.min(Talk.began_at).label("at"))
        .where(Talk.seat == Seat.FIRST.value)
        .group_by(Talk.call_id)
        .subquery()
    )
    rows = session.execute(
        select(Call, answered.c.at)
        .outerjoin(answered, answered.c.call_id == Call.id)
        .where(Call.site_id == site, Call.began_at >= since, Call.began_at < until)
    )
    return tuple(
        CallSeen(
            began_at=call.began_at,
            ended_at=call.ended_at,
            waited_from=call.first_waiting_at,
            answered_at=answered_at,
            outside_at=call.outside_at,
            duty_office_at=call.duty_office_at,
            listening=call.listening,
        )
        for call, answered_at in rows
        if call.ended_at is not None
    )


def _talks(session: Session, site: SiteId, since: datetime, until: datetime) -> tuple[TalkSeen, ...]:
    rows = session.execute(
        select(Talk, Listener.wing_id)
        .join(Listener, Listener.id == Talk.listener_id)
        .where(Listener.site_id == site, Talk.began_at >= since, Talk.began_at < until, Talk.ended_at.is_not(None))
    )
    return tuple(
        TalkSeen(
            listener=ListenerId(talk.listener_id),
            wing=WingId(wing),
            began_at=talk.began_at,
            ended_at=talk.ended_at,
            rest_until=talk.rest_until,
        )
        for talk, wing in rows
        if talk.ended_at is not None
    )


def _rings(session: Session, site: SiteId, since: datetime, until: datetime) -> tuple[RingSeen, ...]:
    rows = session.execute(
        select(Offer.rang_at, Offer.end)
        .join(Call, Call.id == Offer.call_id)
        .where(Call.site_id == site, Offer.rang_at >= since, Offer.rang_at < until, Offer.end.is_not(None))
    )
    return tuple(RingSeen(rang_at, OfferEnd(end)) for rang_at, end in rows if end is not None)


def _shifts(session: Session, site: SiteId, since: datetime, until: datetime) -> tuple[ShiftSeen, ...]:
    rows = session.execute(
        select(Shift, Listener.wing_id)
        .join(Listener, Listener.id == Shift.listener_id)
        .where(Shift.site_id == site, Shift.starts_at < until, Shift.ends_at > since)
    )
    return tuple(
        ShiftSeen(
            listener=ListenerId(shift.listener_id),
            wing=WingId(wing),
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            signed_on_at=shift.checked_in_at,
        )
        for shift, wing in rows
    )
