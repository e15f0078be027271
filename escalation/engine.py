"""The engine over rows: read, decide, write, and only after the commit ring; it keeps no timers."""

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from escalation import store
from escalation.ports import TELLING_AT_MOST, Console, StaffPhones
from escalation.protocol import Acknowledged, Closed, Due, MadeGraver, Raised, Restarted
from escalation.store import Deed, Raise, Telling
from escalation.turn import LINE, Errands, Turn
from models import tables
from models.database import Database
from models.errors import AsterisksFault, UnknownName
from models.words import Cause, EscalationId, Instant, PhoneId, TellingEnd, TellingId

T = TypeVar("T")
log = structlog.get_logger()

# A later danger of the same call rings again only when it is graver than what staff were told.
_GRAVITY = (
    Cause.DRILL,
    Cause.VISIT_ASKED,
    Cause.CALLER_AGREED,
    Cause.CALLER_ASKED,
    Cause.EXCEPTION_RULE,
    Cause.DANGER_NOW,
)


class Engine:
    """Every open escalation of this database; any number of ticks may find the same one due, one carries it out."""

    def __init__(
        self,
        database: Database,
        phones: StaffPhones,
        *,
        console: Console,
        unreachable: Callable[[], frozenset[PhoneId]],
    ) -> None:
        self._database = database
        self._phones = phones
        self._console = console
        self._unreachable = unreachable
        # Errands leave in the order of the commits: a stop never overtakes the ring that it ends.
        self._in_order = asyncio.Lock()

    async def tick(self, now: Instant) -> None:
        """Whatever is due by now; called every second, and safe to call at any time."""
        due = await self._database.run(lambda session: store.ids_due(session, now))
        await self._each(due, _when_due, now)

    async def recover(self, now: Instant) -> None:
        """Once at the start, before the first tick: nobody is still being told by the line that died."""
        await self._act(_stop_what_still_rings, now)
        await self._each(await self._database.run(store.ids_not_closed), _after_restart, now)

    async def raise_escalation(self, raising: Raise, now: Instant) -> EscalationId:
        """The caller has been told. A second danger of the same call joins its open escalation."""
        escalation = await self._act(lambda turn: _raise_or_join(turn, raising), now)
        log.info("escalation.raised", escalation=escalation, call=raising.call)
        return escalation

    async def telling_ended(self, telling: TellingId, end: TellingEnd, now: Instant) -> bool:
        """Whether it counted; False when the telling had ended before, so that somebody else may be going."""
        counted = await self._act(lambda turn: _end_telling(turn, telling, end), now)
        log.info("telling.ended", telling=telling, end=end, counted=counted)
        return counted

    async def acknowledge(self, escalation: EscalationId, by: str, now: Instant) -> bool:
        """Somebody says on the console that they are going."""
        return await self._act(lambda turn: turn.feed(_row(turn, escalation), Acknowledged(by)), now)

    async def close(self, escalation: EscalationId, closed: Closed, now: Instant) -> bool:
        """With "spoken to the person: no" it stays open and climbs at once."""
        return await self._act(lambda turn: _close(turn, escalation, closed), now)

    async def _each(
        self, escalations: Iterable[EscalationId], act: Callable[[Turn, EscalationId], None], now: Instant
    ) -> None:
        """One transaction for each: an escalation that cannot be read must not silence the others."""
        acts = {one: self._one(act, one, now) for one in escalations}
        ends = await asyncio.gather(*acts.values(), return_exceptions=True)
        for escalation, end in zip(acts, ends, strict=True):
            if isinstance(end, Exception):
                # The kind only: a database's message repeats the row.
                log.error("escalation.failed", escalation=escalation, error=type(end).__name__)
            elif end is not None:
                raise end

    async def _one(self, act: Callable[[Turn, EscalationId], None], escalation: EscalationId, now: Instant) -> None:
        await self._act(lambda turn: act(turn, escalation), now)

    async def _act(self, act: Callable[[Turn], T], now: Instant) -> T:
        unreachable = self._unreachable()

        def in_transaction(session: Session) -> tuple[T, Errands]:
            turn = Turn(session, now, unreachable)
            return act(turn), turn.errands

        async with self._in_order:
            answer, errands = await self._database.run(in_transaction)
            refused = self._run(errands)
        for telling in refused:
            await self.telling_ended(telling.id, TellingEnd.UNREACHABLE, now)
        return answer

    def _run(self, errands: Errands) -> list[Telling]:
        """The tellings that Asterisk refused to ring."""
        for stop in errands.stops:
            self._stop(stop)
        refused = [telling for telling in errands.rings if not self._ring(telling)]
        for escalation, why in errands.warnings:
            log.warning("escalation.warning", escalation=escalation, why=why)
            self._console.warn(escalation, why)
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


def _when_due(turn: Turn, escalation: EscalationId) -> None:
    row = store.lock(turn.session, escalation, skip=True)
    if row is None:
        return
    for telling in store.open_tellings(turn.session, escalation, rung_before=turn.now - TELLING_AT_MOST):
        turn.errands.stops.append(telling.id)
        turn.end_telling(row, telling, TellingEnd.NO_ANSWER)
    turn.feed(row, Due())


def _stop_what_still_rings(turn: Turn) -> None:
    """Tellings that have ended may still ring: the line may have died before it could stop them."""
    turn.errands.stops.extend(store.ids_ended_since(turn.session, turn.now - TELLING_AT_MOST))


def _after_restart(turn: Turn, escalation: EscalationId) -> None:
    row = _row(turn, escalation)
    turn.stop_all(escalation, TellingEnd.NO_ANSWER)
    turn.feed(row, Restarted())


def _raise_or_join(turn: Turn, raising: Raise) -> EscalationId:
    row = store.lock_open(turn.session, raising)
    if row is None:
        row = store.insert(turn.session, raising, turn.now)
        turn.note(LINE, Deed.RAISED, EscalationId(row.id))
        turn.feed(row, Raised())
        return EscalationId(row.id)
    escalation = EscalationId(row.id)
    turn.note(LINE, Deed.JOINED, escalation)
    row.danger = raising.danger or row.danger
    row.cell_id = row.cell_id or raising.cell
    if _GRAVITY.index(raising.cause) > _GRAVITY.index(Cause(row.cause)):
        store.change_cause(row, raising)
        turn.note(LINE, Deed.MADE_GRAVER, escalation)
        turn.feed(row, MadeGraver(raising.protocol))
    return escalation


def _end_telling(turn: Turn, ending: TellingId, end: TellingEnd) -> bool:
    telling = store.telling(turn.session, ending)
    if not turn.end_telling(_row(turn, telling.escalation), telling, end):
        return False
    if end is TellingEnd.CANNOT_GO:
        turn.note(telling.post, Deed.CANNOT_GO, telling.escalation)
    return True


def _close(turn: Turn, escalation: EscalationId, closed: Closed) -> bool:
    counted = turn.feed(_row(turn, escalation), closed)
    if counted and not closed.spoken:
        turn.note(closed.by, Deed.NOT_SPOKEN_TO, escalation)
    return counted


def _row(turn: Turn, escalation: EscalationId) -> tables.Escalation:
    row = store.lock(turn.session, escalation)
    if row is None:
        raise UnknownName("escalation", escalation)
    return row
