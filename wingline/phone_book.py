"""Whose phone is which: places and posts by SIP name, for those who plug phones in and for the doctor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
from models.words import PhoneId, PhoneKind, SiteId
from rota.on_duty import on_duty
from rota.store import shifts_now


@dataclass(frozen=True, slots=True)
class Plugged:
    """What somebody types into one phone."""

    place: str
    kind: PhoneKind
    id: PhoneId
    secret: str = field(repr=False)


def phones_of(session: Session, site: SiteId) -> list[Plugged]:
    rows = session.execute(
        select(tables.Phone, tables.Cell.location)
        .outerjoin(tables.Cell, tables.Cell.id == tables.Phone.cell_id)
        .where(tables.Phone.site_id == site)
    )
    phones = (
        Plugged(cell or phone.post or "", PhoneKind(phone.kind), PhoneId(phone.id), phone.secret)
        for phone, cell in rows
    )
    return sorted(phones, key=lambda phone: (phone.kind, phone.place))


def posts_of(session: Session, site: SiteId) -> Mapping[str, PhoneId]:
    return {phone.place: phone.id for phone in phones_of(session, site) if phone.kind is PhoneKind.STAFF}


def on_duty_phones(session: Session, site: SiteId, now: datetime) -> Mapping[str, PhoneId]:
    """By the code names of those whom the rota has now."""
    on = [one.listener for one in on_duty(shifts_now(session, site, now=now), now)]
    rows = session.scalars(select(tables.Listener).where(tables.Listener.id.in_(on)))
    return {row.code_name: PhoneId(row.phone_id) for row in rows if row.phone_id}
