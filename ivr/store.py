"""What the database knows of calls: that there is one, never whose."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import Session

from models import tables
from models.months import month_of
from models.words import CallId, CallStage, Counted, Language, ListenerId, PhoneId, Post, SiteId, WingId


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that has not ended, with the Listeners who are in it."""

    id: CallId
    language: Language
    listening: bool
    listeners: tuple[ListenerId, ...]


def open_call(session: Session, call: CallId, *, site: SiteId, language: Language, now: datetime) -> None:
    stage = CallStage.NOTICE.value
    session.add(tables.Call(id=call, site_id=site, stage=stage, language=language, listening=False, began_at=now))


def note_stage(session: Session, call: CallId, stage: CallStage, *, now: datetime) -> None:
    """Where the call is, for the board. ENDED cannot be taken back."""
    match stage:
        case CallStage.WAITING:
            first = func.coalesce(tables.Call.first_waiting_at, literal(now, tables.UtcDateTime()))
            times: dict[str, object] = {"waiting_since": now, "first_waiting_at": first}
        case CallStage.OUTSIDE:
            times = {"outside_at": now}
        case CallStage.DUTY_OFFICE:
            times = {"duty_office_at": now}
        case CallStage.ENDED:
            times = {"ended_at": now}
        case _:
            times = {}
    still_open = (tables.Call.id == call, tables.Call.ended_at.is_(None))
    session.execute(update(tables.Call).where(*still_open).values(stage=stage.value, **times))


def note_choices(session: Session, call: CallId, *, language: Language, listening: bool) -> None:
    session.execute(update(tables.Call).where(tables.Call.id == call).values(language=language, listening=listening))


def count_rule(session: Session, site: SiteId, rule: str, what: Counted, *, now: datetime) -> None:
    """One more in this month; nothing says in which call, or on which day (domain.md 6, layer 4)."""
    # NO KEY: the first two of a month wait for each other, and nobody else for them.
    zone = session.get_one(tables.Site, site, with_for_update={"key_share": True}).zone
    month = month_of(now, zone)
    row = session.get(tables.RuleCount, (site, month, rule), with_for_update=True)
    if row is None:
        row = tables.RuleCount(site_id=site, month=month, rule=rule, prompted=0, right=0, wrong=0)
        session.add(row)
    setattr(row, what.value, getattr(row, what.value) + 1)


def open_calls(session: Session, site: SiteId) -> tuple[OpenCall, ...]:
    rows = session.scalars(
        select(tables.Call)
        .where(tables.Call.site_id == site, tables.Call.ended_at.is_(None))
        .order_by(tables.Call.began_at)
    )
    return tuple(
        OpenCall(CallId(row.id), Language(row.language), row.listening, _in_call(session, row.id)) for row in rows
    )


def _in_call(session: Session, call: str) -> tuple[ListenerId, ...]:
    talking = select(tables.Talk.listener_id).where(tables.Talk.call_id == call, tables.Talk.ended_at.is_(None))
    return tuple(ListenerId(one) for one in session.scalars(talking.order_by(tables.Talk.seat)))


def open_rings(session: Session, site: SiteId) -> dict[str, CallId]:
    """Every offer that has not ended, with its call."""
    rows = session.execute(
        select(tables.Offer.id, tables.Offer.call_id)
        .join(tables.Call, tables.Call.id == tables.Offer.call_id)
        .where(tables.Offer.ended_at.is_(None), tables.Call.site_id == site)
    )
    return {row.id: CallId(row.call_id) for row in rows}


def listener_of_offer(session: Session, offer: str) -> ListenerId | None:
    found = session.scalar(select(tables.Offer.listener_id).where(tables.Offer.id == offer))
    return ListenerId(found) if found else None


def listener_of_phone(session: Session, phone: PhoneId) -> ListenerId | None:
    found = session.scalar(select(tables.Listener.id).where(tables.Listener.phone_id == phone))
    return ListenerId(found) if found else None


def post_of_phone(session: Session, phone: PhoneId) -> Post | None:
    found = session.scalar(select(tables.Phone.post).where(tables.Phone.id == phone))
    return Post(found) if found else None


def phone_of_listener(session: Session, listener: ListenerId) -> PhoneId | None:
    found = session.scalar(select(tables.Listener.phone_id).where(tables.Listener.id == listener))
    return PhoneId(found) if found else None


def wings_near(session: Session, phone: PhoneId) -> tuple[WingId | None, WingId | None]:
    """The wing a phone is on, and the wing behind it; used while ringing, written nowhere."""
    row = session.execute(
        select(tables.Wing.id, tables.Wing.backup_wing_id)
        .join(tables.Cell, tables.Cell.wing_id == tables.Wing.id)
        .join(tables.Phone, tables.Phone.cell_id == tables.Cell.id)
        .where(tables.Phone.id == phone)
    ).one_or_none()
    if row is None:
        return None, None
    return WingId(row.id), WingId(row.backup_wing_id) if row.backup_wing_id else None
