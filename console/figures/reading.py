"""What page, CSV files and API read: one period as it was published, and the weeks until its end."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from console.desk import Desk
from console.figures import store
from console.figures.banding import Figures
from console.figures.forecast import Target
from console.figures.measures import STEPS
from console.figures.periods import WEEK, WEEKLY, BadPeriod, Period, period_named
from console.figures.shown import Shown, shown
from console.language import _
from models.errors import AskersFault
from models.words import SiteId

WEEKS = 12
SHARES = range(50, 100)


class BadTarget(AskersFault):
    def __init__(self, what: str) -> None:
        super().__init__(_("choose %(what)s", what=what))


class NothingPublished(AskersFault):
    def __init__(self) -> None:
        super().__init__(_("nothing is published yet; ask again a day after the first week is over"))


@dataclass(frozen=True, slots=True)
class Choice:
    """The period that is looked at, of those that there are; the wings by id, with their names."""

    periods: tuple[Period, ...]
    period: Period
    wings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """``weeks`` are the last ones until the end of the period, the earliest first."""

    periods: tuple[Period, ...]
    period: Period
    weeks: Sequence[Period]
    figures: Mapping[Period, Figures]
    wings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """``periods``: all that can be chosen, the latest first."""

    periods: tuple[Period, ...]
    shown: Shown


def target_of(within: int, share: int) -> Target:
    if within not in STEPS:
        raise BadTarget(_("one of %(steps)s seconds", steps=", ".join(str(step) for step in STEPS)))
    if share not in SHARES:
        raise BadTarget(_("a share from %(least)s to %(most)s %%", least=SHARES[0], most=SHARES[-1]))
    return Target(within, share)


async def read(desk: Desk, name: str | None, target: Target) -> Reading:
    """Without a name, the last four weeks that are published, or else the last week.

    What is published never changes, so that the same choice has the same answer.
    """
    choice = await desk.database.run(lambda session: choice_of(session, desk.site, name))

    async def made() -> Reading:
        rows = await desk.database.run(lambda session: rows_of(session, desk.site, name))
        # Calls are on this loop, and claims wait for that database.
        return await asyncio.to_thread(reading_of, rows, target)

    return await desk.remembered.of(("figures", choice, target), made)


def choice_of(session: Session, site: SiteId, name: str | None) -> Choice:
    periods = store.periods_of(session, site)
    if not periods:
        raise NothingPublished
    period = period_named(name) if name else _to_begin_with(periods)
    if period not in periods:
        raise BadPeriod(str(period))
    return Choice(periods, period, tuple(store.wings_of(session, site).items()))


def rows_of(session: Session, site: SiteId, name: str | None) -> Rows:
    chosen = choice_of(session, site, name)
    period = chosen.period
    last = [one for one in chosen.periods if one.weeks == WEEKLY and period.end - WEEKS * WEEK < one.end <= period.end]
    figures = store.figures_of(session, site, {period, *last})
    return Rows(chosen.periods, period, sorted(last), figures, dict(chosen.wings))


def reading_of(rows: Rows, target: Target) -> Reading:
    weeks = {week: rows.figures[week] for week in rows.weeks}
    return Reading(rows.periods, shown(rows.period, rows.figures[rows.period], weeks, rows.wings, target))


def _to_begin_with(periods: tuple[Period, ...]) -> Period:
    return next((one for one in periods if one.weeks == 4), periods[0])
