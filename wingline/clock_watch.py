"""Sees that somebody has set the clock, says so in the log, and has put right what the rows then say of the future."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from escalation.clock_put_back import put_right
from escalation.engine import Engine
from listeners.rest_put_right import rests_put_right
from models.clock import now, of_database
from models.database import Database
from models.words import SiteId

log = structlog.get_logger()

# Nobody sets a clock for less; a machine that does much else may look that late.
WORTH_A_WORD = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the clocks said in one moment: the node's own, the database's, and one that nobody can set."""

    own: datetime
    database: datetime
    steady: float

    def jumped_since(self, before: "Looked") -> timedelta:
        """How far a clock was set meanwhile: backwards if either was, for that is what has to be answered."""
        went = timedelta(seconds=self.steady - before.steady)
        jumps = (self.own - before.own - went, self.database - before.database - went)
        return min(jumps) if min(jumps) < -WORTH_A_WORD else max(jumps)


class ClockWatch:
    def __init__(self, database: Database, engine: Engine, site: SiteId) -> None:
        self._database, self._engine, self._site = database, engine, site
        self._before: Looked | None = None
        # The clock may have been put back while no line ran.
        self._owed = True

    async def look(self) -> None:
        seen = await self._database.run(lambda session: Looked(now(), of_database(session), time.monotonic()))
        before, self._before = self._before, seen
        jumped = seen.jumped_since(before) if before else timedelta()
        if abs(jumped) > WORTH_A_WORD:
            log.warning("clock.jumped", seconds=round(jumped.total_seconds()))
            self._owed = self._owed or jumped < timedelta()
        if self._owed:
            await self._engine.act(put_right, now())
            await self._database.run(lambda session: rests_put_right(session, self._site, now()))
            self._owed = False
