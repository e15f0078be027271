"""One call alive: takes what happens, asks the flow, and carries out what it orders. No decision is made here."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import assert_never

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from escalation.decisions import verdict_on
from escalation.store import Raise
from ivr import happenings as h
from ivr import orders as o
from ivr import store
from ivr.call import Call, Phase
from ivr.call_trace import CallTrace
from ivr.flow import step
from ivr.legs import Leg
from ivr.mouth import Mouth
from ivr.ports import InOrder, Ports
from ivr.prompt_files import seconds
from ivr.ringing import Ringing
from ivr.whispers import Whispers
from listeners import store as listeners
from models.clock import now, steady
from models.errors import WinglineError
from models.words import CallStage, Cause, EscalationId, ListenerId, OfferEnd, Seat

log = structlog.get_logger()

# Whom the caller has been told of is told, however often the database fails.
RAISE_AGAIN_SECONDS = 1.0
# Staff are rung when it is decided that they are told; before they have answered, the caller is being told.
LOOK_FOR_DECISION_SECONDS = 0.5
# Asterisk has taken the order, and its next picture of the channels may still be the one from before.
ON_THE_WAY_SECONDS = 3.0


class LiveCall:
    def __init__(self, call: Call, caller: Leg, ports: Ports) -> None:
        self.call = call
        self.caller = caller
        self.mouth: Mouth | None = None
        # The caller is in the conversation, and hears us alone for a moment (key 0).
        self.aside = False
        self.talkers: dict[ListenerId, Leg] = {}
        self.ringing: dict[Seat, Ringing] = {}
        self.escalations: set[EscalationId] = set()
        # On the loop's clock: until then the caller is still being told, and staff hear nothing yet.
        self.told_at = 0.0
        # On the loop's clock: until then the caller may be on the way into the conversation, and is not sent again.
        self.on_the_way_until = 0.0
        # Who is offered the call again, should the caller be cut off.
        self.last_listener: ListenerId | None = None
        # They rest longer (domain.md 6, E7).
        self._attacked: set[ListenerId] = set()
        self._ports = ports
        self._trace = CallTrace(ports.traces, call)
        self._searches: dict[Seat, asyncio.Task[None]] = {}
        self._whispers: dict[str, Whispers] = {}
        self._notes, self._tellings = InOrder(ports.errands), InOrder(ports.errands)
        self._inbox: asyncio.Queue[h.Happening] = asyncio.Queue()

    def happen(self, happening: h.Happening) -> None:
        self._inbox.put_nowait(happening)

    async def run(self) -> None:
        try:
            await self._until_ended()
        finally:
            # Who is still there, whatever the flow believes, goes on with the dialplan and is not left in silence.
            if self.mouth:
                self.mouth.give_up()
            self._trace.end()
        self._stop_searching()
        for whispers in self._whispers.values():
            whispers.stop()
        await self._notes.until_done()
        for listener in self._listeners():
            await self.left(listener)

    async def _until_ended(self) -> None:
        while self.call.phase is not Phase.ENDED:
            happening = await self._inbox.get()
            before = self.call
            self.call, orders = step(self.call, happening, steady())
            self._trace.moved(before, self.call)
            log.debug("call.happened", call=self.call.id, what=type(happening).__name__, phase=self.call.phase)
            if (before.language, before.listening) != (self.call.language, self.call.listening):
                self._ports.errands.start(self._note_choices())
            if isinstance(happening, h.Decided) or any(isinstance(order, o.Escalate) for order in orders):
                self._note_when_told(orders)
            for order in orders:
                await self._try(order)
            self._ports.changed()

    def _note_when_told(self, orders: tuple[o.Order, ...]) -> None:
        """The caller hears it from us, not as a whisper: staff wait for the end of that as well."""
        files = [
            file for order in orders if isinstance(order, o.Say) for file in self._ports.prompts.paths(order.lines)
        ]
        told = files[:1]
        self.told_at = asyncio.get_running_loop().time() + sum(map(seconds, told))

    async def _try(self, order: o.Order) -> None:
        """What Asterisk or the database cannot do now must not stop what else is to be done for this caller."""
        try:
            await self._carry_out(order)
        except WinglineError as fault:
            log.warning("order.failed", call=self.call.id, order=type(order).__name__, error=type(fault).__name__)
        except Exception as fault:  # noqa: BLE001  a database's own error, say; its message repeats the row
            log.error("order.failed", call=self.call.id, order=type(order).__name__, error=type(fault).__name__)  # noqa: TRY400

    async def _carry_out(self, order: o.Order) -> None:
        match order:
            case o.Say() | o.LetGo():
                if self.mouth:
                    self.mouth.order(order)
            case o.RingListeners(seat):
                self._search(seat, order)
            case o.StopRinging():
                await self._silence(OfferEnd.LOST if self.call.listeners else OfferEnd.CALLER_GONE)
            case o.JoinTalk():
                await self.send_into_talk()
            case o.SendAway(listener):
                if leg := self.talkers.get(listener):
                    await self._ports.telephony.send_away(leg, self.call.id)
            case o.Whisper():
                self._whisper(order)
            case o.MenuAnswered():
                for leg in self.talkers.values():
                    self._whispers_to(leg).answered()
            case o.Later(happening, after):
                loop = asyncio.get_running_loop()
                begins = self.told_at if isinstance(happening, h.CallerHadTheirSay) else loop.time()
                loop.call_at(max(begins, loop.time()) + after.total_seconds(), self.happen, happening)
            case o.StartHearing():
                await self._start_hearing()
            case o.StopHearing():
                await self._ports.ears.forget(self.call.id)
            case o.Escalate():
                await self._escalate(order)
            case o.Learn(condition):
                self._tellings.start(partial(self._ports.engine.learn, self.call.id, condition, now()))
            case o.SupportListener(listener):
                self._attacked.add(listener)
                self._write(lambda session: listeners.ask_for_debrief(session, listener))
            case o.NoteStage(stage):
                self._notes.start(partial(self._note, stage))
            case o.CountRule(rule, what):
                site = self._ports.site
                self._write(lambda session: store.count_rule(session, site, rule, what, now=now()))
            case _:
                assert_never(order)

    async def _start_hearing(self) -> None:
        if not self._ports.ears.listens:
            self.happen(h.HearingLost())
            return
        await self._ports.telephony.hear(self.caller, self.call.id)

    def _whisper(self, order: o.Whisper) -> None:
        files = self._ports.prompts.paths(order.lines)
        if order.tone:
            files = [self._ports.prompts.tone, *files]
        if order.side is o.Side.CALLER:
            self.told_at = self._whispers_to(self.caller).say(files)
            return
        for leg in self.talkers.values():
            if order.menu:
                self._whispers_to(leg).offer(files)
            else:
                self._whispers_to(leg).say(files)

    def _whispers_to(self, leg: Leg) -> Whispers:
        if leg.id not in self._whispers:
            self._whispers[leg.id] = Whispers(self._ports.telephony, leg)
        return self._whispers[leg.id]

    async def _escalate(self, order: o.Escalate) -> None:
        """The phone goes along sealed: escalation/opening.py looks where it is once the rule lets staff be told."""
        raising = Raise(
            site=self._ports.site,
            cause=order.cause,
            profile=self._ports.profile,
            call=self.call.id,
            danger=order.danger,
            phone=self.caller.phone,
        )
        # Where somebody decides first, where the caller is must not be written yet.
        if not order.asks_first:
            await self._ports.owed.is_owed(raising)
        self._tellings.start(partial(self._tell, order, raising))

    async def _tell(self, order: o.Escalate, raising: Raise) -> None:
        escalation = await self._raised(raising)
        await self._ports.owed.is_paid(raising)
        self.escalations.add(escalation)
        if order.asks_first:
            self._ports.errands.start(self._until_decided(escalation, order.cause))

    async def _raised(self, raising: Raise) -> EscalationId:
        """The caller has heard that staff are told. What was written after all is joined, and not raised twice."""
        while True:
            try:
                return await self._ports.engine.raise_escalation(raising, now())
            except DBAPIError as fault:
                log.error("escalation.not_yet", call=self.call.id, error=type(fault).__name__)  # noqa: TRY400  its message repeats the row
            await asyncio.sleep(RAISE_AGAIN_SECONDS)

    def _write(self, what: Callable[[Session], None]) -> None:
        self._ports.errands.start(self._ports.database.run(what))

    async def _until_decided(self, escalation: EscalationId, cause: Cause) -> None:
        """Looks in the database, for another node may have rung whoever decides."""
        while self.call.phase is not Phase.ENDED:
            verdict = await self._ports.database.run(lambda session: verdict_on(session, escalation, cause))
            if verdict:
                self.happen(h.Decided(cause, told=verdict.told, by_somebody=verdict.by_somebody))
                return
            await asyncio.sleep(LOOK_FOR_DECISION_SECONDS)

    async def _note(self, stage: CallStage) -> None:
        await self._ports.database.run(lambda session: store.note_stage(session, self.call.id, stage, now=now()))
        log.info("call.stage", call=self.call.id, stage=stage)

    async def _note_choices(self) -> None:
        chosen = self.call
        await self._ports.database.run(
            lambda session: store.note_choices(session, chosen.id, language=chosen.language, listening=chosen.listening)
        )

    # ---- ringing

    def _search(self, seat: Seat, wanted: o.RingListeners) -> None:
        running = self._searches.get(seat)
        if running and not running.done() and seat is Seat.SECOND:
            return
        self._stop_searching(seat)
        self.ringing[seat] = Ringing(self._ports, self.call.id, self.caller, wanted, self.happen, self._trace.span)
        self._searches[seat] = self._ports.errands.start(self.ringing[seat].run())

    async def _silence(self, how: OfferEnd) -> None:
        self._stop_searching()
        for ringing in self.ringing.values():
            await ringing.silence(how)

    def _stop_searching(self, seat: Seat | None = None) -> None:
        for one, task in self._searches.items():
            if seat in (None, one):
                task.cancel()

    # ---- Listeners coming and going

    def joined(self, listener: ListenerId, leg: Leg, seat: Seat) -> None:
        self.talkers[listener] = leg
        self.last_listener = listener
        for ringing in self.ringing.values():
            if leg.id in ringing.offers:
                ringing.offers[leg.id].joined = True
        self.happen(h.ListenerJoined(listener, seat))

    async def send_into_talk(self) -> None:
        """The caller; an order that is refused may be given again at once.

        Raises:
            ActionRefused, AsterisksFault: as the telephony does.

        """
        self.on_the_way_until = asyncio.get_running_loop().time() + ON_THE_WAY_SECONDS
        try:
            await self._ports.telephony.join_talk(self.caller)
        except WinglineError:
            self.on_the_way_until = 0.0
            raise

    def _listeners(self) -> set[ListenerId]:
        """Who has the call by the database's word: also one who won it and is still on the way into it."""
        offers = [offer for ringing in self.ringing.values() for offer in ringing.offers.values()]
        return {*self.talkers, *(offer.listener for offer in offers if offer.won)}

    async def left(self, listener: ListenerId) -> None:
        """Frees the Listener to rest first, and then lets the flow go on."""
        self.talkers.pop(listener, None)
        rest, heavy = self._ports.rest, listener in self._attacked
        await self._ports.database.run(
            lambda session: listeners.leave(session, self.call.id, listener=listener, now=now(), rest=rest, heavy=heavy)
        )
        self.happen(h.ListenerLeft(listener))
