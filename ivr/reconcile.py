"""After any loss: what Asterisk has and what the database says are brought together again (wazo-calld#423)."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from escalation.nodes import rung_by
from escalation.store import OfCall
from ivr import happenings as h
from ivr import store
from ivr.call import Call, Phase
from ivr.desk import Desk
from ivr.legs import Leg, LegId, LiveLeg, Purpose
from ivr.live_call import LiveCall
from ivr.ringing import Offer
from ivr.store import Look, OpenCall
from listeners import store as listeners
from models.clock import now, of_database
from models.errors import ActionRefused, AsterisksFault
from models.traced import Correction, Facts, Step, moment
from models.words import CallId, CallStage, ListenerId, OfferEnd, OfferId

log = structlog.get_logger()

# From the row of a telling to the channel that rings: so long at most it waits for what rang that phone before.
_RINGS_WITHIN = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Found:
    """What is alive of one call."""

    caller: LiveLeg | None
    listeners: Mapping[LegId, LiveLeg]


async def reconcile(desk: Desk) -> None:
    """Takes over every live call within one look, ends the rows of what is gone, and fetches callers who wait alone."""
    # Whoever dials while we look is in no picture that was taken before, and has not gone.
    known = {row.id for row in await _open_calls(desk)}
    legs = await desk.ports.telephony.live_legs()
    found, alive = _by_call(legs), {leg.leg.id for leg in legs}
    for row in [row for row in await _open_calls(desk) if row.id in known]:
        try:
            await _one(desk, row, found.get(row.id, Found(None, {})), alive)
        except ActionRefused:
            log.info("call.not_reconciled", call=row.id)  # changed while we looked; the next look sees it
    await _forget_what_is_not_to_be_heard(desk)
    await _end_lost_rings(desk, legs)
    await _end_lost_talks(desk, alive)
    await _end_lost_tellings(desk, alive)
    for leg in legs:
        joined = leg.call in desk.calls and desk.calls[leg.call].call.phase is Phase.TALKING
        if leg.waits_alone and leg.purpose is Purpose.CALLER and not joined:
            await _fetch(desk, leg.leg, leg.call)


async def _open_calls(desk: Desk) -> tuple[OpenCall, ...]:
    look = await _look(desk)
    return await desk.ports.database.run(lambda session: store.open_calls(session, look))


async def _look(desk: Desk) -> Look:
    """Anew before each question to the rows: the database may have been away since the one before."""
    clock, at = await desk.ports.database.run(of_database), asyncio.get_running_loop().time()
    steady = desk.last_look.steady
    steady.answered(at, clock)
    return Look(desk.ports.site, desk.ports.node, judges=steady.long_enough(at))


def _by_call(legs: Iterable[LiveLeg]) -> dict[CallId, Found]:
    found: dict[CallId, Found] = {}
    for leg in legs:
        if leg.call is None:
            continue
        one = found.get(leg.call, Found(None, {}))
        if leg.purpose is Purpose.CALLER:
            found[leg.call] = Found(leg, one.listeners)
        elif leg.purpose is Purpose.OFFER and leg.in_talk:
            found[leg.call] = Found(one.caller, {**one.listeners, leg.leg.id: leg})
    return found


async def _one(desk: Desk, row: OpenCall, found: Found, alive: Collection[LegId]) -> None:
    live = desk.calls.get(row.id)
    if found.caller is None:
        if live:
            live.happen(h.CallerHungUp())
        else:
            await _end(desk, row, found)
    elif live is None:
        await _adopt(desk, row, found.caller, found)
    elif unseen := _joined_unseen(live, found):
        for offer, leg in unseen:
            live.joined(offer.listener, leg, offer.seat)
            _corrected(desk, Correction.LISTENER_JOINED, "listener.joined_unseen", call=row.id)
    elif gone := [listener for listener, leg in live.talkers.items() if leg.id not in alive]:
        await _part(desk, live, found.caller, gone)
    elif _order_to_join_was_lost(live, found.caller, found):
        await live.send_into_talk()
        _corrected(desk, Correction.JOIN_ORDERED_AGAIN, "join.ordered_again", call=row.id)


def _joined_unseen(live: LiveCall, found: Found) -> list[tuple[Offer, Leg]]:
    """Who won the call and is in it, while the link was down that would have said so: the caller still waits."""
    offers = {leg: offer for ringing in live.ringing.values() for leg, offer in ringing.offers.items()}
    there = ((offers[leg], one.leg) for leg, one in found.listeners.items() if leg in offers)
    return [(offer, leg) for offer, leg in there if offer.won and not offer.joined]


async def _part(desk: Desk, live: LiveCall, caller: LiveLeg, gone: Iterable[ListenerId]) -> None:
    """They hung up while the call was being taken over, and nobody heard of it: the caller would talk with nobody."""
    for listener in gone:
        await live.left(listener)
    if caller.in_talk and not live.talkers:
        await desk.ports.telephony.bring_back(caller.leg)
    _corrected(desk, Correction.LISTENER_LEFT, "listener.left_unseen", call=live.call.id)


def _order_to_join_was_lost(live: LiveCall, caller: LiveLeg, found: Found) -> bool:
    talking = live.call.phase is Phase.TALKING and bool(found.listeners)
    on_the_way = asyncio.get_running_loop().time() < live.on_the_way_until
    return talking and not caller.in_talk and live.mouth is not None and not live.aside and not on_the_way


async def _end(desk: Desk, row: OpenCall, found: Found) -> None:
    """The caller has gone while nobody looked: the Listeners go on to their rest."""
    rest = desk.ports.rest

    def end(session: Session) -> None:
        store.note_stage(session, row.id, CallStage.ENDED, now=now())
        listeners.end_open_offers(session, row.id, how=OfferEnd.CALLER_GONE, now=now())
        for listener in row.listeners:
            listeners.leave(session, row.id, listener=listener, now=now(), rest=rest)

    await desk.ports.database.run(end)
    for leg in found.listeners.values():
        await desk.ports.telephony.send_away(leg.leg, row.id)
    _corrected(desk, Correction.CALL_ENDED, "call.ended_unseen", call=row.id)


async def _adopt(desk: Desk, row: OpenCall, caller: LiveLeg, found: Found) -> None:
    talkers = await _talkers(desk, row, found)
    of_call = await desk.ports.engine.adopt(row.id, caller.leg.phone)
    if row.id in desk.calls:  # two looks at a time, when the link has just come back
        return
    # Killed between the two orders, the Listener is in the conversation and the caller not yet.
    talking = bool(talkers) and (caller.in_talk or caller.waits_alone)
    call = Call(
        row.id,
        desk.ports.rules(),
        Phase.TALKING if talking else Phase.WAITING,
        row.language,
        listening=row.listening,
        listeners=tuple(talkers),
    )
    live = desk.take(LiveCall(call, caller.leg, desk.ports))
    live.talkers.update(talkers)
    _goes_on_with(desk, live, of_call)
    _corrected(desk, Correction.CALL_ADOPTED, "call.adopted", call=row.id, phase=call.phase)
    if talking:
        if not caller.in_talk:
            await live.send_into_talk()
        # Else what was heard is forgotten, and the Listener hears that nobody listens, although somebody does.
        if row.id not in desk.ports.ears.heard:
            live.happen(h.HearingMayStart())
        return
    # The line before this one may have died before it could say so.
    await desk.ports.ears.forget(row.id)
    if caller.in_talk:
        await desk.ports.telephony.bring_back(caller.leg)


def _goes_on_with(desk: Desk, live: LiveCall, of_call: Iterable[OfCall]) -> None:
    """Whoever is in the call hears what comes of it, as from the line that raised it."""
    for one in of_call:
        live.escalations.add(one.id)
        if one.deciding:
            desk.ports.errands.start(live._until_decided(one.id, one.cause))  # noqa: SLF001  as of a call that raised it


async def _talkers(desk: Desk, row: OpenCall, found: Found) -> dict[ListenerId, Leg]:
    """The Listeners of the call who are still in it; the others' part is ended."""
    by_offer = await desk.ports.database.run(
        lambda session: {leg: store.listener_of_offer(session, leg) for leg in found.listeners}
    )
    talkers = {listener: found.listeners[leg].leg for leg, listener in by_offer.items() if listener}
    gone = [listener for listener in row.listeners if listener not in talkers]
    rest = desk.ports.rest

    def leave(session: Session) -> None:
        listeners.end_open_offers(session, row.id, how=OfferEnd.MISSED, now=now())
        for listener in gone:
            listeners.leave(session, row.id, listener=listener, now=now(), rest=rest)

    await desk.ports.database.run(leave)
    return talkers


