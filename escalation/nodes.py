"""Several processes of the line on one database: who lives, and what is left of one that died."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from escalation import store, tellings
from escalation.case import Restarted
from escalation.ports import TELLING_AT_MOST
from escalation.store import Deed
from escalation.turn import Turn
from models import tables
from models.errors import UnknownName
from models.words import EscalationId, Instant, NodeId, TellingId

# A node beats every second; one that has missed three is dead, so that what it rang is taken over within 5 s.
SILENT_FOR = timedelta(seconds=3)
# A node that stands still in a transaction loses it, and its locks, before the others count it as dead.
STANDS_STILL_AT_MOST = timedelta(seconds=2)
# A node that cannot ring leaves what is due to the others; whether they can ring it does not know, so not for ever.
LEFT_TO_OTHERS_FOR = timedelta(seconds=5)
# So long after its death the others still look for what it may have left ringing.
_MOURNED_FOR = timedelta(seconds=10)
# Errands follow a commit at once; whatever a node ended longer than this before its last beat it had stopped.
_ERRANDS_TAKE = timedelta(seconds=1)


def beat(session: Session, node: NodeId, now: Instant) -> None:
    """Says that the node lives, by the database's clock, which is the same for all.

    The first thing in each transaction of the engine: what it rings is its own from a moment at which it lived.
    """
    if session.get_bind().dialect.name == "postgresql":
        at_most = f"{STANDS_STILL_AT_MOST.total_seconds():.0f}s"
        session.execute(select(func.set_config("idle_in_transaction_session_timeout", at_most, True)))
    mine = tables.Node.id == node
    if session.execute(update(tables.Node).where(mine).values(seen_at=now).returning(tables.Node.id)).first():
        return
    try:
        with session.begin_nested():
            session.add(tables.Node(id=node, seen_at=now))
    except IntegrityError:
        # Another process under the same name began in this moment; it beats for both.
        return


def seen_no_later_than(session: Session, now: Instant) -> None:
    """Of a node that beat by a clock which was put back since: else one that died before would live until then."""
    ahead = select(tables.Node).where(tables.Node.seen_at > now + SILENT_FOR).with_for_update(skip_locked=True)
    for node in session.scalars(ahead):
        node.seen_at = now


def left_behind(session: Session, node: NodeId, now: Instant) -> Mapping[EscalationId, Sequence[TellingId]]:
    """Open escalations of which staff are being told by a node that has died, and what that node rang."""
    silent = select(tables.Node.id).where(tables.Node.seen_at < now - SILENT_FOR, tables.Node.id != node)
    known = select(tables.Node.id)
    return _being_told(
        session,
        or_(tables.Telling.node_id.in_(silent), tables.Telling.node_id.is_(None), tables.Telling.node_id.not_in(known)),
    )


def rung_by(
    session: Session, node: NodeId, *, before: Instant | None = None
) -> Mapping[EscalationId, Sequence[TellingId]]:
    """Open escalations of which this node, or an earlier process under its name, is telling staff, and what it rang."""
    return _being_told(session, _of(node) if before is None else and_(_of(node), tables.Telling.rang_at < before))


def is_left_to_another(session: Session, row: tables.Escalation, node: NodeId, now: Instant) -> bool:
    """Whether the caller's channel is in the Asterisk of another node, which lives: it knows where the caller is.

    One that has not done in time what is due may have lost its Asterisk, and whoever decides can be rung without it.
    """
    if row.due_at is not None and row.due_at < now - SILENT_FOR:
        return False
    lives = tables.Node.seen_at >= now - SILENT_FOR, tables.Node.id != node
    asked = select(tables.Node.id).join(tables.Call, tables.Call.node_id == tables.Node.id)
    return session.scalar(asked.where(tables.Call.id == row.call_id, *lives)) is not None


def others_live(session: Session, node: NodeId, now: Instant) -> bool:
    lives = tables.Node.seen_at >= now - SILENT_FOR, tables.Node.id != node
    return bool(session.scalar(select(exists().where(*lives))))


def leave_to_others(session: Session, untaken: Collection[TellingId]) -> None:
    """What no Asterisk has been able to take is nobody's, and the next node that looks takes it over."""
    still = tables.Telling.id.in_(untaken), tables.Telling.ended_at.is_(None)
    session.execute(update(tables.Telling).where(*still).values(node_id=None))


