"""Sees that somebody has set the clock, says so in the log, and has put right what the rows then say of other times."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from escalation.clock_put_back import put_right
from escalation.engine import Engine
from listeners.clock_set import rests_put_right, talks_moved
from models.clock import now, of_database
from models.database import Database
from models.words import NodeId, SiteId

log = structlog.get_logger()

# Nobody sets a clock for less; a machine that does much else may look that late.
WORTH_A_WORD = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the clocks said in one moment: the node's own, the database's, and one that nobody can set."""

    own: datetime
    database: datetime
    steady: float

    def since(self, before: "Looked") -> timedelta:
        return timedelta(seconds=self.steady - before.steady)

    def own_jump(self, before: "Looked") -> timedelta:
        return self.own - before.own - self.since(before)

    def jump(self, before: "Looked") -> timedelta:
        """How far a clock was set meanwhile: backwards if either was, for that is what has to be answered."""
        jumps = self.own_jump(before), self.database - before.database - self.since(before)
        return min(jumps) if min(jumps) < -WORTH_A_WORD else max(jumps)


class ClockWatch:
    def __init__(self, database: Database, engine: Engine, site: SiteId, node: NodeId) -> None:
        self._database, self._engine = database, engine
        self._site, self._node = site, node
        self._before: Looked | None = None
        # The clock may have been put back while no line ran.
        self._owed = True

    async def look(self) -> None:
        seen = await self._database.run(lambda session: Looked(now(), of_database(session), time.monotonic()))
        if self._before and abs(seen.jump(self._before)) > WORTH_A_WORD:
            await self._has_jumped(self._before, seen)
        self._before = seen
        if self._owed:
            await self._engine.act(put_right, now())
            await self._database.run(lambda session: rests_put_right(session, self._site, now()))
            self._owed = False

    async def _has_jumped(self, before: Looked, seen: Looked) -> None:
        jump, own = seen.jump(before), seen.own_jump(before)
        log.warning("clock.jumped", seconds=round(jump.total_seconds()))
        self._owed = self._owed or jump < timedelta()
        if abs(own) > WORTH_A_WORD:
            since = seen.own - seen.since(before)
            await self._database.run(
                lambda session: talks_moved(session, self._node, by=own, since=since, now=seen.own)
            )