async def _forget_what_is_not_to_be_heard(desk: Desk) -> None:
    """Of our own calls; another node may have others. An order to forget is lost with the line that gave it."""
    ears = desk.ports.ears
    heard = [desk.calls[one].call for one in ears.heard if one in desk.calls]
    for call in heard:
        if call.phase is not Phase.TALKING or not call.listening:
            await ears.forget(call.id)
            _corrected(desk, Correction.HEARING_ENDED, "hearing.ended_unseen", call=call.id)


async def _end_lost_rings(desk: Desk, legs: Iterable[LiveLeg]) -> None:
    """Phones that still ring for a line that died are silenced, and offers that nobody rings for are ended."""
    ours = _rung_for(desk)
    for leg in legs:
        if leg.purpose is Purpose.OFFER and leg.rings and leg.leg.id not in ours:
            await desk.ports.telephony.drop(leg.leg.id)
            _corrected(desk, Correction.RING_SILENCED, "ring.silenced", offer=leg.leg.id)
    await _end_lost_offers(desk)


def _rung_for(desk: Desk) -> set[LegId]:
    return {leg for live in desk.calls.values() for ringing in live.ringing.values() for leg in ringing.offers}


async def _end_lost_offers(desk: Desk) -> None:
    """Or that Listener would count as ringing, and be rung for nobody, for as long as the call goes on.

    Of a call that we have, what is seen twice is lost; once, it may be just being written.
    """
    look, ours, before = await _look(desk), _rung_for(desk), desk.last_look.lost_offers

    def end(session: Session) -> frozenset[OfferId]:
        lost = {OfferId(offer): call for offer, call in store.open_rings(session, look).items() if offer not in ours}
        goes_on = frozenset(offer for offer, call in lost.items() if call in desk.calls)
        for offer in sorted(lost.keys() - (goes_on - before)):
            # A search that was stopped may not have rung them at all: then they have missed nothing.
            how = OfferEnd.LOST if offer in goes_on else OfferEnd.MISSED
            listeners.end_offer(session, offer, how=how, now=now())
        return goes_on

    desk.last_look.lost_offers = await desk.ports.database.run(end)
    for offer in desk.last_look.lost_offers & before:
        _corrected(desk, Correction.OFFER_ENDED, "offer.ended_unseen", offer=offer)


