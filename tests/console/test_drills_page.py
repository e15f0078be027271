"""The page of drills over HTTP."""

from datetime import timedelta

import httpx
import pytest
from evening import SITE, sign_in, token_in
from sqlalchemy import select

from console.drills_wording import FINDINGS, LINKS, NO_PLACE
from escalation.drill_report import Finding
from escalation.drills import Kind
from escalation.nightly import Link
from models.clock import now
from models.database import Database
from models.tables import Drill, Escalation, NightlyCall
from models.words import Cause

START = "/drills"
ROLES = ["nurse", "sam"]


def start(browser: httpx.Client) -> httpx.Response:
    return browser.post(START, data={"token": token_in(browser.get("/drills").text)})


def asked_for(database: Database) -> list[tuple[str, str]]:
    return database.do(lambda session: [(one.asked_by, one.kind) for one in session.scalars(select(Drill))])


@pytest.mark.parametrize("name", ROLES)
def test_staff_and_coordinators_start_a_drill_and_are_named(
    browser: httpx.Client, database: Database, name: str
) -> None:
    sign_in(browser, name)
    answer = start(browser)

    assert answer.headers["location"] == "/drills?asked=true"
    assert asked_for(database) == [(name, Kind.BY_HAND)]
    page = browser.get("/drills?asked=true").text
    assert f"Asked for by {name}" in page
    assert NO_PLACE in page


def test_a_second_drill_is_refused_in_words(browser: httpx.Client, database: Database) -> None:
    sign_in(browser)
    start(browser)
    again = start(browser)

    assert again.status_code == 409
    assert "one has been asked for already" in again.text
    assert len(asked_for(database)) == 1


def test_a_form_without_our_token_starts_nothing(browser: httpx.Client, database: Database) -> None:
    sign_in(browser)

    assert browser.post(START, data={"token": "forged"}).status_code == 403
    assert browser.get("/sign-in").status_code == 200
    assert asked_for(database) == []


def test_what_a_drill_found_and_which_link_broke_is_shown(browser: httpx.Client, database: Database) -> None:
    long_ago = now() - timedelta(hours=3)
    with database.transaction() as session:
        session.add(Escalation(id="esc-drill", site_id=SITE, cause=Cause.DRILL, protocol=PROTOCOL, raised_at=long_ago))
        session.flush()
        session.add(
            Drill(
                id="drill-one", site_id=SITE, kind=Kind.PLANNED, asked_at=long_ago, asked_by="plan",
                escalation_id="esc-drill",
            )
        )  # fmt: skip
        session.add(
            NightlyCall(
                id="nightly-one", site_id=SITE, kind=Kind.PLANNED, began_at=long_ago, ended_at=now(), broken=Link.HEARD
            )
        )
    sign_in(browser, "sam")
    page = browser.get("/drills/drill-one").text

    assert FINDINGS[Finding.STILL_OPEN] in page
    assert FINDINGS[Finding.NOBODY_ACKNOWLEDGED] in page
    assert f"broken at this link: {LINKS[Link.HEARD]}" in page


def test_everybody_finds_the_page_and_nobody_a_drill_that_there_is_not(browser: httpx.Client) -> None:
    sign_in(browser)

    assert 'href="/drills"' in browser.get("/").text
    assert browser.get("/drills/drill-none").status_code == 403


PROTOCOL = {
    "steps": [{"posts": ["healthcare"], "seconds": 60}],
    "door_within": 60,
    "spoken_within": 60,
    "closed_within": 3600,
}
