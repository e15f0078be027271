"""Calendar feeds over HTTP."""

import httpx
from builders import a_shift_row
from evening import CODE_NAMES
from icalendar import Calendar

from models.clock import now
from models.database import Database
from models.words import ListenerId
from rota.feeds import new_feed


def a_feed(database: Database) -> str:
    name = CODE_NAMES[0]
    with database.transaction() as session:
        session.add(a_shift_row(name, starts_at=now(), ends_at=now().replace(year=now().year + 1)))
        session.flush()
        return new_feed(session, ListenerId(f"listener-{name}"))


def test_whoever_has_the_secret_reads_when_that_listener_is_on_duty(browser: httpx.Client, database: Database) -> None:
    answer = browser.get(f"/calendars/{a_feed(database)}.ics")

    assert answer.headers["content-type"].startswith("text/calendar")
    assert len(Calendar.from_ical(answer.content).walk("VEVENT")) == 1
    assert CODE_NAMES[0] not in answer.text


def test_another_secret_opens_nothing(browser: httpx.Client, database: Database) -> None:
    a_feed(database)

    assert browser.get("/calendars/guessed.ics").status_code == 404
