"""The rows of tellings: one attempt to tell one phone of staff."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from escalation.case import Tell
from escalation.contacts import Contact
from models import clock, tables
from models.errors import UnknownName
from models.words import Cause, EscalationId, Instant, NodeId, PhoneId, Post, SiteId, TellingEnd, TellingId


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
    """A telling for each phone of the post that has none open. The unreachable are written too, as ended.

    A fault of the line does not ring where somebody is being told of a person.
    """
    escalation = EscalationId(row.id)
    busy = {telling.phone for telling in open_of(session, escalation)}
    if row.cause == Cause.LINE_BROKEN:
        busy |= told_of_people(session, SiteId(row.site_id))
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


def told_of_people(session: Session, site: SiteId) -> set[PhoneId]:
    """The phones on which somebody is just being told of a person."""
    row = tables.Escalation
    of_people = row.site_id == site, row.cause.not_in([Cause.LINE_BROKEN, Cause.DRILL])
    open_now = select(tables.Telling.phone_id).join(row, row.id == tables.Telling.escalation_id)
    return {PhoneId(one) for one in session.scalars(open_now.where(*of_people, tables.Telling.ended_at.is_(None)))}


def of_faults_at(session: Session, phones: Collection[PhoneId]) -> Sequence[TellingId]:
    """What rings or is heard on these phones about the line itself."""
    told, row = tables.Telling, tables.Escalation
    if not phones:
        return []
    asked = select(told.id).join(row, row.id == told.escalation_id)
    faults = row.cause == Cause.LINE_BROKEN, told.ended_at.is_(None), told.phone_id.in_(phones)
    return [TellingId(one) for one in session.scalars(asked.where(*faults).order_by(told.id))]


def _telling(row: tables.Telling) -> Telling:
    return Telling(TellingId(row.id), EscalationId(row.escalation_id), PhoneId(row.phone_id), Post(row.post))
