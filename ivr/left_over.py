"""What is left that nobody has any more: rings, offers, talks, tellings and hearing that no event will end."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from escalation.nodes import rung_by
from ivr import store
from ivr.call import Phase
from ivr.desk import Desk
from ivr.legs import LegId, LiveLeg, Purpose
from ivr.live_call import LiveCall
from ivr.store import Look
from listeners import store as listeners
from models.clock import now, of_database
from models.traced import Correction, Facts, Step, moment
from models.words import CallId, ListenerId, OfferEnd, OfferId

log = structlog.get_logger()

# From the row of a telling to the channel that rings: so long at most it waits for what rang that phone before.
_RINGS_WITHIN = timedelta(seconds=3)


async def look_of(desk: Desk) -> Look:
    """Anew before each question to the rows: the database may have been away since the one before."""
    clock, at = await desk.ports.database.run(of_database), asyncio.get_running_loop().time()
    steady = desk.last_look.steady
    steady.answered(at, clock)
    return Look(desk.ports.site, desk.ports.node, judges=steady.long_enough(at))


async def forget_what_is_not_to_be_heard(desk: Desk) -> None:
    """Of our own calls; another node may have others. An order to forget is lost with the line that gave it."""
    ears = desk.ports.ears
    heard = [desk.calls[one].call for one in ears.heard if one in desk.calls]
    for call in heard:
        if call.phase is not Phase.TALKING or not call.listening:
            await ears.forget(call.id)
            corrected(desk, Correction.HEARING_ENDED, "hearing.ended_unseen", call=call.id)


async def end_lost_rings(desk: Desk, legs: Iterable[LiveLeg]) -> None:
    """Phones that still ring for a line that died are silenced, and offers that nobody rings for are ended."""
    ours = _rung_for(desk)
    for leg in legs:
        if leg.purpose is Purpose.OFFER and leg.rings and leg.leg.id not in ours:
            await desk.ports.telephony.drop(leg.leg.id)
            corrected(desk, Correction.RING_SILENCED, "ring.silenced", offer=leg.leg.id)
    await _end_lost_offers(desk)


def _rung_for(desk: Desk) -> set[LegId]:
    return {leg for live in desk.calls.values() for ringing in live.ringing.values() for leg in ringing.offers}


async def _end_lost_offers(desk: Desk) -> None:
    """Or that Listener would count as ringing, and be rung for nobody, for as long as the call goes on.

    Of a call that we have, what is seen twice is lost; once, it may be just being written.
    """
    look, ours, before = await look_of(desk), _rung_for(desk), desk.last_look.lost_offers

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
        corrected(desk, Correction.OFFER_ENDED, "offer.ended_unseen", offer=offer)


async def end_lost_talks(desk: Desk, alive: Collection[LegId]) -> None:
    """A Listener whose leaving could not be written would have that caller for ever, and never be rung again.

    What is seen twice is lost; once, it may be just being written.
    """
    look = await look_of(desk)
    ours = {(call, listener) for call, live in desk.calls.items() for listener in _has(live, alive)}
    before, rest = desk.last_look.lost_talks, desk.ports.rest

    def end(session: Session) -> frozenset[tuple[CallId, ListenerId]]:
        lost = store.open_talks(session, look) - ours
        for call, listener in sorted(lost & before):
            listeners.leave(session, call, listener=listener, now=now(), rest=rest)
        return lost

    desk.last_look.lost_talks = await desk.ports.database.run(end)
    for call, _ in desk.last_look.lost_talks & before:
        corrected(desk, Correction.TALK_ENDED, "talk.ended_unseen", call=call)


async def end_lost_tellings(desk: Desk, alive: Collection[LegId]) -> None:
    """No event says that a phone rings no more when Asterisk was killed. Missed once, it may be about to ring."""
    node = desk.ports.node
    rung = await desk.ports.database.run(lambda db: rung_by(db, node, before=of_database(db) - _RINGS_WITHIN))
    missed = (one for rings in rung.values() for one in rings if LegId(one) not in alive)
    lost = desk.last_look.missed.lost(missed, asyncio.get_running_loop().time())
    told = {one: ended for one, rings in rung.items() if (ended := lost.intersection(rings))}
    await desk.ports.engine.lost(told, now())
    for one in lost:
        corrected(desk, Correction.TELLING_ENDED, "telling.ended_unseen", telling=one)


def _has(live: LiveCall, alive: Collection[LegId]) -> set[ListenerId]:
    """Who talks in the call, or has won it and is on the way."""
    offers = (item for ringing in live.ringing.values() for item in ringing.offers.items())
    return {*live.talkers, *(offer.listener for leg, offer in offers if offer.won and leg in alive)}


def corrected(desk: Desk, what: Correction, event: str, **ids: str | None) -> None:
    log.info(event, **ids)
    desk.last_look.corrected[what] += 1
    moment(desk.ports.traces, Step.CORRECTION, Facts(correction=what))
