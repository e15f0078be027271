"""Any sequence of rings, keys and hang-ups leaves the database as a very simple model says."""

from dataclasses import dataclass
from datetime import timedelta

from builders import NOON, a_call, a_small_prison
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from sqlalchemy import select, update

from listeners.store import claim, end_offer, end_open_offers, leave, offer
from models import tables
from models.database import Database
from models.tables import Base
from models.words import CallId, ListenerId, OfferEnd, OfferId, Seat

LISTENERS = [ListenerId(f"listener-{name}") for name in ("robin", "wren", "kite")]
REST = timedelta(minutes=15)

listeners = st.sampled_from(LISTENERS)


@dataclass
class Rung:
    call: CallId
    listener: ListenerId
    seat: Seat
    end: OfferEnd | None = None


class Claims(RuleBasedStateMachine):
    """Calls, offers and seats in plain dictionaries beside the same in the database."""

    calls = Bundle("calls")
    offers = Bundle("offers")

    def __init__(self) -> None:
        super().__init__()
        self.database = Database("sqlite://")
        Base.metadata.create_all(self.database.engine)
        self.open_calls: set[CallId] = set()
        self.rung: dict[OfferId, Rung] = {}
        self.seats: dict[tuple[CallId, Seat], ListenerId] = {}
        self.dialled = 0
        with self.database.transaction() as session:
            a_small_prison(session, "robin", "wren", "kite")

    def teardown(self) -> None:
        self.database.close()

    def open_offers(self) -> list[Rung]:
        return [rung for rung in self.rung.values() if rung.end is None]

    def seat_for(self, rung: Rung) -> Seat:
        """Who came second and is alone with the caller has the second seat: whoever joins them takes the first."""
        held = {seat for call, seat in self.seats if call == rung.call}
        return Seat.FIRST if rung.seat is Seat.SECOND and held == {Seat.SECOND} else rung.seat

    @rule(target=calls)
    def dial(self) -> CallId:
        self.dialled += 1
        with self.database.transaction() as session:
            session.add(a_call(str(self.dialled)))
        call = CallId(f"call-{self.dialled}")
        self.open_calls.add(call)
        return call

    @rule(call=consumes(calls))
    def hang_up(self, call: CallId) -> None:
        with self.database.transaction() as session:
            session.execute(update(tables.Call).where(tables.Call.id == call).values(ended_at=NOON))
            end_open_offers(session, call, how=OfferEnd.CALLER_GONE, now=NOON)
            for listener in LISTENERS:
                leave(session, call, listener=listener, now=NOON, rest=REST)
        self.open_calls.discard(call)
        self.seats = {seat: listener for seat, listener in self.seats.items() if seat[0] != call}
        for rung in self.open_offers():
            if rung.call == call:
                rung.end = OfferEnd.CALLER_GONE

    @rule(target=offers, call=calls, listener=listeners, seat=st.sampled_from(Seat))
    def ring(self, call: CallId, listener: ListenerId, seat: Seat) -> object:
        with self.database.transaction() as session:
            new = offer(session, call, listener=listener, seat=seat, now=NOON)

        busy = listener in self.seats.values() or any(rung.listener == listener for rung in self.open_offers())
        assert (new is None) == busy
        if new is None:
            return multiple()
        self.rung[new] = Rung(call, listener, seat)
        return new

    @rule(offer=offers)
    def press_one(self, offer: OfferId) -> None:
        with self.database.transaction() as session:
            won = claim(session, offer, now=NOON)

        rung = self.rung[offer]
        seat = self.seat_for(rung)
        assert won == (rung.end is None and (rung.call, seat) not in self.seats)
        if rung.end is None:
            rung.end = OfferEnd.TAKEN if won else OfferEnd.LOST
        if won:
            self.seats[rung.call, seat] = rung.listener

    @rule(offer=offers, how=st.sampled_from([OfferEnd.PASSED, OfferEnd.MISSED, OfferEnd.OFF_DUTY]))
    def stop_ringing(self, offer: OfferId, how: OfferEnd) -> None:
        with self.database.transaction() as session:
            end_offer(session, offer, how=how, now=NOON)
        self.rung[offer].end = self.rung[offer].end or how

    @rule(call=calls, listener=listeners)
    def listener_leaves(self, call: CallId, listener: ListenerId) -> None:
        with self.database.transaction() as session:
            leave(session, call, listener=listener, now=NOON, rest=REST)
        self.seats = {seat: one for seat, one in self.seats.items() if not (seat[0] == call and one == listener)}

    @invariant()
    def the_database_says_the_same(self) -> None:
        with self.database.transaction() as session:
            offers = {row.id: row.end for row in session.scalars(select(tables.Offer))}
            open_talks = session.scalars(select(tables.Talk).where(tables.Talk.ended_at.is_(None))).all()

        assert offers == {offer: rung.end for offer, rung in self.rung.items()}
        assert {(talk.call_id, talk.seat): talk.listener_id for talk in open_talks} == self.seats


TestClaims = Claims.TestCase
TestClaims.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
