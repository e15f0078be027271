"""What the line does once an hour, on both databases: certificates lapse, what is due goes, figures are published."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import figures_year
import pytest
from builders import SITE, a_call, a_welfare
from sqlalchemy import select

from console.figures import publishing
from console.figures.banding import Figures
from console.figures.periods import Period
from escalation.suppression import CannotHide, Cell
from models import tables
from models.database import Database
from wingline.hourly import Hourly
from wingline.site import SiteFile, read_site

MONDAY = date(2026, 1, 5)
DAY = timedelta(days=1)
FIRST, SECOND = Period(MONDAY, 1), Period(MONDAY + 7 * DAY, 1)
BEGINS, NOW = FIRST.span(figures_year.ZONE)[0], SECOND.span(figures_year.ZONE)[1] + DAY


@dataclass
class Told:
    """Counts how often the line was told that Listeners changed."""

    times: int = 0

    async def changed(self) -> None:
        self.times += 1


def a_site_file() -> SiteFile:
    example = read_site(Path(__file__).parents[2] / "docs" / "site-example.toml")
    return example.model_copy(update={"site": example.site.model_copy(update={"id": SITE})})


@pytest.fixture(autouse=True)
def two_weeks(database: Database) -> None:
    database.do(figures_year.a_prison)
    database.do(lambda session: figures_year.days_of_calls(session, MONDAY, 14))


def tick(database: Database, folder: Path, now: datetime) -> Told:
    told = Told()
    asyncio.run(Hourly(database, a_site_file(), folder, told.changed).tick(a_welfare(), now))
    return told


def published(database: Database) -> list[str]:
    with database.transaction() as session:
        return sorted(session.scalars(select(tables.PublishedFigure.period).distinct()))


def test_an_hour_publishes_the_weeks_that_are_settled(database: Database, tmp_path: Path) -> None:
    assert tick(database, tmp_path, NOW).times == 0

    assert published(database) == [str(FIRST), str(SECOND)]


def test_an_hour_forgets_what_is_due_and_tells_of_certificates_that_ended(database: Database, tmp_path: Path) -> None:
    """The made-up Listeners are certified until the end of November."""
    old = {"began_at": BEGINS - 90 * DAY, "ended_at": BEGINS - 90 * DAY}
    database.do(lambda session: session.add(a_call("old", **old)))

    assert tick(database, tmp_path, NOW).times == 0
    assert tick(database, tmp_path, NOW + 400 * DAY).times == 1

    with database.transaction() as session:
        assert session.get(tables.Call, "call-old") is None
        assert session.scalars(select(tables.Call)).all() == []
    assert published(database) == [str(FIRST), str(SECOND)]


def test_a_period_that_cannot_be_hidden_keeps_no_other_back(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = publishing.publish

    def not_the_first(period: Period, *rows: object) -> Figures:
        if period == FIRST:
            raise CannotHide(Cell("t", "r", "c"))
        return made(period, *rows)  # type: ignore[arg-type]  # whatever it is given

    monkeypatch.setattr(publishing, "publish", not_the_first)
    tick(database, tmp_path, NOW)

    assert published(database) == [str(SECOND)]
