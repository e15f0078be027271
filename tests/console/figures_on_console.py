"""Half a year of a made-up line behind a console, with its figures published."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import figures_year
from builders import a_listener
from evening import SITE
from sqlalchemy.orm import Session

from console.figures.periods import EPOCH, Period, settled_and_kept
from console.figures.publishing import publish_due
from models.database import Database

# Twelve weeks and one day before it, everything of them is over and settled.
TWELVE = Period(EPOCH + timedelta(weeks=108), 12)


def a_published_quarter(database: Database, *, calls_a_day: float = 15) -> None:
    """Each week is published when it is due, and so is what is made of it."""
    database.do(_listeners)
    database.do(lambda session: figures_year.days_of_calls(session, TWELVE.first, 84, calls_a_day=calls_a_day))
    # A real browser has a loop of its own in this thread.
    with ThreadPoolExecutor(1) as aside:
        for week in TWELVE.cut(1):
            aside.submit(asyncio.run, publish_due(database, SITE, after(week))).result()


def after(period: Period) -> datetime:
    """When it is due for the first time."""
    now = period.span(figures_year.ZONE)[1] + timedelta(days=1)
    assert period in settled_and_kept(now, figures_year.ZONE)
    return now


def _listeners(session: Session) -> None:
    session.add_all(a_listener(name, "AB"[number % 2]) for number, name in enumerate(figures_year.NAMES))
    session.flush()
