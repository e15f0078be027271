"""What ends soon for Listeners, as the coordinator's board says it."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from evening import sign_in
from sqlalchemy import update

from console.wall_clock import WallClock
from models import tables
from models.clock import now
from models.database import Database
from models.words import Standing

DAY = timedelta(days=1)
LONDON = ZoneInfo("Europe/London")


def ends(database: Database, name: str, at: datetime, **changes: object) -> None:
    with database.transaction() as session:
        one = update(tables.Listener).where(tables.Listener.code_name == name)
        session.execute(one.values({"certified_until": at} | changes))


def the_part(browser: httpx.Client) -> str:
    """Without tags, in single spaces."""
    html = browser.get("/").text.split('<section id="ends"')[1].split("</section>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html.partition(">")[2])).strip()


def last_day(at: datetime) -> str:
    return WallClock(LONDON, at).last_day(at)


def test_what_ends_is_counted_by_its_warning_and_the_nearest_comes_first(
    browser: httpx.Client, database: Database
) -> None:
    at = now()
    ends(database, "Kestrel", at + 45 * DAY)
    ends(database, "Linnet", at - 2 * DAY, standing=Standing.LAPSED.value)
    ends(database, "Merlin", at + 5 * DAY)
    with database.transaction() as session:
        due = {"listener_id": "listener-Osprey", "module": "refresher", "done_at": at}
        session.add(tables.Training(**due, valid_until=at + 20 * DAY))
    sign_in(browser, "sam")

    assert the_part(browser) == (
        "Ends soon Over 1 In 7 days 1 In 30 days 1 In 60 days 1 "
        f"Linnet : certificate, last day was {last_day(at - 2 * DAY)} "
        f"Merlin : certificate, last day {last_day(at + 5 * DAY)} "
        f"Osprey : recurring training, last day {last_day(at + 20 * DAY)} "
        f"Kestrel : certificate, last day {last_day(at + 45 * DAY)}"
    )


def test_when_nothing_ends_the_board_says_so(browser: httpx.Client) -> None:
    sign_in(browser, "sam")

    assert "No certificate or training ends in the next 60 days." in the_part(browser)


@pytest.mark.parametrize("standing", [Standing.LEFT, Standing.TRAINING])
def test_who_has_left_or_is_still_learning_is_not_listed(
    browser: httpx.Client, database: Database, standing: Standing
) -> None:
    ends(database, "Kestrel", now() + DAY, standing=standing.value)
    sign_in(browser, "sam")

    assert "Kestrel" not in the_part(browser)


def test_duty_staff_see_nothing_of_it(browser: httpx.Client, database: Database) -> None:
    ends(database, "Kestrel", now() + DAY)
    sign_in(browser, "nurse")

    assert "Ends soon" not in browser.get("/").text


def test_the_coordinators_live_board_is_told_of_it_and_the_staffs_is_not(
    browser: httpx.Client, database: Database
) -> None:
    ends(database, "Kestrel", now() + DAY)

    sent = {}
    for name in ("nurse", "sam"):
        sign_in(browser, name)
        with browser.stream("GET", "/live") as stream:
            sent[name] = next(line for line in stream.iter_lines() if line.startswith("data: "))
    assert "Kestrel" not in sent["nurse"]
    assert '"ends": ' in sent["sam"]
    assert "certificate, last day" in sent["sam"]


def test_the_last_day_is_the_one_before_the_end() -> None:
    midnight = datetime(2026, 4, 1, tzinfo=LONDON)

    assert WallClock(LONDON, midnight).last_day(midnight) == "31 March 2026"
