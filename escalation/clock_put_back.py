"""When the clock is put back: nothing here waits for a time that was written by the clock as it was.

Whoever sets a clock that was two hours fast leaves rows two hours ahead, and a due time that is two hours late. What
stands in the future is brought to now, and what is to come to the time that its protocol allows from now on. It looks
only at what the rows say, so that any number of nodes may do it, at any time, and a second time changes nothing.

A clock that is put forward makes things due early; that needs nothing.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from escalation import nodes, store
from escalation.case import Case
from escalation.messages import LONGEST_PAUSE
from escalation.protocol import BREATH
from escalation.turn import Turn
from models import tables
from models.words import Instant


def put_right(turn: Turn) -> None:
    nodes.seen_no_later_than(turn.session, turn.now)
    telling, message = tables.Telling, tables.Message
    ahead = telling.ended_at.is_(None), telling.rang_at > turn.now
    turn.session.execute(update(telling).where(*ahead).values(rang_at=turn.now))
    # No pause between two tries is longer.
    late = message.due_at > turn.now + LONGEST_PAUSE
    turn.session.execute(update(message).where(late).values(due_at=turn.now))
    row = tables.Escalation
    for one in turn.session.scalars(select(row).where(row.closed_at.is_(None)).order_by(row.id).with_for_update()):
        # One that cannot be read must not keep the others waiting; its own tick says so.
        with suppress(ValueError):
            _put_right(turn, one)


def _put_right(turn: Turn, row: tables.Escalation) -> None:
    before = store.case_of(turn.session, row)
    after = no_later_than(before, turn.now)
    if after != before:
        store.write(turn.session, row, after)


def no_later_than(case: Case, now: Instant) -> Case:
    """The case with nothing in it that has yet to happen, and no wait longer than its protocol's."""
    return replace(
        case,
        acknowledged_at=_past(case.acknowledged_at, now),
        at_door_at=_past(case.at_door_at, now),
        spoken_at=_past(case.spoken_at, now),
        step_ends_at=_past(case.step_ends_at, now + _longest_wait(case)),
    )


def _longest_wait(case: Case) -> timedelta:
    if case.spoken_at is not None:
        return timedelta(seconds=case.protocol.closed_within)
    if case.deciding and case.protocol.decided_by:
        return timedelta(seconds=case.protocol.decided_by.seconds)
    return max(BREATH, timedelta(seconds=case.protocol.steps[case.step].seconds))


def _past(moment: Instant | None, latest: Instant) -> Instant | None:
    return None if moment is None else min(moment, latest)
