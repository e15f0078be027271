"""Movements take effect within seconds, whoever records them, and Asterisk is told of new phones."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from sqlalchemy import select
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
        self._listeners_phones: frozenset[PhoneId] | None = None

    async def tick(self) -> None:
        effect = await self._database.run(lambda session: settle(session, self._site, now()))
        dropped = await asyncio.to_thread(take_drops, self._settings.data, self._database, self._site, now())
        for taken in dropped:
            log.info("drop.taken", kind=taken.kind.value, right=taken.right, wrong=taken.wrong)
        effects = [effect, *(taken.effect for taken in dropped)]
        moved = await self._phones_moved()
        if moved or dropped or any(one.freed or one.moved for one in effects):
            await self._happened()

    async def _phones_moved(self) -> bool:
        """Whoever recorded it, this process or another: a Listener's phone may dial other numbers than a caller's."""
        phones = await self._database.run(partial(_phones_of_listeners, site=self._site))
        before = self._listeners_phones
        if before is not None and phones != before:
            if not self._ami.connected:
                return False
            await reload_site(self._settings, self._ami)
            log.info("movements.phones_changed", phones=len(phones ^ before))
        self._listeners_phones = phones
        return before is not None and phones != before


def _phones_of_listeners(session: Session, site: SiteId) -> frozenset[PhoneId]:
    rows = select(tables.Phone.id).where(tables.Phone.site_id == site, tables.Phone.kind == PhoneKind.LISTENER.value)
    return frozenset(PhoneId(phone) for phone in session.scalars(rows))
