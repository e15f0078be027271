"""What the engine does to one escalation in one transaction, whoever asks for it."""

from escalation import nodes, store, tellings
from escalation.case import Closed, Due, Event, HandedOver
from escalation.ports import TELLING_AT_MOST
from escalation.store import Deed
from escalation.turn import Turn
from models.words import EscalationId, TellingEnd, TellingId


def when_due(turn: Turn, escalation: EscalationId) -> None:
    row = store.lock(turn.session, escalation, skip=True)
    if row is None or (row.deciding and nodes.is_left_to_another(turn.session, row, turn.reach.node, turn.now)):
        return
    for telling in tellings.open_of(turn.session, escalation, rung_before=turn.now - TELLING_AT_MOST):
        turn.errands.stops.append(telling.id)
        turn.end_telling(row, telling, TellingEnd.NO_ANSWER)
    turn.feed(row, Due())


def by_staff(turn: Turn, escalation: EscalationId, event: Event) -> bool:
    counted = turn.feed(nodes.locked(turn, escalation), event)
    if counted and isinstance(event, HandedOver):
        turn.note(event.by, Deed.HANDED_OVER, escalation)
    return counted


def end_telling(turn: Turn, ending: TellingId, end: TellingEnd) -> bool:
    telling = tellings.telling(turn.session, ending)
    if not turn.end_telling(nodes.locked(turn, telling.escalation), telling, end):
        return False
    if end is TellingEnd.CANNOT_GO:
        turn.note(telling.post, Deed.CANNOT_GO, telling.escalation)
    return True


def close(turn: Turn, escalation: EscalationId, closed: Closed) -> bool:
    counted = turn.feed(nodes.locked(turn, escalation), closed)
    if counted and not closed.spoken:
        turn.note(closed.by, Deed.NOT_SPOKEN_TO, escalation)
    return counted
