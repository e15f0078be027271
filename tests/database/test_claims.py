"""One winner for a caller and one caller for a Listener, one after another and all at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from functools import partial

import pytest
from builders import NOON, a_call, a_small_prison
from races import at_once
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from listeners.store import claim, end_offer, end_open_offers, leave, offer
from models import tables
from models.database import Database
from models.words import CallId, ListenerId, OfferEnd, OfferId, Seat

ROBIN, WREN = ListenerId("listener-robin"), ListenerId("listener-wren")
ONE, TWO = CallId("call-one"), CallId("call-two")
REST = timedelta(minutes=15)


@pytest.fixture
def prison(database: Database) -> Iterator[Database]:
    """Two Listeners on shift and two callers waiting."""
    with database.transaction() as session:
        a_small_prison(session, "robin", "wren")
        session.add_all([a_call("one"), a_call("two")])
    yield database
    with database.transaction() as session:
        assert_nobody_is_shared(session)


def assert_nobody_is_shared(session: Session) -> None:
    open_talks = session.scalars(select(tables.Talk).where(tables.Talk.ended_at.is_(None))).all()
    assert len({talk.listener_id for talk in open_talks}) == len(open_talks)
    assert len({(talk.call_id, talk.seat) for talk in open_talks}) == len(open_talks)


def ring(prison: Database, call: CallId, listener: ListenerId, seat: Seat = Seat.FIRST) -> OfferId:
    rung = prison.do(partial(offer, call=call, listener=listener, seat=seat, now=NOON))
    assert rung
    return rung


def take(prison: Database, offer: OfferId) -> bool:
    return prison.do(taking(offer))


def taking(offer: OfferId) -> Callable[[Session], bool]:
    return partial(claim, offer=offer, now=NOON)


def how_it_ended(prison: Database, offer: OfferId) -> str | None:
    with prison.transaction() as session:
        return session.get_one(tables.Offer, offer).end


def talks(prison: Database, *, only_open: bool = True) -> int:
    query = select(func.count()).select_from(tables.Talk)
    with prison.transaction() as session:
        return session.scalar(query.where(tables.Talk.ended_at.is_(None)) if only_open else query) or 0


def hang_up(session: Session, call: CallId) -> int:
    """Ends the call as the line does, and says how many Listeners it found in it."""
    session.execute(update(tables.Call).where(tables.Call.id == call).values(ended_at=NOON))
    end_open_offers(session, call, how=OfferEnd.CALLER_GONE, now=NOON)
    there = select(tables.Talk.listener_id).where(tables.Talk.call_id == call, tables.Talk.ended_at.is_(None))
    listeners = session.scalars(there.order_by(tables.Talk.listener_id)).all()
    for listener in listeners:
        leave(session, call, listener=ListenerId(listener), now=NOON, rest=REST)
    return len(listeners)


def test_who_takes_a_call_has_it(prison: Database) -> None:
    rung = ring(prison, ONE, ROBIN)

    assert take(prison, rung)
    assert how_it_ended(prison, rung) == OfferEnd.TAKEN
    with prison.transaction() as session:
        assert session.get_one(tables.Call, ONE).stage == "talking"


def test_who_comes_second_has_lost(prison: Database) -> None:
    first, second = ring(prison, ONE, ROBIN), ring(prison, ONE, WREN)
    take(prison, first)

    assert not take(prison, second)
    assert how_it_ended(prison, second) == OfferEnd.LOST


def test_a_second_press_of_the_key_changes_nothing(prison: Database) -> None:
    rung = ring(prison, ONE, ROBIN)
    take(prison, rung)

    assert not take(prison, rung)
    assert how_it_ended(prison, rung) == OfferEnd.TAKEN
    assert talks(prison) == 1


def test_a_second_listener_joins_in_a_seat_of_their_own(prison: Database) -> None:
    take(prison, ring(prison, ONE, ROBIN))

    assert take(prison, ring(prison, ONE, WREN, Seat.SECOND))
    assert talks(prison) == 2


def test_who_came_second_and_is_alone_with_the_caller_can_be_joined(prison: Database) -> None:
    take(prison, ring(prison, ONE, ROBIN, Seat.SECOND))

    assert take(prison, ring(prison, ONE, WREN, Seat.SECOND))
    assert talks(prison) == 2


def test_the_second_seat_alone_does_not_make_the_caller_talk(prison: Database) -> None:
    take(prison, ring(prison, ONE, ROBIN, Seat.SECOND))

    with prison.transaction() as session:
        assert session.get_one(tables.Call, ONE).stage == "waiting"


def test_a_listener_is_rung_for_one_caller_at_a_time(prison: Database) -> None:
    ring(prison, ONE, ROBIN)

    assert prison.do(partial(offer, call=TWO, listener=ROBIN, seat=Seat.FIRST, now=NOON)) is None


def test_a_listener_in_a_call_is_not_rung(prison: Database) -> None:
    take(prison, ring(prison, ONE, ROBIN))

    assert prison.do(partial(offer, call=TWO, listener=ROBIN, seat=Seat.FIRST, now=NOON)) is None


def test_nobody_is_rung_for_a_caller_who_has_gone(prison: Database) -> None:
    prison.do(partial(hang_up, call=ONE))

    assert prison.do(partial(offer, call=ONE, listener=ROBIN, seat=Seat.FIRST, now=NOON)) is None


def test_an_offer_stays_as_it_ended_first(prison: Database) -> None:
    rung = ring(prison, ONE, ROBIN)
    prison.do(partial(end_offer, offer=rung, how=OfferEnd.PASSED, now=NOON))
    prison.do(partial(end_offer, offer=rung, how=OfferEnd.MISSED, now=NOON + REST))

    assert how_it_ended(prison, rung) == OfferEnd.PASSED
    assert not take(prison, rung)


def test_an_offer_that_nobody_knows_is_neither_ended_nor_taken(prison: Database) -> None:
    prison.do(partial(end_offer, offer=OfferId("offer-none"), how=OfferEnd.PASSED, now=NOON))

    assert not take(prison, OfferId("offer-none"))


def test_all_open_offers_of_a_call_end_together_and_only_those(prison: Database) -> None:
    first, second = ring(prison, ONE, ROBIN), ring(prison, TWO, WREN)

    ended = prison.do(partial(end_open_offers, call=ONE, how=OfferEnd.CALLER_GONE, now=NOON))
    assert ended == (first,)
    assert (how_it_ended(prison, first), how_it_ended(prison, second)) == (OfferEnd.CALLER_GONE, None)


def test_who_left_rests_once(prison: Database) -> None:
    take(prison, ring(prison, ONE, ROBIN))
    prison.do(partial(leave, call=ONE, listener=ROBIN, now=NOON, rest=REST))
    prison.do(partial(leave, call=ONE, listener=ROBIN, now=NOON + REST, rest=REST))

    with prison.transaction() as session:
        assert session.get_one(tables.Listener, ROBIN).resting_until == NOON + REST


def test_a_call_that_was_left_can_be_taken_by_another(prison: Database) -> None:
    take(prison, ring(prison, ONE, ROBIN))
    prison.do(partial(leave, call=ONE, listener=ROBIN, now=NOON, rest=REST))

    assert take(prison, ring(prison, ONE, WREN))


def test_two_listeners_press_in_the_same_moment_and_one_wins(prison: Database) -> None:
    for _ in range(50):
        first, second = ring(prison, ONE, ROBIN), ring(prison, ONE, WREN)

        assert sorted(at_once(prison, [taking(first), taking(second)])) == [False, True]
        ends = {how_it_ended(prison, first), how_it_ended(prison, second)}
        assert ends == {OfferEnd.TAKEN, OfferEnd.LOST}
        for listener in (ROBIN, WREN):
            prison.do(partial(leave, call=ONE, listener=listener, now=NOON, rest=REST))


def test_of_two_hundred_presses_by_two_listeners_one_wins(prison: Database) -> None:
    offers = [ring(prison, ONE, ROBIN), ring(prison, ONE, WREN)]

    won = at_once(prison, [taking(rung) for _ in range(100) for rung in offers])
    assert sum(won) == 1
    assert talks(prison, only_open=False) == 1


def test_a_listener_who_takes_two_calls_in_the_same_moment_has_one(prison: Database) -> None:
    with prison.transaction() as session:
        # Without this guard a Listener can be rung for two callers, and the next guard has to hold.
        session.execute(text("DROP INDEX one_ring_a_listener"))

    for _ in range(20):
        offers = [ring(prison, ONE, ROBIN), ring(prison, TWO, ROBIN)]

        assert sorted(at_once(prison, [taking(rung) for rung in offers])) == [False, True]
        for call in (ONE, TWO):
            prison.do(partial(leave, call=call, listener=ROBIN, now=NOON, rest=REST))


def test_many_callers_at_once_ring_a_listener_once(prison: Database) -> None:
    rings = [partial(offer, call=call, listener=ROBIN, seat=Seat.FIRST, now=NOON) for call in (ONE, TWO) * 10]

    assert sum(rung is not None for rung in at_once(prison, rings)) == 1


def test_a_caller_who_hangs_up_as_the_key_is_pressed_leaves_no_listener_behind(prison: Database) -> None:
    for turn in range(20):
        call = CallId(f"call-{turn}")
        with prison.transaction() as session:
            session.add(a_call(str(turn)))
        rung = ring(prison, call, ROBIN)

        acts: list[Callable[[Session], int]] = [partial(hang_up, call=call), taking(rung)]
        found, won = at_once(prison, acts)
        assert found == won
        assert talks(prison) == 0
        assert how_it_ended(prison, rung) == (OfferEnd.TAKEN if won else OfferEnd.CALLER_GONE)


def test_a_ring_that_times_out_as_the_key_is_pressed_is_missed_or_taken(prison: Database) -> None:
    for _ in range(20):
        rung = ring(prison, ONE, ROBIN)
        missing = partial(end_offer, offer=rung, how=OfferEnd.MISSED, now=NOON)

        acts: list[Callable[[Session], bool | None]] = [missing, taking(rung)]
        _, won = at_once(prison, acts)
        assert how_it_ended(prison, rung) == (OfferEnd.TAKEN if won else OfferEnd.MISSED)
        prison.do(partial(leave, call=ONE, listener=ROBIN, now=NOON, rest=REST))


def test_a_listener_whose_key_is_being_heard_is_not_rung_for_another_caller(prison: Database) -> None:
    rung = ring(prison, ONE, ROBIN)
    with ThreadPoolExecutor(1) as other:
        with prison.transaction() as session:
            claim(session, rung, now=NOON)
            ringing = other.submit(prison.do, partial(offer, call=TWO, listener=ROBIN, seat=Seat.FIRST, now=NOON))
            # Long enough for the other to come to where it has to wait for us.
            assert not wait([ringing], timeout=0.2).done

        assert ringing.result(timeout=10) is None


def test_a_crowd_of_acts_never_waits_for_itself(prison: Database) -> None:
    """The order of locks is the same in every act, so no two wait for each other; a deadlock would raise here."""
    for _ in range(15):
        acts: list[Callable[[Session], object]] = [taking(ring(prison, ONE, listener)) for listener in (ROBIN, WREN)]
        acts += [partial(leave, call=ONE, listener=listener, now=NOON, rest=REST) for listener in (ROBIN, WREN)]
        acts += [partial(offer, call=TWO, listener=listener, seat=Seat.FIRST, now=NOON) for listener in (ROBIN, WREN)]
        acts += [partial(end_open_offers, call=call, how=OfferEnd.MISSED, now=NOON) for call in (ONE, TWO)]

        at_once(prison, acts)
        with prison.transaction() as session:
            assert_nobody_is_shared(session)
            for listener in (ROBIN, WREN):
                leave(session, ONE, listener=listener, now=NOON, rest=REST)
            for call in (ONE, TWO):
                end_open_offers(session, call, how=OfferEnd.MISSED, now=NOON)
