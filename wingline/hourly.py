"""What the line does once an hour: what has ended lapses, what is due is forgotten, heads and figures are written."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from escalation.profile import Welfare
from listeners.journey_store import settle_standings
from models.database import Database
from models.overdue import is_due, purge
from wingline.audit_files import settle_heads
from wingline.console_server import LOADING
from wingline.site import SiteFile

if TYPE_CHECKING:
    from console.figures.periods import Period
    from models.words import SiteId

log = structlog.get_logger()

EVERY_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Hourly:
    """``changed``: told when somebody may not take calls any more."""

    database: Database
    site: SiteFile
    data: Path
    changed: Callable[[], Awaitable[None]]

    async def tick(self, welfare: Welfare, now: datetime) -> None:
        await self._lapse(welfare, now)
        await self._forget(now)
        zone = self.site.site.zone
        heads = partial(settle_heads, data=self.data, site=self.site.id, zone=zone, now=now)
        await self.database.run(heads)
        publish = await asyncio.to_thread(_publishing)
        for period in await publish(self.database, self.site.id, now):
            log.info("figures.published", period=str(period))

    async def _lapse(self, welfare: Welfare, now: datetime) -> None:
        lapsed = await self.database.run(lambda session: settle_standings(session, self.site.id, now, welfare))
        if lapsed:
            log.info("listeners.lapsed", listeners=len(lapsed))
            await self.changed()

    async def _forget(self, now: datetime) -> None:
        if await self.database.run(lambda session: is_due(session, now)):
            done = await self.database.aside(lambda: purge(self.database, now))
            log.info("retention.purged", **done.gone)
            if done.overdue:
                log.error("retention.overdue", **{f"{one.table}_{one.holds}": one.rows for one in done.overdue})


def _publishing() -> "Callable[[Database, SiteId, datetime], Awaitable[Sequence[Period]]]":
    """What it is made with takes half a second to load, and no call waits for it."""
    with LOADING:
        from console.figures.publishing import publish_due  # noqa: PLC0415  for that reason

    return publish_due
