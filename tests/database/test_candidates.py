"""What is known of each Listener when a caller waits."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from builders import NOON, SITE, a_call, a_listener, a_site, a_small_prison, a_wing
from sqlalchemy.orm import Session

from listeners.candidate import Candidate
from listeners.store import (
    ask_for_debrief,
    candidates,
    claim,
    go_off_duty,
    go_on_duty,
    leave,
    offer,
    rest_until,
)
from models import tables
from models.database import Database
from models.words import CallId, Cover, ListenerId, PhoneId, Seat, SiteId

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ROBIN = ListenerId("listener-robin")
CALL = CallId("call-one")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        a_small_prison(session, "robin")
        session.add(a_call())
        session.flush()
        yield session


def robin(session: Session, unreachable: str = "", now: timedelta = timedelta()) -> Candidate:
    known = candidates(session, SiteId(SITE), now=NOON + now, unreachable=frozenset({PhoneId(unreachable)}))
    return next(one for one in known if one.id == ROBIN)


def talk(session: Session, begins: timedelta, ends: timedelta) -> None:
    rung = offer(session, CALL, listener=ROBIN, seat=Seat.FIRST, now=NOON + begins)
    assert rung
    assert claim(session, rung, now=NOON + begins)
    leave(session, CALL, listener=ROBIN, now=NOON + ends, rest=15 * MINUTE)


def test_a_free_listener_is_on_shift_reachable_and_unburdened(session: Session) -> None:
    one = robin(session)

    assert one.on_shift is Cover.FIRST
    assert one.reachable
    assert not any((one.off_duty, one.in_call, one.ringing, one.resting_until))
    assert (one.talked, one.last_talk_ended_at) == (timedelta(), None)


def test_a_listener_after_their_shift_is_on_none(session: Session) -> None:
    assert robin(session, now=2 * HOUR).on_shift is None


def test_a_phone_that_is_not_registered_cannot_be_reached(session: Session) -> None:
    assert not robin(session, unreachable="phone-robin").reachable


def test_a_listener_without_a_phone_cannot_be_reached(session: Session) -> None:
    session.add(a_listener("wren"))

    known = candidates(session, SiteId(SITE), now=NOON, unreachable=frozenset())
    assert [one.reachable for one in known] == [True, False]


def test_a_listener_of_another_site_is_no_candidate(session: Session) -> None:
    session.add(a_site(id="site-other"))
    session.flush()
    session.add(a_wing("C", site_id="site-other"))
    session.flush()
    session.add(a_listener("wren", wing="C", site_id="site-other"))

    assert [one.id for one in candidates(session, SiteId(SITE), now=NOON, unreachable=frozenset())] == [ROBIN]


def test_a_listener_is_ringing_then_in_call_then_resting(session: Session) -> None:
    rung = offer(session, CALL, listener=ROBIN, seat=Seat.FIRST, now=NOON)
    assert rung
    assert (robin(session).ringing, robin(session).in_call) == (True, False)

    claim(session, rung, now=NOON)
    assert (robin(session).ringing, robin(session).in_call) == (False, True)

    leave(session, CALL, listener=ROBIN, now=NOON + MINUTE, rest=15 * MINUTE)
    assert not robin(session).in_call
    assert robin(session).resting_until == NOON + 16 * MINUTE


def test_only_what_was_talked_in_the_last_24_hours_burdens(session: Session) -> None:
    talk(session, begins=-26 * HOUR, ends=-25 * HOUR)
    talk(session, begins=-25 * HOUR, ends=-23 * HOUR)
    talk(session, begins=-2 * HOUR, ends=-1 * HOUR)

    assert robin(session).talked == 2 * HOUR
    assert robin(session).last_talk_ended_at == NOON - HOUR


def test_a_talk_of_long_ago_is_still_the_last(session: Session) -> None:
    talk(session, begins=-100 * HOUR, ends=-99 * HOUR)

    assert robin(session).last_talk_ended_at == NOON - 99 * HOUR


def test_off_duty_lasts_until_on_duty(session: Session) -> None:
    go_off_duty(session, ROBIN, now=NOON)
    assert robin(session).off_duty

    go_on_duty(session, ROBIN)
    assert not robin(session).off_duty


def test_off_duty_in_the_shift_before_does_not_last_into_this_one(session: Session) -> None:
    go_off_duty(session, ROBIN, now=NOON - 3 * HOUR)

    assert not robin(session).off_duty


def test_a_longer_rest_may_be_asked_for(session: Session) -> None:
    rest_until(session, ROBIN, until=NOON + HOUR)

    assert robin(session).resting_until == NOON + HOUR


def test_a_debrief_may_be_asked_for(session: Session) -> None:
    ask_for_debrief(session, ROBIN)

    assert session.get_one(tables.Listener, ROBIN, populate_existing=True).wants_debrief
