"""Rest, caps and certificates, as routing sees them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from builders import NOON, SITE, a_call, a_small_prison, a_welfare
from sqlalchemy.orm import Session

from listeners.candidate import Candidate
from listeners.journey import Module, Trained
from listeners.journey_store import record_training
from listeners.order import CallersWishes, order_for
from listeners.standing import may_take_calls
from listeners.store import candidates, claim, extend_rest, leave, offer, rest_until
from models import tables
from models.database import Database
from models.words import CallId, Cause, Language, LeftOut, ListenerId, Seat, SiteId, Standing

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ROBIN = ListenerId("listener-robin")
CALL = CallId("call-one")
WELFARE = a_welfare()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        a_small_prison(session, "robin", "wren")
        session.add(a_call())
        session.flush()
        yield session


def known(session: Session, now: timedelta = timedelta()) -> dict[str, Candidate]:
    found = candidates(session, SiteId(SITE), now=NOON + now, unreachable=frozenset(), welfare=WELFARE)
    return {one.id.removeprefix("listener-"): one for one in found}


def talk(session: Session, begins: timedelta, ends: timedelta, listener: ListenerId = ROBIN) -> None:
    rung = offer(session, CALL, listener=listener, seat=Seat.FIRST, now=NOON + begins)
    assert rung
    assert claim(session, rung, now=NOON + begins)
    leave(session, CALL, listener=listener, now=NOON + ends, rest=WELFARE)


def raised(session: Session, at: timedelta, cause: Cause = Cause.DANGER_NOW) -> None:
    session.add(
        tables.Escalation(
            id=f"escalation-{cause}", site_id=SITE, call_id=CALL, cause=cause, protocol={}, raised_at=NOON + at
        )
    )
    session.flush()


def test_rest_after_a_talk_grows_with_its_length(session: Session) -> None:
    talk(session, begins=-40 * MINUTE, ends=timedelta())

    assert known(session)["robin"].resting_until == NOON + 35 * MINUTE


def test_rest_is_longer_after_a_talk_in_which_staff_were_told(session: Session) -> None:
    raised(session, -10 * MINUTE)

    talk(session, begins=-40 * MINUTE, ends=timedelta())
    assert known(session)["robin"].resting_until == NOON + 65 * MINUTE


def test_a_drill_weighs_nothing(session: Session) -> None:
    raised(session, -10 * MINUTE, Cause.DRILL)

    talk(session, begins=-40 * MINUTE, ends=timedelta())
    assert known(session)["robin"].resting_until == NOON + 35 * MINUTE


def test_a_longer_rest_that_was_asked_for_stays(session: Session) -> None:
    rest_until(session, ROBIN, until=NOON + 5 * HOUR)

    talk(session, begins=-40 * MINUTE, ends=timedelta())
    assert known(session)["robin"].resting_until == NOON + 5 * HOUR


def test_a_listener_may_rest_longer(session: Session) -> None:
    talk(session, begins=-40 * MINUTE, ends=timedelta())

    until = extend_rest(session, ROBIN, by=15 * MINUTE, now=NOON + 5 * MINUTE)
    assert until == NOON + 50 * MINUTE
    assert known(session)["robin"].resting_until == until


def test_who_has_reached_a_cap_is_not_rung_and_the_order_says_why(session: Session) -> None:
    talk(session, begins=-10 * HOUR, ends=-7 * HOUR)

    order = order_for(CallersWishes(language=Language("en")), list(known(session).values()), now=NOON)
    assert order.ring == ("listener-wren",)
    assert order.left_out == ((ROBIN, LeftOut.HAD_ENOUGH),)


def test_a_minute_below_the_cap_a_listener_is_rung(session: Session) -> None:
    talk(session, begins=-10 * HOUR, ends=-7 * HOUR - MINUTE)

    assert not known(session)["robin"].had_enough


def test_the_weight_of_a_talk_counts_towards_the_cap(session: Session) -> None:
    raised(session, -8 * HOUR)

    talk(session, begins=-10 * HOUR, ends=-7 * HOUR - 30 * MINUTE)
    assert known(session)["robin"].had_enough


def test_what_was_raised_after_a_listener_had_left_does_not_weigh_on_them(session: Session) -> None:
    talk(session, begins=-10 * HOUR, ends=-7 * HOUR - 30 * MINUTE)

    raised(session, -7 * HOUR)
    assert not known(session)["robin"].had_enough


def test_without_rules_of_welfare_nobody_has_had_enough(session: Session) -> None:
    talk(session, begins=-12 * HOUR, ends=-HOUR)

    found = candidates(session, SiteId(SITE), now=NOON, unreachable=frozenset())
    assert not any(one.had_enough for one in found)


def test_a_talk_of_last_week_still_lowers_the_ring_order(session: Session) -> None:
    talk(session, begins=-10 * DAY, ends=-10 * DAY + HOUR)

    order = order_for(CallersWishes(language=Language("en")), list(known(session).values()), now=NOON)
    assert order.ring == ("listener-wren", ROBIN)
    assert known(session)["robin"].load == HOUR / 28


def test_a_talk_of_five_weeks_ago_is_forgotten(session: Session) -> None:
    talk(session, begins=-35 * DAY, ends=-35 * DAY + HOUR)

    assert known(session)["robin"].load == timedelta()


@pytest.mark.parametrize("module", [Module.REFRESHER, Module.REACCREDITATION])
def test_a_recurring_training_that_is_overdue_stops_calls_at_once(session: Session, module: Module) -> None:
    record_training(session, ROBIN, Trained(module, NOON - 9 * DAY, NOON))

    before, after = known(session, -MINUTE)["robin"], known(session)["robin"]
    assert may_take_calls(before, NOON - MINUTE)
    assert not may_take_calls(after, NOON)
    assert after.standing is Standing.CERTIFIED


def test_a_module_of_the_first_training_ends_nothing(session: Session) -> None:
    record_training(session, ROBIN, Trained(Module.ONE, NOON - 900 * DAY, NOON - DAY))

    assert may_take_calls(known(session)["robin"], NOON)


def test_the_certificate_counts_no_longer_than_it_says_whatever_the_training(session: Session) -> None:
    record_training(session, ROBIN, Trained(Module.REFRESHER, NOON, NOON + 900 * DAY))

    assert known(session)["robin"].certified_until == NOON + 265 * DAY