def ended_among(session: Session, tellings: Collection[TellingId]) -> Sequence[TellingId]:
    """Which of these have ended, by whatever node."""
    if not tellings:
        return []
    asked = select(tables.Telling.id).where(tables.Telling.id.in_(tellings), tables.Telling.ended_at.is_not(None))
    return [TellingId(one) for one in session.scalars(asked)]


def rung_by_and_ended_since(session: Session, node: NodeId, moment: Instant) -> Sequence[TellingId]:
    """What may still ring for an earlier process under this name, which died before it could stop it."""
    asked = select(tables.Telling.id).where(_of(node), tables.Telling.ended_at >= moment)
    return [TellingId(one) for one in session.scalars(asked)]


def left_ringing(session: Session, node: NodeId, now: Instant) -> Sequence[TellingId]:
    """What may still ring for another node, which died before it could stop it."""
    died = tables.Node.seen_at < now - SILENT_FOR, tables.Node.seen_at > now - _MOURNED_FOR
    dead = session.execute(select(tables.Node.id, tables.Node.seen_at).where(*died, tables.Node.id != node))
    return [
        left
        for one, seen_at in dead.all()
        for left in rung_by_and_ended_since(session, NodeId(one), seen_at - _ERRANDS_TAKE)
    ]


def _of(node: NodeId) -> ColumnElement[bool]:
    """Its own tellings, and those of a release that wrote no node."""
    return or_(tables.Telling.node_id == node, tables.Telling.node_id.is_(None))


def _being_told(session: Session, by: ColumnElement[bool]) -> Mapping[EscalationId, Sequence[TellingId]]:
    telling, row = tables.Telling, tables.Escalation
    asked = select(row.id, telling.id).join(telling, telling.escalation_id == row.id)
    still = asked.where(row.closed_at.is_(None), telling.ended_at.is_(None), by).order_by(row.id, telling.id)
    found: dict[EscalationId, list[TellingId]] = {}
    for escalation, one in session.execute(still):
        found.setdefault(EscalationId(escalation), []).append(TellingId(one))
    return found


# ---- what is done about it


def stop_what_still_rings(turn: Turn) -> None:
    """Tellings that have ended may still ring: the process may have died before it could stop them."""
    since = turn.now - TELLING_AT_MOST
    turn.errands.stops.extend(rung_by_and_ended_since(turn.session, turn.reach.node, since))


def after_restart(turn: Turn, escalation: EscalationId) -> None:
    row = locked(turn, escalation)
    # Another node may have taken it over while this one started.
    _tell_again(turn, row, rung_by(turn.session, turn.reach.node).get(escalation, ()))


def take_over(turn: Turn, escalation: EscalationId) -> None:
    """The node that told its staff is gone; one node finds it first, and the row's lock keeps the others out."""
    row = store.lock(turn.session, escalation, skip=True)
    left = left_behind(turn.session, turn.reach.node, turn.now).get(escalation)
    if row is None or not left:
        return
    turn.note(turn.reach.node, Deed.TAKEN_OVER, escalation)
    _tell_again(turn, row, left)


def tell_again(turn: Turn, escalation: EscalationId, lost: Collection[TellingId]) -> None:
    """These ring nowhere any more, or never did, and it is nobody's answer; of those, what has not ended meanwhile."""
    row = locked(turn, escalation)
    still_open = tellings.open_of(turn.session, escalation)
    _tell_again(turn, row, [telling.id for telling in still_open if telling.id in lost])


def locked(turn: Turn, escalation: EscalationId) -> tables.Escalation:
    row = store.lock(turn.session, escalation)
    if row is None:
        raise UnknownName("escalation", escalation)
    return row


def _tell_again(turn: Turn, row: tables.Escalation, left: Sequence[TellingId]) -> None:
    """Whom the dead node told are told again; whoever listens to another node is not cut off."""
    if left:
        posts = tuple(tellings.telling(turn.session, one).post for one in left)
        turn.give_up(left)
        turn.feed(row, Restarted(posts))
