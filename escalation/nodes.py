"""Several processes of the line on one database: who lives, and what is left of one that died."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import tables
from models.words import EscalationId, Instant, NodeId, TellingId

# A node beats every second; one that has missed three is dead, so that what it rang is taken over within 5 s.
SILENT_FOR = timedelta(seconds=3)


def beat(session: Session, node: NodeId, now: Instant) -> None:
    """Says that the node lives, by the database's clock, which is the same for all."""
    mine = tables.Node.id == node
    if session.execute(update(tables.Node).where(mine).values(seen_at=now).returning(tables.Node.id)).first():
        return
    try:
        with session.begin_nested():
            session.add(tables.Node(id=node, seen_at=now))
    except IntegrityError:
        # Another process under the same name began in this moment; it beats for both.
        return


def left_behind(session: Session, node: NodeId, now: Instant) -> Sequence[EscalationId]:
    """Open escalations whose staff are being told by a node that has died."""
    silent = select(tables.Node.id).where(tables.Node.seen_at < now - SILENT_FOR, tables.Node.id != node)
    known = select(tables.Node.id)
    dead = or_(
        tables.Telling.node_id.in_(silent), tables.Telling.node_id.is_(None), tables.Telling.node_id.not_in(known)
    )
    return _escalations(session, tables.Telling.ended_at.is_(None), dead)


def rung_by(session: Session, node: NodeId) -> Sequence[EscalationId]:
    """Escalations that an earlier process under this name was telling staff of."""
    mine = or_(tables.Telling.node_id == node, tables.Telling.node_id.is_(None))
    return _escalations(session, tables.Telling.ended_at.is_(None), mine)


def ended_among(session: Session, tellings: Collection[TellingId]) -> Sequence[TellingId]:
    """Which of these have ended, by whatever node."""
    if not tellings:
        return []
    asked = select(tables.Telling.id).where(tables.Telling.id.in_(tellings), tables.Telling.ended_at.is_not(None))
    return [TellingId(one) for one in session.scalars(asked)]


def rung_by_and_ended_since(session: Session, node: NodeId, moment: Instant) -> Sequence[TellingId]:
    """What may still ring for an earlier process under this name, which died before it could stop it."""
    mine = or_(tables.Telling.node_id == node, tables.Telling.node_id.is_(None))
    return [
        TellingId(one)
        for one in session.scalars(select(tables.Telling.id).where(mine, tables.Telling.ended_at >= moment))
    ]


def _escalations(session: Session, *which: object) -> Sequence[EscalationId]:
    telling, row = tables.Telling, tables.Escalation
    asked = (
        select(row.id).join(telling, telling.escalation_id == row.id).where(row.closed_at.is_(None), *which).distinct()  # type: ignore[arg-type]
    )
    return [EscalationId(one) for one in sorted(session.scalars(asked))]
