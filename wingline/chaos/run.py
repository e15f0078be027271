"""A run from beginning to end: people and faults as planned, then calm, and then everything that was seen."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import OperationalError

from models.errors import WinglineError
from wingline.chaos.bounds import Bounds, bounds_of
from wingline.chaos.conferences import Conferences
from wingline.chaos.faults.all import fault as to_inject
from wingline.chaos.history import Fault, History, Left
from wingline.chaos.left import descriptors, programs_left, things_left
from wingline.chaos.logs import corrected, surprises, told
from wingline.chaos.plan import FaultPlan, Plan
from wingline.chaos.prison import Prison, person_of, prison
from wingline.chaos.rows import rows
from wingline.chaos.words import words_found
from wingline.exchange import exchange_of
from wingline.nightly_close import Closer
from wingline.phones.errors import PhoneError

QUIET_WITHIN = 25.0
LOOKS_EVERY = 0.5
# Staff go on ringing for a while after the last call.
AFTERWARDS = 4.0


@dataclass(frozen=True, slots=True)
class Seen:
    history: History
    bounds: Bounds
    # What the line found otherwise than it believed, and put right: how often of each kind.
    corrected: dict[str, int]
    files_searched: int
    # What the line's log says, with its times.
    said: tuple[tuple[float, str], ...]
    # Seconds that each part of the run took.
    took: dict[str, float]


async def run(plan: Plan, database: str = "", *, everywhere: bool = True) -> Seen:
    """``everywhere``: the whole machine is searched for words."""
    return await run_in(prison(plan.seed, database), plan, everywhere=everywhere)


async def run_in(building: AbstractAsyncContextManager[Prison], plan: Plan, *, everywhere: bool) -> Seen:
    """In a prison that is made for it, and gone afterwards."""
    began = time.monotonic()
    async with building as made:
        started = time.monotonic() - began
        seen = await _Run(plan, made, everywhere=everywhere).whole()
    seen.took["starting"] = round(started, 1)
    left = seen.history.left
    left = replace(left, things=(*left.things, *programs_left(made)))
    return replace(seen, history=replace(seen.history, left=left))


class _Run:
    def __init__(self, plan: Plan, made: Prison, *, everywhere: bool) -> None:
        self._plan, self._everywhere = plan, everywhere
        self._prison = made
        made.lasts = plan.plays
        self._faults: list[Fault] = []
        self._playing = True

    async def whole(self) -> Seen:
        made = self._prison
        conferences = Conferences(made)
        had = descriptors(made)
        made.clock.begin()
        await self._play()
        ended = made.clock.now()
        things = await self._calm()
        calm = made.clock.now()
        left = Left(tuple(things), {name: (had.get(name, now), now) for name, now in descriptors(made).items()})
        for recorder in made.recorders:
            await recorder.until_heard()
        words, files = await words_found(made, self._plan.seed, everywhere=self._everywhere)
        times = {"playing": ended, "calming_down": calm - ended, "searching": made.clock.now() - calm}
        history = History(
            ended,
            callers=tuple(story for caller in made.callers for story in caller.stories()),
            others=tuple(call for one in made.rung.values() for call in one.recorder.calls),
            rings=tuple(ring for one in made.rung.values() for ring in one.recorder.rings),
            faults=tuple(self._faults),
            cuts=tuple(self._prison.cuts),
            members=conferences.all_of_them(),
            rows=await made.database.run(lambda session: rows(session, self._since)),
            left=left,
            words=tuple(words),
            log_trouble=tuple(surprises(made.logs)),
        )
        took = {name: round(seconds, 1) for name, seconds in times.items()}
        return Seen(history, _bounds(made), corrected(made.logs), files, told(made.logs, self._since), took)

    def _since(self, moment: datetime) -> float:
        return self._prison.clock.of_wall(self._prison.really(moment.timestamp()))

    # ---- playing

    async def _play(self) -> None:
        made, plan = self._prison, self._plan
        planned = {one.who: one for one in (*plan.listeners, *plan.staff)}
        people = [
            asyncio.create_task(one.lives(planned[person_of(seat)], lambda: self._playing))
            for seat, one in made.rung.items()
        ]
        try:
            async with asyncio.TaskGroup() as playing:
                for lane, caller in enumerate(made.callers):
                    mine = [call for call in plan.calls if call.lane == lane]
                    playing.create_task(caller.calls(mine, made.canary))
                for fault in plan.faults:
                    playing.create_task(self._break(fault))
            await asyncio.sleep(AFTERWARDS)
        finally:
            self._playing = False
            for task in people:
                task.cancel()
            await asyncio.gather(*people, return_exceptions=True)

    async def _break(self, planned: FaultPlan) -> None:
        made = self._prison
        await asyncio.sleep(planned.at - made.clock.now())
        fault = to_inject(planned, made)
        began = made.clock.now()
        hit = False
        try:
            with suppress(WinglineError, PhoneError, OSError, OperationalError):
                hit = await fault.inject()
            await asyncio.sleep(planned.lasts)
        finally:
            await fault.heal()
        well = await made.until_well(time.monotonic())
        if hit:
            self._faults.append(Fault(planned.kind, began, made.clock.now() if well else None, fault.who))

    # ---- calm

    async def _calm(self) -> Sequence[str]:
        """Everybody hangs up and staff have closed what was open; what is left then."""
        made = self._prison
        await made.until_well(time.monotonic())
        await Closer(made.database, made.site.id).close()
        deadline = time.monotonic() + QUIET_WITHIN
        while left := await self._left():
            if time.monotonic() > deadline:
                break
            for person in (*made.callers, *made.rung.values()):
                await person.hangs_up()
            await asyncio.sleep(LOOKS_EVERY)
        return left

    async def _left(self) -> list[str]:
        found = await self._prison.database.run(lambda session: rows(session, self._since))
        still = found.open_calls + found.open_offers
        still += sum(one.ended is None for one in found.talks) + sum(one.ended is None for one in found.tellings)
        return [*await things_left(self._prison), *([f"{still} open rows"] if still else [])]


def _bounds(made: Prison) -> Bounds:
    exchange = exchange_of(made.nodes[0].settings, made.site, made.database)
    return bounds_of(made.site.profile(), deadline=exchange.deadline_seconds)
