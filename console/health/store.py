"""Reads how the machinery is: phones by their ids, nights, drills, messages that did not leave, nodes. Nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from escalation.drill_report import DrillReport, drills_at
from escalation.messages import Fault
from escalation.nightly import Nightly, latest
from models.backups import last_backup
from models.clock import of_database
from models.tables import Escalation, Message, Node, Phone
from models.words import Instant, NodeId, PhoneId, PhoneKind, Post, SiteId

NIGHTS, DRILLS = 7, 6


@dataclass(frozen=True, slots=True)
class PhoneHere:
    """Neither its cell nor whose it is; of a phone of staff, the post."""

    id: PhoneId
    kind: PhoneKind
    post: Post | None


@dataclass(frozen=True, slots=True)
class Unsent:
    """Messages to one contact that are still due, and why their last try failed."""

    contact: str
    fault: Fault
    number: int


@dataclass(frozen=True, slots=True)
class NodeSeen:
    id: NodeId
    seen_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """``read_at`` is by the database's clock, as the beats of nodes are."""

    database: str
    read_at: Instant
    phones: Sequence[PhoneHere]
    nights: Sequence[Nightly]
    drills: Sequence[DrillReport]
    unsent: Sequence[Unsent]
    nodes: Sequence[NodeSeen]
    backed_up_at: Instant | None


def read(session: Session, site: SiteId, now: Instant) -> Facts:
    return Facts(
        database=session.get_bind().dialect.name,
        read_at=of_database(session),
        phones=phones_here(session, site),
        nights=latest(session, site, NIGHTS),
        drills=drills_at(session, site, now, DRILLS),
        unsent=_unsent(session, site),
        nodes=[NodeSeen(NodeId(row.id), row.seen_at) for row in session.scalars(select(Node).order_by(Node.id))],
        backed_up_at=last_backup(session),
    )


def phones_here(session: Session, site: SiteId) -> Sequence[PhoneHere]:
    rows = session.execute(
        select(Phone.id, Phone.kind, Phone.post).where(Phone.site_id == site).order_by(Phone.kind.desc(), Phone.id)
    )
    return [PhoneHere(PhoneId(one), PhoneKind(kind), Post(post) if post else None) for one, kind, post in rows]


def _unsent(session: Session, site: SiteId) -> Sequence[Unsent]:
    """Not those that left, nor those that nobody wants any more."""
    of_site = Message.escalation_id.in_(select(Escalation.id).where(Escalation.site_id == site))
    failing = of_site, Message.due_at.is_not(None), Message.last_error.is_not(None)
    by = Message.contact, Message.last_error
    rows = session.execute(select(*by, func.count()).where(*failing).group_by(*by).order_by(*by))
    return [Unsent(contact, Fault(fault), number) for contact, fault, number in rows if fault]
