"""What the database knows of calls: that there is one, never whose."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, literal, or_, select, update
from sqlalchemy.orm import Session

from listeners.movements_store import gone_now
from models import clock, tables
from models.clock import of_database
from models.months import month_of
from models.words import CallId, CallStage, Counted, Language, ListenerId, NodeId, PhoneId, Post, SiteId, WingId

# A node of the line that has not beaten for so long is not coming back to its calls, nor is its Asterisk.
GONE_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Look:
    """Whose calls are looked for. ``judges``: who has not beaten for long is gone, and their calls are ours now."""

    site: SiteId
    node: NodeId
    judges: bool


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that has not ended, with the Listeners who are in it."""

    id: CallId
    language: Language
    listening: bool
    listeners: tuple[ListenerId, ...]


def open_call(  # noqa: PLR0913 - each named
    session: Session, call: CallId, *, site: SiteId, language: Language, now: datetime, node: NodeId | None = None
) -> None:
    chosen = {"stage": CallStage.NOTICE.value, "language": language, "listening": False}
    session.add(tables.Call(id=call, site_id=site, node_id=node, began_at=now, **chosen))


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


def open_calls(session: Session, look: Look) -> tuple[OpenCall, ...]:
    """Of this node, and of those that have gone: what another one has is in an Asterisk that we do not see."""
    rows = session.scalars(
        select(tables.Call)
        .where(tables.Call.site_id == look.site, tables.Call.ended_at.is_(None), _not_of_another(session, look))
        .order_by(tables.Call.began_at)
    )
    return tuple(
        OpenCall(CallId(row.id), Language(row.language), row.listening, _in_call(session, row.id)) for row in rows
    )


def _in_call(session: Session, call: str) -> tuple[ListenerId, ...]:
    talking = select(tables.Talk.listener_id).where(tables.Talk.call_id == call, tables.Talk.ended_at.is_(None))
    return tuple(ListenerId(one) for one in session.scalars(talking.order_by(tables.Talk.seat)))


def _not_of_another(session: Session, look: Look) -> ColumnElement[bool]:
    """By the database's clock, as nodes beat. A line that ended is back sooner, and finds its callers."""
    others = select(tables.Node.id).where(tables.Node.id != look.node)
    if look.judges:
        others = others.where(tables.Node.seen_at >= of_database(session) - GONE_AFTER)
    return or_(tables.Call.node_id.is_(None), tables.Call.node_id.not_in(others))


def open_rings(session: Session, look: Look) -> dict[str, CallId]:
    """Every offer that has not ended, with its call; as ``open_calls``."""
    rows = session.execute(
        select(tables.Offer.id, tables.Offer.call_id)
        .join(tables.Call, tables.Call.id == tables.Offer.call_id)
        .where(tables.Offer.ended_at.is_(None), tables.Call.site_id == look.site, _not_of_another(session, look))
    )
    return {row.id: CallId(row.call_id) for row in rows}


def open_talks(session: Session, look: Look) -> frozenset[tuple[CallId, ListenerId]]:
    """Who has which caller, also where the call has ended; as ``open_calls``."""
    rows = session.execute(
        select(tables.Talk.call_id, tables.Talk.listener_id)
        .join(tables.Call, tables.Call.id == tables.Talk.call_id)
        .where(tables.Talk.ended_at.is_(None), tables.Call.site_id == look.site, _not_of_another(session, look))
    )
    return frozenset((CallId(row.call_id), ListenerId(row.listener_id)) for row in rows)


def listener_of_offer(session: Session, offer: str) -> ListenerId | None:
    found = session.scalar(select(tables.Offer.listener_id).where(tables.Offer.id == offer))
    return ListenerId(found) if found else None


def listener_of_phone(session: Session, phone: PhoneId) -> ListenerId | None:
    """None where they are gone: whoever lives there now must hear nothing of them, until the phone is given away."""
    row = session.execute(
        select(tables.Listener.id, tables.Listener.site_id).where(tables.Listener.phone_id == phone)
    ).one_or_none()
    if row is None or row.id in gone_now(session, SiteId(row.site_id), clock.now()):
        return None
    return ListenerId(row.id)


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
