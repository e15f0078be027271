"""Rings Listeners for an empty place on the rota: the backups of who is late, and stand-ins, one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

import structlog
from sqlalchemy.orm import Session

from ivr import cover_store, store
from ivr.cover_store import Asked, Need
from ivr.legs import LegEnded, LegEvent, LegId, Purpose, RingFailed
from ivr.ports import Ports
from listeners.candidate import Candidate
from listeners.standing import may_take_calls
from listeners.store import candidates
from models import clock
from models.errors import AsterisksFault
from models.words import CallId, CoverEnd, ListenerId, PhoneId
from rota.people import zone_of
from rota.scheme import Scheme

log = structlog.get_logger()

# Local time, from and to: nobody is woken for a shift that begins later than SOON.
QUIET = (time(22), time(7))
SOON = timedelta(hours=3)
# No ring and its questions last as long.
LONGEST = timedelta(minutes=4)
NO_CALL = CallId("-")


@dataclass(frozen=True, slots=True)
class Ring:
    slot: str
    listener: ListenerId


def rings(
    needs: Sequence[Need], asked: Asked, listeners: Mapping[ListenerId, Candidate], *, now: datetime, zone: tzinfo
) -> tuple[Ring, ...]:
    """Whom to ring now: for each place the best who was not asked for it yet and may be rung, and nobody twice."""
    found: list[Ring] = []
    busy = set(asked.listeners_now)
    for need in sorted(needs, key=lambda need: need.starts_at):
        if need.slot in asked.slots_now or not _may_ring_at(now, zone, starts_at=need.starts_at):
            continue
        for listener in need.best_first:
            candidate = listeners.get(listener)
            not_asked = listener not in busy and (need.slot, listener) not in asked.before
            if not_asked and candidate and may_be_rung(candidate, now):
                found.append(Ring(need.slot, listener))
                busy.add(listener)
                break
    return tuple(found)


def may_be_rung(candidate: Candidate, now: datetime) -> bool:
    """Who has had enough is left alone as for a call: asked for more, they might say yes (domain.md 5.3, L6)."""
    rests = candidate.had_enough or (candidate.resting_until is not None and now < candidate.resting_until)
    elsewhere = candidate.away or candidate.off_duty or candidate.in_call or candidate.ringing or rests
    return candidate.reachable and not elsewhere and may_take_calls(candidate, now)


def _may_ring_at(now: datetime, zone: tzinfo, *, starts_at: datetime) -> bool:
    clock = now.astimezone(zone).time()
    quiet = clock >= QUIET[0] or clock < QUIET[1]
    return not quiet or starts_at - now <= SOON


class CoverCalls:
    """Carries out what ``rings`` decides; what was rung and how it ended are rows."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        ports.telephony.subscribe(self._on_leg)

    async def tick(self, now: datetime) -> None:
        scheme = self._ports.scheme
        if scheme is None:
            return
        begun = await self._ports.database.run(lambda session: self._begin(session, scheme, now))
        for cover, phone in begun:
            await self._ring(cover, phone, now)
        if begun:
            self._ports.changed()

    def _begin(self, session: Session, scheme: Scheme, now: datetime) -> list[tuple[str, PhoneId]]:
        site = self._ports.site
        cover_store.end_forgotten(session, site, rang_before=now - LONGEST, now=now)
        needs = cover_store.needs(session, site, scheme, now=now)
        if not needs:
            return []
        unreachable, welfare = self._ports.telephony.unreachable, self._ports.profile.welfare
        known = candidates(session, site, now=now, unreachable=unreachable, welfare=welfare)
        listeners = {candidate.id: candidate for candidate in known}
        zone = zone_of(session, site)
        begun = []
        for ring in rings(needs, cover_store.asked(session, site, needs), listeners, now=now, zone=zone):
            phone = store.phone_of_listener(session, ring.listener)
            if phone:
                begun.append((cover_store.begin(session, site, ring.slot, ring.listener, now=now), phone))
        return begun

    async def _ring(self, cover: str, phone: PhoneId, now: datetime) -> None:
        log.info("cover.rang", cover=cover)
        seconds = self._ports.profile.waiting.ring_seconds
        try:
            await self._ports.telephony.ring(phone, Purpose.COVER, leg=LegId(cover), call=NO_CALL, seconds=seconds)
        except AsterisksFault:
            await self._end(cover, CoverEnd.MISSED, now)

    def _on_leg(self, happened: LegEvent) -> None:
        match happened:
            case LegEnded(leg) | RingFailed(leg) if leg.startswith("cover-"):
                self._ports.errands.start(self._end(leg, CoverEnd.MISSED, clock.now()))

    async def _end(self, cover: str, how: CoverEnd, now: datetime) -> None:
        await self._ports.database.run(lambda session: cover_store.end(session, cover, how=how, now=now))
