"""The desk where every call is: takes sessions and legs from Asterisk and brings each to its call."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import structlog

from escalation.tellings import telling as telling_of
from ivr import debrief, own_line, staff_line, store
from ivr import happenings as h
from ivr.agi import Session
from ivr.call import Phase, new_call
from ivr.cover_dialog import answer as answer_cover
from ivr.last_look import LastLook
from ivr.lately import Lately
from ivr.legs import Leg, LegEnded, LegEvent, LegId, LegJoined, LegLeft, LegPressed, RingFailed
from ivr.live_call import LiveCall
from ivr.mouth import Mouth
from ivr.offer_dialog import OfferDialog
from ivr.ports import Ports
from ivr.ringing import Offer, Ringing
from ivr.staff_dialog import StaffDialog
from ivr.voice import Voice, leg_of
from listeners import store as listeners
from models.clock import new_id, now, steady
from models.dangers import Flag
from models.words import CallId, EscalationId, ListenerId, OfferEnd, OfferId, TellingEnd, TellingId

log = structlog.get_logger()

DIALLED = {"ANSWER": h.Dialled.ANSWER, "KEY0": h.Dialled.KEY_0}


class Desk:
    """All live calls of one site, in memory; what must outlive this process is in the database."""

    def __init__(self, ports: Ports) -> None:
        self.calls: dict[CallId, LiveCall] = {}
        self.last_look = LastLook()
        self.ports = ports
        self._callers: dict[LegId, LiveCall] = {}
        self._lately = Lately()
        ports.telephony.subscribe(self._on_leg)

    # ---- sessions that the dialplan opens

    async def answer(self, session: Session) -> None:
        """One AGI session. Whatever goes wrong in it, the dialplan goes on by itself."""
        scripts: dict[str, Callable[[Session], Awaitable[None]]] = {
            "caller": self._caller,
            "staff": self._staff_key,
            "offer": self._offer,
            "after": self._after,
            "duty": self._duty,
            "telling": self._telling,
            "own": partial(own_line.answer, self.ports),
            "staff-line": partial(staff_line.answer, self.ports, self.acknowledged),
            "cover": partial(answer_cover, self.ports),
        }
        if script := scripts.get(session.script.path):
            await script(session)

    async def _caller(self, session: Session) -> None:
        call = CallId(await session.get_variable("WL_CALL"))
        if call in self.calls:
            dialled = await session.get_variable("WL_DIALLED")
            await session.set_variable("WL_DIALLED", "")
            live = self.calls[call]
            came_back = h.CallerCameBack(DIALLED.get(dialled, h.Dialled.FAILED) if dialled else None)
            searching = live.ringing or live.call.phase is not Phase.WAITING
            await self._speak(session, live, came_back if searching else h.LineIsBack(came_back.dialled))
            return
        caller = leg_of(session)
        new = await self._new_call(session, caller)
        await self._speak(session, new, h.CallerDialled(self._lately.listener(caller.phone, now=steady())))

    async def _new_call(self, session: Session, caller: Leg) -> LiveCall:
        ports = self.ports.of(caller.phone)
        rules = ports.rules()
        call = CallId(new_id("call"))
        await session.set_variable("WL_CALL", call)
        language = rules.default_language
        await self.ports.database.run(
            lambda db: store.open_call(db, call, site=ports.site, language=language, now=now(), node=ports.node)
        )
        log.info("call.dialled", call=call)
        return self.take(LiveCall(new_call(call, rules), caller, ports))

    async def _speak(self, session: Session, live: LiveCall, first: h.Happening) -> None:
        live.mouth = mouth = Mouth(Voice(session), self.ports.prompts, live.happen)
        live.happen(first)
        try:
            await mouth.run()
        finally:
            if live.mouth is mouth:
                live.mouth = None

    async def _staff_key(self, session: Session) -> None:
        live = self._callers.get(leg_of(session).id)
        if live is None:
            return
        live.aside = True
        try:
            await self._speak(session, live, h.CallerPressedStaffKey())
        finally:
            live.aside = False

    async def _offer(self, session: Session) -> None:
        # A phone that waits on the line has a channel of its own.
        found = self._find_offer(LegId(await session.get_variable("WL_OFFER")))
        voice = Voice(session)
        if found is None:
            await voice.say([self._file("offer/caller-gone")])
            await voice.go_on_to("away")
            return
        await self._offered(voice, *found)

    async def _offered(self, voice: Voice, live: LiveCall, ringing: Ringing, offer: Offer) -> None:
        try:
            if not await OfferDialog(voice, self.ports, ringing, offer).run():
                await voice.go_on_to("away")
                return
            log.info("offer.taken", call=live.call.id, offer=offer.id)
            await voice.say([self._file("offer/through")])
            await voice.go_on_to("talk")
        except Exception:
            # They may have gone on waiting on the line: then nothing else says that this ring is over.
            self._leg_ended(offer.leg)
            raise

    async def _after(self, session: Session) -> None:
        await debrief.offer(Voice(session), self.ports, await self._listener_of(leg_of(session)))

    async def _duty(self, session: Session) -> None:
        """A Listener's own code: on duty when off, off duty when on."""
        listener = await self._listener_of(leg_of(session))
        if listener:
            on = await self.ports.database.run(lambda db: listeners.change_duty(db, listener, now=now()))
            await Voice(session).say([self._file("offer/on-duty" if on else "offer/off-duty")])
            self.ports.changed()

    async def _telling(self, session: Session) -> None:
        leg = leg_of(session)
        telling = TellingId(leg.id)
        escalation = (await self.ports.database.run(lambda db: telling_of(db, telling))).escalation

        def told_at() -> float:
            return max((live.told_at for live in self.calls.values() if escalation in live.escalations), default=0.0)

        with self.ports.being_told.hears(telling, leg.phone) as hearer:
            goes = partial(self.acknowledged, escalation)
            dialog = StaffDialog(Voice(session), self.ports.of(leg.phone), hearer, acknowledged=goes)
            await dialog.run(escalation, caller_told_at=told_at)

    # ---- what legs do

    def _on_leg(self, happened: LegEvent) -> None:
        match happened:
            case LegEnded(leg):
                self._leg_ended(leg)
            case RingFailed(leg):
                self._ring_failed(leg)
            case LegJoined(leg, call):
                self._joined(leg, call)
            case LegLeft(leg, call):
                self._left(leg, call)
            case LegPressed(leg, key):
                self._leg_pressed(leg, key)

    def _leg_ended(self, leg: LegId) -> None:
        if live := self._callers.get(leg):
            live.happen(h.CallerHungUp())
            return
        if found := self._find_offer(leg):
            live, ringing, offer = found
            if offer.won and offer.listener not in live.talkers:
                self.ports.errands.start(live.left(offer.listener))
            self.ports.errands.start(self._missed(ringing, offer))
        self.ports.errands.start(self._end_telling(leg, TellingEnd.NOT_CONFIRMED))

    def _ring_failed(self, leg: LegId) -> None:
        if found := self._find_offer(leg):
            self.ports.errands.start(self._missed(*found[1:]))
        self.ports.errands.start(self._end_telling(leg, TellingEnd.NO_ANSWER))

    def _joined(self, leg: Leg, call: CallId) -> None:
        found = self._find_offer(leg.id)
        if found and found[0].call.phase is not Phase.ENDED:
            live, _, offer = found
            live.joined(offer.listener, leg, offer.seat)
        elif leg.id.startswith("offer-") and not self._talks_already(leg, call):
            # The caller hung up while the Listener was on the way, or rings for somebody else by now.
            self.ports.errands.start(self.ports.telephony.send_away(leg, call))

    def _talks_already(self, leg: Leg, call: CallId) -> bool:
        live = self.calls.get(call)
        return live is not None and _talker(live, leg.id) is not None

    def _left(self, leg: Leg, call: CallId) -> None:
        live = self.calls.get(call)
        listener = _talker(live, leg.id) if live else None
        if live and listener:
            self.ports.errands.start(live.left(listener))

    def _leg_pressed(self, leg: LegId, key: str) -> None:
        if leg in self._callers:
            self._callers[leg].happen(h.CallerSignalled(key))
            return
        for live in self.calls.values():
            listener = _talker(live, leg)
            if listener:
                live.happen(h.ListenerPressed(listener, key))

    async def _missed(self, ringing: Ringing, offer: Offer) -> None:
        how = OfferEnd.MISSED
        try:
            await self.ports.database.run(lambda db: listeners.end_offer(db, offer.id, how=how, now=now()))
        finally:
            # Where it cannot be written the phone does not ring any longer for that: the next one is rung.
            ringing.ended(offer, how)
            self.ports.changed()

    async def _end_telling(self, leg: LegId, how: TellingEnd) -> None:
        if leg.startswith("tell-"):
            await self.ports.engine.telling_ended(TellingId(leg), how, now())
            self.ports.changed()

    # ---- what the machine and staff say

    def flagged(self, flag: Flag) -> None:
        live = self.calls.get(CallId(flag.call))
        if live:
            live.happen(h.DangerHeard(flag.danger, flag.rule))

    def hearing_lost(self, call: CallId | None = None) -> None:
        """For one call, or for all when the speech process is gone."""
        for live in self.calls.values():
            if call in (None, live.call.id):
                live.happen(h.HearingLost())

    def fell_behind(self, call: CallId) -> None:
        live = self.calls.get(call)
        if live:
            live.happen(h.FellBehind())

    def hearing_back(self, heard: frozenset[CallId]) -> None:
        """``heard``: these are heard already, by another speech process than the one that is back."""
        for live in self.calls.values():
            if live.call.id not in heard:
                live.happen(h.HearingMayStart())

    def acknowledged(self, escalation: EscalationId) -> None:
        for live in self.calls.values():
            if escalation in live.escalations:
                live.happen(h.StaffAcknowledged())
        self.ports.changed()

    # ---- keeping calls

    def take(self, live: LiveCall) -> LiveCall:
        self.calls[live.call.id] = live
        self._callers[live.caller.id] = live
        self.ports.errands.start(self._run(live))
        return live

    async def _run(self, live: LiveCall) -> None:
        try:
            await live.run()
        finally:
            self.calls.pop(live.call.id, None)
            self._callers.pop(live.caller.id, None)
            self._remember(live)
            self.ports.changed()
        log.info("call.ended", call=live.call.id)

    def _find_offer(self, leg: LegId) -> tuple[LiveCall, Ringing, Offer] | None:
        for live in self.calls.values():
            for ringing in live.ringing.values():
                if leg in ringing.offers:
                    return live, ringing, ringing.offers[leg]
        return None

    async def _listener_of(self, leg: Leg) -> ListenerId | None:
        return await self.ports.database.run(
            lambda db: store.listener_of_offer(db, OfferId(leg.id)) or store.listener_of_phone(db, leg.phone)
        )

    def _file(self, prompt: str) -> str:
        return self.ports.prompts.in_language(self.ports.rules().default_language, prompt)

    def _remember(self, live: LiveCall) -> None:
        lately = timedelta(minutes=self.ports.profile.waiting.same_listener_minutes)
        if live.last_listener:
            self._lately.note(live.caller.phone, live.last_listener, until=steady() + lately)


def _talker(live: LiveCall, leg: LegId) -> ListenerId | None:
    return next((listener for listener, one in live.talkers.items() if one.id == leg), None)
