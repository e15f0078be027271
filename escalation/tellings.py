"""The rows of tellings: one attempt to tell one phone of staff."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from escalation.case import Tell
from escalation.contacts import Contact
from models import clock, tables
from models.errors import UnknownName
from models.words import EscalationId, Instant, NodeId, PhoneId, Post, TellingEnd, TellingId


@dataclass(frozen=True, slots=True)
class Telling:
    id: TellingId
    escalation: EscalationId
    phone: PhoneId
    post: Post


@dataclass(frozen=True, slots=True)
class Reach:
    """Who rings, which phones cannot be rung, and who is written to beside the phones."""

    node: NodeId
    unreachable: Collection[PhoneId]
    contacts: Sequence[Contact] = ()


def open_of(session: Session, escalation: EscalationId, *, rung_before: Instant | None = None) -> Sequence[Telling]:
    row = tables.Telling
    asked = select(row).where(row.escalation_id == escalation, row.ended_at.is_(None))
    if rung_before is not None:
        asked = asked.where(row.rang_at <= rung_before)
    return [_telling(one) for one in session.scalars(asked.order_by(row.rang_at, row.phone_id))]


def telling(session: Session, asked: TellingId) -> Telling:
    row = session.get(tables.Telling, asked)
    if row is None:
        raise UnknownName("telling", asked)
    return _telling(row)


def end(session: Session, ending: TellingId, how: TellingEnd, now: Instant) -> bool:
    """False when it had ended already."""
    still_open = (tables.Telling.id == ending, tables.Telling.ended_at.is_(None))
    ended = session.execute(
        update(tables.Telling).where(*still_open).values(ended_at=now, end=how).returning(tables.Telling.id)
    )
    return ended.first() is not None


def tell(
    session: Session,
    row: tables.Escalation,
    order: Tell,
    *,
    reach: Reach,
    now: Instant,
) -> Sequence[Telling]:
    """A telling for each phone of the post that has none open. The unreachable are written too, as ended."""
    escalation = EscalationId(row.id)
    busy = {telling.phone for telling in open_of(session, escalation)}
    phones = select(tables.Phone.id).where(tables.Phone.site_id == row.site_id, tables.Phone.post == order.post)
    rung: list[Telling] = []
    for phone in (PhoneId(one) for one in session.scalars(phones.order_by(tables.Phone.id))):
        if phone in busy:
            continue
        told = Telling(TellingId(clock.new_id("tell")), escalation, phone, order.post)
        lost = phone in reach.unreachable
        session.add(
            tables.Telling(
                id=told.id,
                escalation_id=escalation,
                phone_id=phone,
                post=order.post,
                step=order.step,
                round=order.round,
                node_id=reach.node,
                rang_at=now,
                ended_at=now if lost else None,
                end=TellingEnd.UNREACHABLE if lost else None,
            )
        )
        rung += [] if lost else [told]
    session.flush()
    return rung


def _telling(row: tables.Telling) -> Telling:
    return Telling(TellingId(row.id), EscalationId(row.escalation_id), PhoneId(row.phone_id), Post(row.post))
