"""What the database knows of one Listener, for the Listener themselves."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from listeners import store as listeners
from listeners.standing import is_off_duty
from listeners.talks import spells_of
from listeners.welfare import FOUR_WEEKS, talked
from models import tables
from models.words import ListenerId, SiteId, Standing
from rota import own_shifts
from rota.people import zone_of
from rota.slot import is_night

REST_LONGER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Pin:
    """Whether somebody has chosen one, and how often a wrong one was given since it was last right."""

    chosen: bool
    wrong: int


@dataclass(frozen=True, slots=True)
class Duty:
    """``to_sign_on``: a shift of theirs runs or is about to begin, and they have not said that they are there."""

    off: bool
    to_sign_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept about a Listener, as far as it is theirs to hear; of the last 28 days where it counts."""

    standing: Standing
    certified_from: datetime | None
    certified_until: datetime | None
    listened: timedelta
    nights: int
    wants_debrief: bool
    kept_apart: bool


def pin_of(session: Session, listener: ListenerId) -> Pin:
    row = session.get_one(tables.Listener, listener)
    return Pin(row.pin is not None, row.wrong_pins)


def duty_of(session: Session, listener: ListenerId, *, now: datetime) -> Duty:
    row = session.get_one(tables.Listener, listener)
    began = listeners.last_began(session, SiteId(row.site_id), now=now).get(listener)
    following = own_shifts.next_shifts(session, listener, now=now, most=1)
    due = any(one.starts_at <= now + own_shifts.EARLY and not one.checked_in for one in following)
    return Duty(is_off_duty(row.off_duty_since, began), due)


def sign_on(session: Session, listener: ListenerId, *, now: datetime) -> bool:
    """Who says that they are there is not off duty any more."""
    signed_on = own_shifts.check_in(session, listener, now=now)
    if signed_on:
        listeners.go_on_duty(session, listener)
    return signed_on


def rest_longer(session: Session, listener: ListenerId, *, now: datetime) -> datetime:
    """Until when."""
    return listeners.extend_rest(session, listener, by=REST_LONGER, now=now)


def debrief_done(session: Session, listener: ListenerId) -> None:
    row = session.get_one(tables.Listener, listener)
    listeners.debrief_held(session, SiteId(row.site_id), row.code_name)


def kept_of(session: Session, listener: ListenerId, *, night: tuple[time, time], now: datetime) -> Kept:
    """``night``: local time, from and to."""
    row = session.get_one(tables.Listener, listener)
    spells = spells_of(session, SiteId(row.site_id), now=now)
    apart = or_(tables.KeepApart.listener_id == listener, tables.KeepApart.other_listener_id == listener)
    return Kept(
        standing=Standing(row.standing),
        certified_from=row.certified_from,
        certified_until=row.certified_until,
        listened=talked(spells.get(listener, ()), now - FOUR_WEEKS, now),
        nights=_nights(session, listener, night=night, now=now),
        wants_debrief=row.wants_debrief,
        kept_apart=bool(session.scalar(select(exists().where(apart)))),
    )


def _nights(session: Session, listener: ListenerId, *, night: tuple[time, time], now: datetime) -> int:
    """Shifts that lie in the night and have begun."""
    zone = zone_of(session, SiteId(session.get_one(tables.Listener, listener).site_id))
    mine = tables.Shift.listener_id == listener, tables.Shift.ends_at > now - FOUR_WEEKS, tables.Shift.starts_at <= now
    spans = session.execute(select(tables.Shift.starts_at, tables.Shift.ends_at).where(*mine))
    return sum(is_night((starts, ends), night, zone) for starts, ends in spans)
