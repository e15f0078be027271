"""The engine over rows: read, decide, write, and only after the commit ring; it keeps no timers."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from escalation import acts, nodes, store
from escalation.case import ByStaff, Closed
from escalation.contacts import Contact
from escalation.opening import open_location
from escalation.ports import Console, People, StaffPhones
from escalation.raising import raise_or_join, tell_or_join
from escalation.store import OfCall, Raise
from escalation.tellings import Reach, Telling
from escalation.traced import EscalationTraces
from escalation.turn import Errands, Turn
from models import tables
from models.database import Database
from models.errors import AsterisksFault
from models.traced import UNTRACED, Span
from models.words import CallId, Condition, EscalationId, Instant, NodeId, PhoneId, TellingEnd, TellingId

T = TypeVar("T")
log = structlog.get_logger()
# What is rung so soon after its transaction began is rung by a node that nobody can have counted as dead.
_AT_ONCE = (nodes.SILENT_FOR / 2).total_seconds()


def _as_told(session: Session, now: Instant) -> Instant:
    del session
    return now


class Engine:
    """Every open escalation of this database; any number of ticks may find the same one due, one carries it out.

    ``clock`` is asked inside each transaction, so that several nodes follow the database's clock and not their own.
    ``linked``: the node has its Asterisk; while it has not, what is due and ``untaken``, which it was to ring and could
    not, is left to the other nodes.
    """

    def __init__(  # noqa: PLR0913  the edges of the engine, each named
        self,
        database: Database,
        phones: StaffPhones,
        *,
        console: Console,
        people: People,
        unreachable: Callable[[], frozenset[PhoneId]],
        node: NodeId,
        contacts: Sequence[Contact] = (),
        clock: Callable[[Session, Instant], Instant] = _as_told,
        traces: Span = UNTRACED,
        linked: Callable[[], bool] = lambda: True,
        untaken: Callable[[], Collection[TellingId]] = tuple,
    ) -> None:
        self._database = database
        self._phones = phones
        self._console = console
        self._people = people
        self._unreachable = unreachable
        self._node = node
        self._contacts = contacts
        self._clock = clock
        self._traces = EscalationTraces(traces)
        self._linked = linked
        self._untaken = untaken
        # Errands leave in the order of the commits: a stop never overtakes the ring that it ends.
        self._in_order = asyncio.Lock()
        # What rings for this process. Another node may end it in the database; then it is stopped here.
        self._ringing: set[TellingId] = set()
        # Where callers are about whom somebody decides first. Never written; gone with the decision or this process,
        # and known again to the next that has their call.
        self._sealed: dict[EscalationId, PhoneId] = {}

    async def tick(self, now: Instant) -> None:
        """Whatever is due by now; called every second, and safe to call at any time."""
        # A copy, for the look is in a thread of its own.
        ringing = frozenset(self._ringing)
        cut_off = None if self._linked() else frozenset(self._untaken())
        due, left, over = await self._again_when_cut_off(lambda session: self._look(session, ringing, cut_off, now))
        # What has ended here since the look began is not cut off: whoever took it hears what came of it.
        for telling in set(over) - (ringing - self._ringing):
            self._ringing.discard(telling)
            self._stop(telling)
        await self._each(left, nodes.take_over, now)
        await self._each(due, acts.when_due, now)
        if sealed := frozenset(self._sealed):
            decided = await self._again_when_cut_off(lambda session: store.decided_among(session, sealed))
            await self._each(decided, self._decided_without_us, now)

    async def recover(self, now: Instant) -> None:
        """Once at the start: nobody is still being told by the process that died.

        What came due meanwhile is done here as well, for a line that keeps dying may not live until its first tick.
        """
        await self.act(nodes.stop_what_still_rings, now)
        left = await self._again_when_cut_off(lambda session: nodes.rung_by(session, self._node))
        await self._each(left, nodes.after_restart, now)
        await self.tick(now)

    async def raise_escalation(self, raising: Raise, now: Instant) -> EscalationId:
        """The caller has been told. The same caller's second danger joins the open escalation."""
        escalation, sealed = await self.act(lambda turn: raise_or_join(turn, raising, self._people), now)
        if sealed and raising.phone:
            self._sealed[escalation] = raising.phone
        log.info("escalation.raised", escalation=escalation, call=raising.call)
        return escalation

    async def adopt(self, call: CallId, phone: PhoneId) -> Sequence[OfCall]:
        """What is open of a call that another process had; its phone is sealed here again, while it must be."""
        of_call = await self._again_when_cut_off(lambda session: store.open_of_call(session, call))
        self._sealed |= {one.id: phone for one in of_call if one.sealed}
        return of_call

    async def lost(self, rings: Mapping[EscalationId, Collection[TellingId]], now: Instant) -> None:
        """They ring nowhere, and nobody's key or silence ended them: whom they were to tell is told again."""
        await self._each(rings, lambda turn, one: nodes.tell_again(turn, one, rings[one]), now)

    async def telling_ended(self, telling: TellingId, end: TellingEnd, now: Instant) -> bool:
        """Whether it counted; False when the telling had ended before, so that somebody else may be going."""
        rang = {telling} & self._ringing
        # Before it is written: a tick that finds it ended would take it for one that another node has ended.
        self._ringing -= rang
        try:
            counted = await self.act(lambda turn: acts.end_telling(turn, telling, end), now)
        except Exception:
            self._ringing |= rang
            raise
        log.info("telling.ended", telling=telling, end=end, counted=counted)
        return counted

    async def happened(self, escalation: EscalationId, event: ByStaff, now: Instant) -> bool:
        """What staff do, on the console or on their line; False when it changes nothing any more."""
        return await self.act(lambda turn: acts.by_staff(turn, escalation, event), now)

    async def close(self, escalation: EscalationId, closed: Closed, now: Instant) -> bool:
        """With "spoken to the person: no" it stays open and climbs at once."""
        return await self.act(lambda turn: acts.close(turn, escalation, closed), now)

    async def learn(self, call: CallId, condition: Condition, now: Instant) -> None:
        """How the person is, as the Listener says after staff were told; whoever listens again hears it."""
        await self.act(lambda turn: store.learn(turn.session, call, condition), now)

    def _look(
        self, session: Session, ringing: frozenset[TellingId], cut_off: frozenset[TellingId] | None, now: Instant
    ) -> tuple[Iterable[EscalationId], Iterable[EscalationId], Iterable[TellingId]]:
        """What is due, what a dead node left, and what rings although its telling has ended.

        ``cut_off`` is None where the node has its Asterisk. Else only what others have not done in their time is due.
        """
        turn = self._turn(session, now)
        over = {*nodes.ended_among(session, ringing), *nodes.left_ringing(session, self._node, turn.now)}
        if cut_off is not None and nodes.others_live(session, self._node, turn.now):
            nodes.leave_to_others(session, cut_off)
            return store.ids_due(session, turn.now - nodes.LEFT_TO_OTHERS_FOR), (), over
        return store.ids_due(session, turn.now), nodes.left_behind(session, self._node, turn.now), over

    async def _each(
        self, escalations: Iterable[EscalationId], act: Callable[[Turn, EscalationId], None], now: Instant
    ) -> None:
        """One transaction for each: an escalation that cannot be read must not silence the others."""
        begun = {one: self._one(act, one, now) for one in escalations}
        ends = await asyncio.gather(*begun.values(), return_exceptions=True)
        for escalation, end in zip(begun, ends, strict=True):
            if isinstance(end, Exception):
                # The kind only: a database's message repeats the row.
                log.error("escalation.failed", escalation=escalation, error=type(end).__name__)
            elif end is not None:
                raise end

    async def _one(self, act: Callable[[Turn, EscalationId], None], escalation: EscalationId, now: Instant) -> None:
        await self.act(lambda turn: act(turn, escalation), now)

    async def act(self, act: Callable[[Turn], T], now: Instant) -> T:
        """One transaction; what it rings and stops follows its commit."""

        def in_transaction(session: Session) -> tuple[T, Errands]:
            turn = self._turn(session, now)
            return act(turn), turn.errands

        async with self._in_order:
            began = time.monotonic()
            answer, errands = await self._again_when_cut_off(in_transaction)
            if errands.rings and time.monotonic() - began > _AT_ONCE:
                errands.rings = await self._still_ours(errands.rings, now)
            refused = self._run(errands)
        for telling in refused:
            await self.telling_ended(telling.id, TellingEnd.UNREACHABLE, now)
        for escalation in errands.decided:
            self._sealed.pop(escalation, None)
        return answer

    def _turn(self, session: Session, now: Instant) -> Turn:
        """It begins with a heartbeat, so that nobody takes over what a node rings that had been slow before."""
        moment = self._clock(session, now)
        nodes.beat(session, self._node, moment)
        reach = Reach(self._node, self._unreachable(), self._contacts)
        return Turn(session, moment, reach, self._open_sealed)

    async def _again_when_cut_off(self, act: Callable[[Session], T]) -> T:
        """Once more when the database gave up on this node while it stood still: nothing of the act was written."""
        try:
            return await self._database.run(act)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            log.warning("act.again", error=type(error).__name__)
            return await self._database.run(act)

    async def _still_ours(self, rings: Sequence[Telling], now: Instant) -> list[Telling]:
        """A node stood still between commit and ring: others may have counted it as dead and rung instead.

        Whoever takes over holds the escalation's row; behind it we see what they did, and they see that we live.
        """

        def read_again(session: Session) -> list[Telling]:
            turn = self._turn(session, now)
            for escalation in sorted({telling.escalation for telling in rings}):
                store.lock(turn.session, escalation)
            ended = nodes.ended_among(turn.session, [telling.id for telling in rings])
            return [telling for telling in rings if telling.id not in ended]

        return await self._again_when_cut_off(read_again)

    def _open_sealed(self, turn: Turn, row: tables.Escalation) -> None:
        tell_or_join(turn, row, self._sealed.get(EscalationId(row.id)), self._people)

    def _open_late(self, turn: Turn, row: tables.Escalation) -> None:
        phone = self._sealed.get(EscalationId(row.id))
        if phone is not None:
            open_location(turn, row, phone, self._people)

    def _decided_without_us(self, turn: Turn, escalation: EscalationId) -> None:
        """By a node that did not know where the caller is, or before this one knew it again: staff are told now."""
        row = store.lock(turn.session, escalation)
        if row is not None and not row.deciding and row.closed_at is None:
            self._open_late(turn, row)
        if row is None or not row.deciding or row.closed_at is not None:
            turn.errands.decided.append(escalation)

    def _run(self, errands: Errands) -> list[Telling]:
        """The tellings that Asterisk refused to ring."""
        for stop in errands.stops:
            self._ringing.discard(stop)
            self._stop(stop)
        self._ringing.update(telling.id for telling in errands.rings)
        refused = [telling for telling in errands.rings if not self._ring(telling)]
        for escalation, why in errands.warnings:
            log.warning("escalation.warning", escalation=escalation, why=why)
            self._console.warn(escalation, why)
        for escalation, step, facts in errands.steps:
            self._traces.note(escalation, step, facts)
        return refused

    def _stop(self, telling: TellingId) -> None:
        try:
            self._phones.stop(telling)
        except AsterisksFault:
            log.warning("telling.not_stopped", telling=telling)

    def _ring(self, telling: Telling) -> bool:
        try:
            self._phones.ring(telling.id, telling.phone, telling.escalation)
        except AsterisksFault:
            log.warning("telling.not_rung", telling=telling.id)
            return False
        return True
