"""One call alive: takes what happens, asks the flow, and carries out what it orders. No decision is made here."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar, assert_never

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
from ivr.ringing import Ringing, Searches
from ivr.whispers import CallWhispers
from listeners import store as listeners
from models.clock import now, steady
from models.errors import WinglineError
from models.words import CallStage, Cause, EscalationId, ListenerId, OfferEnd, Seat

T = TypeVar("T")
log = structlog.get_logger()

# Whom the caller has been told of is told, however often the database fails.
RAISE_AGAIN_SECONDS = 1.0
# Staff are rung when it is decided that they are told; before they have answered, the caller is being told.
LOOK_FOR_DECISION_SECONDS = 0.5
# Asterisk has taken the order, and its next picture of the channels may still be the one from before.
ON_THE_WAY_SECONDS = 3.0
# Until then the Listener is not told that the machine does not hear: it may be just starting.
EARS_ARE_MET_WITHIN_SECONDS = 2.0


class LiveCall:
    def __init__(self, call: Call, caller: Leg, ports: Ports) -> None:
        self.call = call
        self.caller = caller
        self.mouth: Mouth | None = None
        # The caller is in the conversation, and hears us alone for a moment (key 0).
        self.aside = False
        self.talkers: dict[ListenerId, Leg] = {}
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
        self._searches = Searches(ports.errands)
        self.ringing = self._searches.by_seat
        self._whispers = CallWhispers(ports.telephony, ports.prompts)
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
        self._searches.stop()
        self._whispers.stop()
        # Also who joined after the caller had hung up: nobody takes that happening any more.
        for listener in tuple(self.talkers):
            await self._try(o.SendAway(listener))
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
                self._note_when_told(orders, sentences=1)
            elif any(isinstance(order, o.NoteAgreement) and order.stands for order in orders):
                # They hear as well how to say no.
                self._note_when_told(orders)
            for order in orders:
                await self._try(order)
            self._ports.changed()

    def _note_when_told(self, orders: tuple[o.Order, ...], *, sentences: int | None = None) -> None:
        """The caller hears it from us, not as a whisper: staff wait for the end of that as well."""
        files = [
            file for order in orders if isinstance(order, o.Say) for file in self._ports.prompts.paths(order.lines)
        ]
        begins = asyncio.get_running_loop().time()
        if files and self.mouth:
            begins = max(begins, self.mouth.says_until)
        self.told_at = begins + sum(map(seconds, files[:sentences]))

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
            case o.RingListeners():
                self._search(order)
            case o.StopRinging():
                self._searches.silence(OfferEnd.LOST if self.call.listeners else OfferEnd.CALLER_GONE)
            case o.JoinTalk():
                await self.send_into_talk()
            case o.SendAway(listener):
                if leg := self.talkers.get(listener):
                    await self._ports.telephony.send_away(leg, self.call.id)
            case o.Whisper(o.Side.CALLER):
                self.told_at = self._whispers.say(order, self.caller)
            case o.Whisper():
                for leg in self.talkers.values():
                    self._whispers.say(order, leg)
            case o.MenuAnswered():
                self._whispers.menu_answered(self.talkers.values())
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
            case o.NoteAgreement(stands):
                await self._ports.owed.note_agreement(self.call.id, stands=stands)
            case o.Learn(condition):
                learn = partial(self._ports.engine.learn, self.call.id, condition, now())
                self._tellings.start(partial(self._until_written, learn))
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
        if self._ports.ears.listens:
            await self._ports.telephony.hear(self.caller, self.call.id)
        else:
            self._ports.errands.start(self._start_hearing_soon())

    async def _start_hearing_soon(self) -> None:
        """A line that has just started takes over conversations before it has met the speech process."""
        ears, clock = self._ports.ears, asyncio.get_running_loop().time
        until = clock() + EARS_ARE_MET_WITHIN_SECONDS
        while not ears.listens and clock() < until:  # noqa: ASYNC110  another link, which has no event for it
            await asyncio.sleep(0.05)
        if not ears.listens:
            self.happen(h.HearingLost())
        elif self.call.phase is Phase.TALKING and self.call.listening and self.call.id not in ears.heard:
            await self._ports.telephony.hear(self.caller, self.call.id)

    async def _escalate(self, order: o.Escalate) -> None:
        """The phone goes along sealed: escalation/opening.py looks where it is once the rule lets staff be told."""
        raising = Raise(
            site=self._ports.site,
            cause=order.cause,
            profile=self.call.rules.profile,  # by which it was said; a version that came since is for new calls
            call=self.call.id,
            danger=order.danger,
            phone=self.caller.phone,
        )
        # Where somebody decides first, where the caller is must not be written yet.
        if not order.asks_first:
            await self._ports.owed.is_owed(raising)
        self._tellings.start(partial(self._tell, order, raising))

    async def _tell(self, order: o.Escalate, raising: Raise) -> None:
        escalation = await self._until_written(lambda: self._ports.engine.raise_escalation(raising, now()))
        await self._ports.owed.is_paid(raising)
        self.escalations.add(escalation)
        if order.asks_first:
            self._ports.errands.start(self.until_decided(escalation, order.cause))

    async def _until_written(self, act: Callable[[], Awaitable[T]]) -> T:
        """They have heard that staff are told. What was written after all is joined, and not raised twice."""
        while True:
            try:
                return await act()
            except DBAPIError as fault:
                log.error("escalation.not_yet", call=self.call.id, error=type(fault).__name__)  # noqa: TRY400  its message repeats the row
            await asyncio.sleep(RAISE_AGAIN_SECONDS)

    def _write(self, what: Callable[[Session], None]) -> None:
        self._ports.errands.start(self._ports.database.run(what))

    async def until_decided(self, escalation: EscalationId, cause: Cause) -> None:
        """Looks in the database, for another node may have rung whoever decides."""
        while self.call.phase is not Phase.ENDED:
            try:
                verdict = await self._ports.database.run(lambda session: verdict_on(session, escalation, cause))
            except DBAPIError as fault:
                log.error("decision.not_yet", call=self.call.id, error=type(fault).__name__)  # noqa: TRY400  its message repeats the row
                verdict = None
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

    def _search(self, wanted: o.RingListeners) -> None:
        if wanted.seat is Seat.SECOND and len(self.talkers) > 1:
            # There is no third seat: whoever is rung for one would press 1 in vain.
            self.happen(h.NobodyCame(wanted.seat))
            return
        trace = self._trace.span
        self._searches.begin(Ringing(self._ports, self.call.id, self.caller, wanted, self.happen, trace, self._notes))

    # ---- Listeners coming and going

    def joined(self, listener: ListenerId, leg: Leg, seat: Seat) -> None:
        self.talkers[listener] = leg
        self.last_listener = listener
        self._searches.joined(leg.id, seat)
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
        return {*self.talkers, *self._searches.winners()}

    async def left(self, listener: ListenerId) -> None:
        """Frees the Listener to rest first, and then lets the flow go on."""
        self.talkers.pop(listener, None)
        rest, heavy = self._ports.rest, listener in self._attacked
        await self._ports.database.run(
            lambda session: listeners.leave(session, self.call.id, listener=listener, now=now(), rest=rest, heavy=heavy)
        )
        self.happen(h.ListenerLeft(listener))
