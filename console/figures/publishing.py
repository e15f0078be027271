"""Publishes the figures of each period once, when it is over and settled."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.orm import Session

from console.figures import store
from console.figures.banding import Figures
from console.figures.hiding import publish
from console.figures.measures import Seen
from console.figures.periods import LENGTHS, Period
from escalation.suppression import CannotHide
from models.database import Database
from models.words import SiteId
from rota.people import zone_of

log = structlog.get_logger()


async def publish_due(database: Database, site: SiteId, now: datetime) -> tuple[Period, ...]:
    """What was published. To hide takes a second or two, in which nothing else waits for the database."""
    zone = await database.run(lambda session: zone_of(session, site))
    done: list[Period] = []
    for period in await database.run(lambda session: store.due(session, site, now)):
        since, until = period.span(zone)
        seen, before = await database.run(partial(_read, site=site, period=period, since=since, until=until))
        if seen is None or not (seen.calls or seen.shifts) or not _has_all(period, before):
            # A call goes on, or the line was not there yet.
            continue
        try:
            figures = await asyncio.to_thread(publish, period, seen, zone, before)
        except CannotHide:
            # Better a period without figures than none after it.
            log.exception("figures.not_published", period=str(period))
            continue
        await database.run(partial(store.keep, site=site, period=period, figures=figures))
        done.append(period)
    return tuple(done)


def _has_all(period: Period, before: Mapping[Period, Figures]) -> bool:
    return all(part in before for part in _parts(period))


def _parts(period: Period) -> list[Period]:
    return [part for weeks in LENGTHS if weeks < period.weeks for part in period.cut(weeks)]


def _read(
    session: Session, site: SiteId, period: Period, since: datetime, until: datetime
) -> tuple[Seen | None, Mapping[Period, Figures]]:
    return store.seen_in(session, site, since, until), store.figures_of(session, site, _parts(period))
