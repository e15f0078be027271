"""Movements take effect within seconds, whoever records them, and Asterisk is told of new phones.

The database says what is new: the console and the API record in this process, the command line in another, and nobody
has to call here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.ami import Ami
from listeners.movements_store import settle
from models import tables
from models.clock import now
from models.database import Database
from models.words import PhoneId, PhoneKind, SiteId
from wingline.drop_box import take_drops
from wingline.reloading import reload_site
from wingline.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Seen:
    """The phones of Listeners, and of their movements as much as shows that one was recorded or taken back."""

    phones: frozenset[PhoneId]
    movements: int
    last_recorded_at: datetime | None


class MovementWatch:
    """Ticked every few seconds. ``happened`` is called when anything about Listeners has changed."""

    def __init__(
        self, settings: Settings, database: Database, site: SiteId, ami: Ami, happened: Callable[[], Awaitable[None]]
    ) -> None:
        self._settings = settings
        self._database = database
        self._site = site
        self._ami = ami
        self._happened = happened
        self._seen: _Seen | None = None

    async def tick(self) -> None:
        effect = await self._database.run(lambda session: settle(session, self._site, now()))
        dropped = await asyncio.to_thread(take_drops, self._settings.data, self._database, self._site, now())
        for taken in dropped:
            log.info("drop.taken", kind=taken.kind.value, right=taken.right, wrong=taken.wrong)
        effects = [effect, *(taken.effect for taken in dropped)]
        news = await self._is_news()
        if news or dropped or any(one.freed or one.moved for one in effects):
            await self._happened()

    async def _is_news(self) -> bool:
        """Whether anything was recorded or has moved; a Listener's phone may dial other numbers than a caller's."""
        seen = await self._database.run(partial(_look, site=self._site))
        before, self._seen = self._seen, seen
        if before is None or seen == before:
            return False
        if seen.phones == before.phones:
            return True
        if not self._ami.connected:
            # They stay news until Asterisk can be told of them.
            self._seen = replace(seen, phones=before.phones)
            return self._seen != before
        await reload_site(self._settings, self._ami)
        log.info("movements.phones_changed", phones=len(seen.phones ^ before.phones))
        return True


def _look(session: Session, site: SiteId) -> _Seen:
    phones = select(tables.Phone.id).where(tables.Phone.site_id == site, tables.Phone.kind == PhoneKind.LISTENER.value)
    ours = select(tables.Listener.id).where(tables.Listener.site_id == site)
    movements = select(func.count(), func.max(tables.Movement.recorded_at)).where(tables.Movement.listener_id.in_(ours))
    count, last = session.execute(movements).one()
    return _Seen(frozenset(PhoneId(phone) for phone in session.scalars(phones)), count, last)
