"""After any loss: what Asterisk has and what the database says are brought together again (wazo-calld#423)."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from escalation.store import OfCall
from ivr import happenings as h
from ivr import store
from ivr.call import Call, Phase
from ivr.desk import Desk
from ivr.left_over import (
    corrected,
    end_lost_rings,
    end_lost_talks,
    end_lost_tellings,
    forget_what_is_not_to_be_heard,
    look_of,
)
from ivr.legs import Leg, LegId, LiveLeg, Purpose
from ivr.live_call import LiveCall
from ivr.ringing import Offer
from ivr.store import OpenCall
from listeners import store as listeners
from models.clock import now
from models.errors import ActionRefused, AsterisksFault
from models.traced import Correction
from models.words import CallId, CallStage, ListenerId, OfferEnd

log = structlog.get_logger()


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
    await forget_what_is_not_to_be_heard(desk)
    await end_lost_rings(desk, legs)
    await end_lost_talks(desk, alive)
    await end_lost_tellings(desk, alive)
    for leg in legs:
        joined = leg.call in desk.calls and desk.calls[leg.call].call.phase is Phase.TALKING
        if leg.waits_alone and leg.purpose is Purpose.CALLER and not joined:
            await _fetch(desk, leg.leg, leg.call)


async def _open_calls(desk: Desk) -> tuple[OpenCall, ...]:
    look = await look_of(desk)
    return await desk.ports.database.run(lambda session: store.open_calls(session, look))


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
            corrected(desk, Correction.LISTENER_JOINED, "listener.joined_unseen", call=row.id)
    elif gone := [listener for listener, leg in live.talkers.items() if leg.id not in alive]:
        await _part(desk, live, found.caller, gone)
    elif _order_to_join_was_lost(live, found.caller, found):
        await live.send_into_talk()
        corrected(desk, Correction.JOIN_ORDERED_AGAIN, "join.ordered_again", call=row.id)


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
    corrected(desk, Correction.LISTENER_LEFT, "listener.left_unseen", call=live.call.id)


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
    await _agreed_in_vain(desk, row.id)
    for leg in found.listeners.values():
        await desk.ports.telephony.send_away(leg.leg, row.id)
    corrected(desk, Correction.CALL_ENDED, "call.ended_unseen", call=row.id)


async def _agreed_in_vain(desk: Desk, call: CallId) -> None:
    """They may have said no while nobody heard it, and where they are is not known any more: nobody is told."""
    owed = desk.ports.owed
    if await owed.agreement_stands(call):
        await owed.note_agreement(call, stands=False)
        log.warning("agreement.not_told", call=call)


async def _adopt(desk: Desk, row: OpenCall, caller: LiveLeg, found: Found) -> None:
    talkers = await _talkers(desk, row, found)
    of_call = await desk.ports.engine.adopt(row.id, caller.leg.phone)
    agreed = await desk.ports.owed.agreement_stands(row.id)
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
    if agreed:
        live.happen(h.CallerHadAgreed())
    corrected(desk, Correction.CALL_ADOPTED, "call.adopted", call=row.id, phase=call.phase)
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
            desk.ports.errands.start(live.until_decided(one.id, one.cause))


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


async def _fetch(desk: Desk, caller: Leg, call: CallId | None) -> None:
    try:
        await desk.ports.telephony.bring_back(caller)
    except AsterisksFault:
        log.info("caller.not_fetched")  # gone, or with somebody, in the moment between
        return
    corrected(desk, Correction.CALLER_FETCHED, "caller.fetched", call=call)