async def _end_lost_talks(desk: Desk, alive: Collection[LegId]) -> None:
    """A Listener whose leaving could not be written would have that caller for ever, and never be rung again.

    What is seen twice is lost; once, it may be just being written.
    """
    look = await _look(desk)
    ours = {(call, listener) for call, live in desk.calls.items() for listener in _has(live, alive)}
    before, rest = desk.last_look.lost_talks, desk.ports.rest

    def end(session: Session) -> frozenset[tuple[CallId, ListenerId]]:
        lost = store.open_talks(session, look) - ours
        for call, listener in sorted(lost & before):
            listeners.leave(session, call, listener=listener, now=now(), rest=rest)
        return lost

    desk.last_look.lost_talks = await desk.ports.database.run(end)
    for call, _ in desk.last_look.lost_talks & before:
        _corrected(desk, Correction.TALK_ENDED, "talk.ended_unseen", call=call)


async def _end_lost_tellings(desk: Desk, alive: Collection[LegId]) -> None:
    """No event says that a phone rings no more when Asterisk was killed. Missed once, it may be about to ring."""
    node = desk.ports.node
    rung = await desk.ports.database.run(lambda db: rung_by(db, node, before=of_database(db) - _RINGS_WITHIN))
    missed = (one for rings in rung.values() for one in rings if LegId(one) not in alive)
    lost = desk.last_look.missed.lost(missed, asyncio.get_running_loop().time())
    told = {one: ended for one, rings in rung.items() if (ended := lost.intersection(rings))}
    await desk.ports.engine.lost(told, now())
    for one in lost:
        _corrected(desk, Correction.TELLING_ENDED, "telling.ended_unseen", telling=one)


def _has(live: LiveCall, alive: Collection[LegId]) -> set[ListenerId]:
    """Who talks in the call, or has won it and is on the way."""
    offers = (item for ringing in live.ringing.values() for item in ringing.offers.items())
    return {*live.talkers, *(offer.listener for leg, offer in offers if offer.won and leg in alive)}


async def _fetch(desk: Desk, caller: Leg, call: CallId | None) -> None:
    try:
        await desk.ports.telephony.bring_back(caller)
    except AsterisksFault:
        log.info("caller.not_fetched")  # gone, or with somebody, in the moment between
        return
    _corrected(desk, Correction.CALLER_FETCHED, "caller.fetched", call=call)


def _corrected(desk: Desk, what: Correction, event: str, **ids: str | None) -> None:
    log.info(event, **ids)
    desk.last_look.corrected[what] += 1
    moment(desk.ports.traces, Step.CORRECTION, Facts(correction=what))
