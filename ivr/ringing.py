"""One search for a Listener: rings 1, then 2, then all, until one takes the call or the time for it is over."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ivr import happenings as h
from ivr import store as calls
from ivr.legs import Leg, LegId, Purpose
from ivr.orders import RingListeners
from ivr.ports import Errands, InOrder, Ports
from listeners import store
from listeners.apart_store import kept_apart_from
from listeners.order import CallersWishes, Order, order_for
from listeners.stages import how_many_to_ring
from models.clock import now, steady
from models.errors import AsterisksFault
from models.traced import UNTRACED, Facts, Span, Step
from models.words import CallId, LeftOut, ListenerId, OfferEnd, OfferId, PhoneId, Seat

log = structlog.get_logger()

LOOK_AGAIN_SECONDS = 1.0
SHORTEST_LOOK_SECONDS = 0.05
# After everybody was rung in vain they are rung again, but not at once.
ROUND_PAUSE_SECONDS = 5.0


@dataclass(slots=True)
class Offer:
    """One ring of one Listener."""

    id: OfferId
    listener: ListenerId
    seat: Seat
    trace: Span = UNTRACED
    over: bool = False  # somebody else has it, or the caller has gone
    answered: bool = False
    won: bool = False
    joined: bool = False

    @property
    def leg(self) -> LegId:
        return LegId(self.id)


@dataclass(slots=True)
class Ringing:
    """The search of one call for one seat."""

    ports: Ports
    call: CallId
    caller: Leg
    wanted: RingListeners
    happen: Callable[[h.Happening], None]
    trace: Span
    # What is written of the call, one after the other; nobody who is on the phone waits for it.
    notes: InOrder
    offers: dict[LegId, Offer] = field(default_factory=dict)
    _already_rung: set[ListenerId] = field(default_factory=set)
    _look: asyncio.Event = field(default_factory=asyncio.Event)
    _began: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    _stage: int | None = 0
    _round_over_at: float | None = None
    waiting_since: datetime = field(default_factory=steady)

    async def run(self) -> None:
        """Ends with NobodyCame, or is cancelled because a Listener is there."""
        # Who was rung for this caller before counts as ringing until it is written that it is over.
        with suppress(TimeoutError):
            await asyncio.wait_for(self.notes.until_done(), self.ports.profile.waiting.listener_seconds)
        while self._waited() < self.ports.profile.waiting.listener_seconds or self._has_winner():
            self._look.clear()
            if not self._has_winner() and await self._unless_it_fails(self._nobody_left()):
                break
            await self._until_looking()
        self.silence(OfferEnd.MISSED)
        self.happen(h.NobodyCame(self.wanted.seat))

    async def _unless_it_fails(self, look: Awaitable[bool]) -> bool:
        """A database that fails now may not fail at the next look, and the search ends in its time without one too."""
        try:
            return await look
        except DBAPIError as fault:
            log.error("search.failed", call=self.call, error=type(fault).__name__)  # noqa: TRY400  its message repeats rows
            return False

    def ended(self, offer: Offer, how: OfferEnd) -> None:
        """A ring is over without this Listener; the next one is rung."""
        offer.trace.end(Facts(ring=how))
        self.offers.pop(offer.leg, None)
        if how is not OfferEnd.LOST:
            self._already_rung.add(offer.listener)
        self._look.set()

    def silence(self, how: OfferEnd, *, but: Offer | None = None) -> None:
        """Stops every other ring; who has answered already hears that it was taken, or that the caller has gone.

        It is written when the database has time: who has joined, come back or hung up does not wait for that.
        """
        others = [offer for offer in self.offers.values() if offer is not but and not offer.won]
        if but:
            but.trace.end(Facts(ring=OfferEnd.TAKEN))
        for offer in others:
            offer.trace.end(Facts(ring=how))
            offer.over = True
            self.offers.pop(offer.leg, None)
            if not offer.answered:
                self.ports.errands.start(self.ports.telephony.drop(offer.leg))
        if others:
            self.notes.start(partial(self._write_over, [offer.id for offer in others], how, now()))

    async def _write_over(self, offers: Iterable[OfferId], how: OfferEnd, at: datetime) -> None:
        def end_all(session: Session) -> None:
            for offer in offers:
                store.end_offer(session, offer, how=how, now=at)

        await self.ports.database.run(end_all)
        self.ports.changed()

    async def _nobody_left(self) -> bool:
        """Rings whoever is next, and says whether there is nobody to wait for."""
        order = await self._order()
        wanted = self._how_many()
        room = len(order.ring) if wanted is None else max(0, wanted - len(self.offers))
        for listener in order.ring[:room]:
            await self._ring(listener)
        if self.offers:
            return False
        rung = any(why is LeftOut.ALREADY_RUNG for _, why in order.left_out)
        if rung and self._round_over_at is None:
            self._round_over_at = self._waited()
        elif rung and self._round_over_at is not None and self._waited() - self._round_over_at > ROUND_PAUSE_SECONDS:
            self._round_over_at = None
            self._already_rung.clear()
            self._look.set()
        return not rung

    async def _order(self) -> Order:
        def ask(session: Session) -> Order:
            wing, backup_wing = calls.wings_near(session, self.caller.phone)
            wishes = CallersWishes(
                language=self.wanted.language,
                wing=wing,
                backup_wing=backup_wing,
                same_again=self.wanted.same_again,
                not_again=self.wanted.not_again,
                kept_apart=kept_apart_from(session, self.caller.phone, same_wing_too=self.ports.same_wing_too),
                already_rung=frozenset(self._already_rung),
            )
            unreachable = self.ports.telephony.unreachable
            welfare = self.ports.profile.welfare
            known = store.candidates(session, self.ports.site, now=now(), unreachable=unreachable, welfare=welfare)
            return order_for(wishes, known, now=now())

        return await self.ports.database.run(ask)

    def _how_many(self) -> int | None:
        if self.wanted.seat is Seat.SECOND:
            return 1
        stages = [(stage.after_seconds, stage.listeners) for stage in self.ports.profile.waiting.ring_stages]
        stage = how_many_to_ring(self._waited(), stages)
        if stage != self._stage:
            if self._stage != 0:
                self.happen(h.MoreAreRung())
            self._stage = stage
        return stage

    async def _ring(self, listener: ListenerId) -> None:
        def offered(session: Session) -> tuple[OfferId | None, PhoneId | None]:
            new = store.offer(session, self.call, listener=listener, seat=self.wanted.seat, now=now())
            return new, calls.phone_of_listener(session, listener)

        new, phone = await self.ports.database.run(offered)
        if new is None or phone is None:
            self._already_rung.add(listener)
            return
        ring = self.trace.begin(Step.RING, Facts(seat=self.wanted.seat))
        offer = Offer(new, listener, self.wanted.seat, ring)
        self.offers[offer.leg] = offer
        log.info("offer.rang", call=self.call, offer=new)
        seconds = self.ports.profile.waiting.ring_seconds
        try:
            await self.ports.telephony.ring(phone, Purpose.OFFER, leg=offer.leg, call=self.call, seconds=seconds)
        except AsterisksFault:
            self.ended(offer, OfferEnd.UNREACHABLE)
            await self._write_over([new], OfferEnd.UNREACHABLE, now())

    def _has_winner(self) -> bool:
        return any(offer.won for offer in self.offers.values())

    def _waited(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    async def _until_looking(self) -> None:
        try:
            left = self.ports.profile.waiting.listener_seconds - self._waited()
            await asyncio.wait_for(self._look.wait(), min(LOOK_AGAIN_SECONDS, max(left, SHORTEST_LOOK_SECONDS)))
        except TimeoutError:
            return


class Searches:
    """The searches of one call, one for each seat at a time."""

    def __init__(self, errands: Errands) -> None:
        # Also those that have ended: who has won is known here until they have gone.
        self.by_seat: dict[Seat, Ringing] = {}
        self._errands = errands
        self._running: dict[Seat, asyncio.Task[None]] = {}

    def begin(self, new: Ringing) -> None:
        """A caller who waits may want somebody else by now; a second Listener is searched for once."""
        seat = new.wanted.seat
        running = self._running.get(seat)
        if running and not running.done() and seat is Seat.SECOND:
            return
        self.stop(seat)
        self.by_seat[seat] = new
        self._running[seat] = self._errands.start(new.run())

    def joined(self, leg: LegId, seat: Seat) -> None:
        for ringing in self.by_seat.values():
            if leg in ringing.offers:
                ringing.offers[leg].joined = True
        if seat is Seat.SECOND:
            # Nobody has to order that: they are there, and should they leave again, nobody has asked for another.
            self.stop(seat)

    def winners(self) -> set[ListenerId]:
        offers = (offer for ringing in self.by_seat.values() for offer in ringing.offers.values())
        return {offer.listener for offer in offers if offer.won}

    def silence(self, how: OfferEnd) -> None:
        self.stop()
        for ringing in self.by_seat.values():
            ringing.silence(how)

    def stop(self, seat: Seat | None = None) -> None:
        for one, task in self._running.items():
            if seat in (None, one):
                task.cancel()
