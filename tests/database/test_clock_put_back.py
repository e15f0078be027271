"""A clock that was two hours fast is put right: nobody waits two hours for what was due in a minute."""

from datetime import timedelta

import pytest
from builders import NOON, SITE, a_call, a_small_prison
from escalation_world import DESK, WARD, World, a_line, a_staffed_prison, after, do, raising, the_row
from sqlalchemy import select

from escalation.clock_put_back import put_right
from escalation.nodes import left_behind
from listeners.clock_set import rests_put_right, talks_moved
from listeners.store import claim, leave, offer
from models import tables
from models.database import Database
from models.words import CallId, ListenerId, NodeId, Seat, SiteId, TellingEnd

FAST = timedelta(hours=2)
THEN = NOON + FAST
A_SECOND = timedelta(seconds=1)
REST = timedelta(minutes=20)
ROBIN, CALL = ListenerId("listener-robin"), CallId("call-one")


def test_a_step_ends_in_its_time_although_the_clock_was_put_back_in_it(database: Database) -> None:
    database.do(a_staffed_prison)
    world = World()
    line = a_line(database, world)
    escalation = do(line.raise_escalation(raising(), THEN))
    step = the_row(database, escalation).step_ends_at
    assert step
    world.takes_rung()

    do(line.act(put_right, NOON))
    do(line.tick(NOON + (step - THEN)))

    assert the_row(database, escalation).step > 0 or world.takes_rung()


def test_whoever_goes_and_does_not_arrive_is_missed_in_time(database: Database) -> None:
    database.do(a_staffed_prison)
    world = World()
    line = a_line(database, world)
    escalation = do(line.raise_escalation(raising(), THEN))
    for phone in (DESK, WARD):
        do(line.telling_ended(world.hangs_up(phone), TellingEnd.ACKNOWLEDGED, THEN + A_SECOND))
    world.takes_rung()

    do(line.act(put_right, NOON))
    do(line.tick(NOON + timedelta(seconds=raising().protocol.door_within)))

    assert the_row(database, escalation).round == 1
    assert world.takes_rung() >= {DESK, WARD}


def test_a_second_time_changes_nothing(database: Database) -> None:
    database.do(a_staffed_prison)
    line = a_line(database, World())
    escalation = do(line.raise_escalation(raising(), THEN))
    do(line.act(put_right, NOON))
    once = the_row(database, escalation).due_at

    do(line.act(put_right, after(5)))

    assert the_row(database, escalation).due_at == once


def test_a_node_that_died_before_is_missed(database: Database) -> None:
    database.do(a_staffed_prison)
    escalation = do(a_line(database, World(), "dead").raise_escalation(raising(), THEN))

    do(a_line(database, World()).act(put_right, NOON))

    left = database.do(lambda session: left_behind(session, NodeId("line"), after(4)))
    assert set(left) == {escalation}


@pytest.mark.parametrize("by", [FAST, -FAST])
def test_a_talk_in_which_the_clock_is_set_is_as_long_as_it_was(database: Database, by: timedelta) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin", "wren")
        session.add_all([a_call(node_id="line"), a_call("two", node_id="other")])
        session.flush()
        for listener, call in ((ROBIN, CALL), (ListenerId("listener-wren"), CallId("call-two"))):
            rung = offer(session, call, listener=listener, seat=Seat.FIRST, now=NOON)
            assert rung
            assert claim(session, rung, now=NOON)

        now = after(600) + by
        talks_moved(session, NodeId("line"), by=by, since=now - A_SECOND, now=now)

        began = {talk.call_id: talk.began_at for talk in session.scalars(select(tables.Talk))}
        assert began == {"call-one": NOON + by, "call-two": NOON}
        talks_moved(session, NodeId("line"), by=by, since=NOON + by, now=now)
        assert session.scalar(select(tables.Talk.began_at).where(tables.Talk.call_id == "call-one")) == NOON + by


def test_a_rest_is_as_long_as_it_was_earned(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin")
        session.add(a_call())
        session.flush()
        rung = offer(session, CALL, listener=ROBIN, seat=Seat.FIRST, now=THEN)
        assert rung
        assert claim(session, rung, now=THEN)
        leave(session, CALL, listener=ROBIN, now=THEN + A_SECOND, rest=REST)

        rests_put_right(session, SiteId(SITE), NOON)
        rests_put_right(session, SiteId(SITE), after(300))

        assert session.scalar(select(tables.Listener.resting_until)) == NOON + REST
