"""Month, day, Listeners, one of them, drafts side by side and the wing's sheet, over HTTP."""

import re
from datetime import date, timedelta

import httpx
import pytest
from evening import CODE_NAMES, PASSWORD_ALONE, SITE, FakeLine
from fastapi import FastAPI
from rota_on_console import LITTLE_EFFORT, SCHEME, a_rota, acts, as_sam, send, text_of, who_is_on
from sqlalchemy import select, update

from console.app import create_app
from console.rota import forms as rota_forms
from models import tables
from models.clock import now
from models.database import Database
from models.words import AbsenceKind, RotaState
from rota.favours import Favours

DAY = timedelta(days=1)


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    return create_app(database, line=line, secret="s" * 40, site=SITE, scheme=SCHEME, rules=PASSWORD_ALONE)


@pytest.fixture
def monday(database: Database, browser: httpx.Client) -> date:
    """Of the week of the rota; sam is signed in."""
    monday = a_rota(database)
    as_sam(browser)
    return monday


def links(html: str, beginning: str) -> list[str]:
    return re.findall(rf'href="({re.escape(beginning)}[^"]*)"', html)


# ---- month and day


def test_a_month_leads_to_every_day_and_counts_what_is_empty(browser: httpx.Client, monday: date) -> None:
    page = browser.get("/rota/month", params={"day": str(monday)}).text
    words = text_of(page)
    days = {link.partition("=")[2] for link in links(page.split("<table")[1], "/rota/day?day=")}

    assert {day[:7] for day in days} == {f"{monday:%Y-%m}"}
    assert str(monday) in days
    assert len(days) in range(28, 32)
    assert re.search(r"\d+ seats are empty, on \d+ days?\.", words)
    assert re.search(rf"Monday {monday.day} {monday:%B} All seats taken", words)
    assert links(page, "/rota/month?day=")


def test_a_day_has_who_is_on_and_who_is_missing_at_their_hours(browser: httpx.Client, monday: date) -> None:
    tuesday = monday + DAY
    page = browser.get("/rota/day", params={"day": str(tuesday)}).text
    words = text_of(page)

    assert "1 seat is empty." in words
    assert re.search(r"Merlin rung first Night 20:00 to 00:00 Move Merlin: Night, Tuesday", words)
    assert re.search(r"Nobody backup Night 20:00 to 00:00 Suggest somebody", words)
    assert links(page, f"/rota/gaps/night%20{tuesday}")
    assert links(page, f"/rota/day?day={monday}")
    assert len(re.findall(r'colspan="80"', page)) == 2


@pytest.mark.parametrize("path", ["/rota/month", "/rota/day"])
def test_a_day_that_is_none_is_refused_in_words(browser: httpx.Client, monday: date, path: str) -> None:
    del monday
    answer = browser.get(path, params={"day": "9999-12-31"})

    assert answer.status_code == 403
    assert "there is no day called" in answer.text


# ---- Listeners


def test_a_listeners_page_has_shifts_weeks_and_leave_and_no_name_in_address_or_title(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    with database.transaction() as session:
        begins = now() + 60 * DAY
        leave = tables.Absence(
            id="absence-1",
            listener_id="listener-Kestrel",
            kind=AbsenceKind.LEAVE,
            starts_at=begins,
            ends_at=begins + DAY,
        )
        session.add(leave)
    everybody = browser.get("/rota/people").text
    theirs = links(everybody, "/rota/people/")
    page = browser.get(theirs[0])

    assert len(theirs) == len(CODE_NAMES)
    assert not [name for name in CODE_NAMES if name in "".join(theirs)]
    assert "Kestrel on the rota" in text_of(page.text)
    assert not [name for name in CODE_NAMES if name in page.text.split("</title>")[0]]
    assert links(page.text, f"/rota/shifts/shift-Kestrel-{monday}/move")
    assert re.search(r"Shifts ahead 1", text_of(page.text))
    assert re.search(r"Leave: \w+day", text_of(page.text))
    assert re.search(rf"{monday.day} {monday:%B} 1 1 4 h", text_of(page.text))
    assert browser.get("/rota/people/0123456789abcdef").status_code == 403


# ---- drafts side by side


@pytest.fixture
def _little_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rota_forms, "EFFORT", LITTLE_EFFORT)


@pytest.mark.usefixtures("_little_effort")
def test_two_drafts_that_favour_different_things_are_compared_and_one_is_published(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    first = send(browser, "/rota/generate", favours=Favours.AS_SETTLED.value).headers["location"]
    second = send(browser, "/rota/generate", favours=Favours.WISHES.value).headers["location"]
    ids = [location.partition("?")[0].rpartition("/")[2] for location in (first, second)]
    with database.transaction() as session:
        # They differ at one seat at least, whatever the solver found.
        taken = session.scalars(select(tables.DraftShift).where(tables.DraftShift.rota_id == ids[1])).first()
        assert taken
        session.delete(taken)
    page = browser.get("/rota/compare", params={"one": ids[0], "other": ids[1]}).text
    answer = send(browser, f"/rota/drafts/{ids[0]}/publish", week=str(monday))

    assert "Draft A, as your scheme has settled" in page
    assert "Draft D, most wishes" in page
    assert re.search(r"Quality of 100 \d+\.\d \d+\.\d", text_of(page))
    assert re.search(r"Shifts that break a rule 0 0", text_of(page))
    assert re.search(r"Where they differ [1-9]", text_of(page))
    assert page.count("only here") >= 1
    assert {f'action="/rota/drafts/{one}/publish"' in page for one in ids} == {True}
    assert answer.headers["location"].endswith("done=rota_published")
    assert who_is_on(database, monday + 2 * DAY) != set()


@pytest.mark.usefixtures("_little_effort")
def test_a_new_draft_of_a_kind_takes_the_place_of_the_one_before(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    del monday
    with database.transaction() as session:
        session.execute(update(tables.Listener).where(tables.Listener.code_name != "Merlin").values(phone_id=None))
    for kind in (Favours.FEW_CHANGES, Favours.FEW_CHANGES, Favours.AS_SETTLED):
        send(browser, "/rota/generate", favours=kind.value)
    with database.transaction() as session:
        rows = session.execute(select(tables.Rota.favours, tables.Rota.state).order_by(tables.Rota.made_at)).all()

    assert [(row.favours, row.state) for row in rows] == [
        (Favours.FEW_CHANGES, RotaState.DISCARDED),
        (Favours.FEW_CHANGES, RotaState.DRAFT),
        (Favours.AS_SETTLED, RotaState.DRAFT),
    ]
    assert [what for _, what in acts(database)] == ["rota_generated"] * 3


def test_without_drafts_the_page_says_how_to_make_them(browser: httpx.Client, monday: date) -> None:
    del monday
    page = browser.get("/rota/compare")
    gone = browser.get("/rota/compare", params={"one": "rota-1", "other": "rota-2"})

    assert page.status_code == 200
    assert "No draft is waiting." in page.text
    assert gone.status_code == 403
    assert "there is no draft rota" in gone.text


# ---- the sheet


def test_the_sheet_of_a_wing_has_code_names_times_and_the_code_to_dial(browser: httpx.Client, monday: date) -> None:
    whole = text_of(browser.get("/rota/sheet", params={"week": str(monday)}).text)
    of_a = text_of(browser.get("/rota/sheet", params={"week": str(monday), "wing": "A"}).text)
    of_b = text_of(browser.get("/rota/sheet", params={"week": str(monday), "wing": "B"}).text)

    assert re.search(r"Monday \d+ \w+ 20:00 to 00:00 Kestrel, Linnet \(backup\)", of_a)
    assert "dial 100 " in whole
    assert re.search(r"Wednesday \d+ \w+ 20:00 to 00:00 2 wanted", whole)
    assert not [name for name in CODE_NAMES if name in of_b]
    assert "Listeners of other wings" in of_b
    assert browser.get("/rota/sheet", params={"wing": "Q"}).status_code == 403


def test_no_view_has_a_listeners_id_or_anything_inline_or_from_elsewhere(browser: httpx.Client, monday: date) -> None:
    person = links(browser.get("/rota/people").text, "/rota/people/")[0]
    pages = [
        "/rota/month",
        f"/rota/day?day={monday}",
        "/rota/people",
        person,
        f"/rota/shifts/shift-Kestrel-{monday}/move",
        "/rota/compare",
        f"/rota/sheet?week={monday}",
    ]
    html = "".join(browser.get(page).text for page in pages)

    assert not re.findall(r"\b(?:call|cell|phone|listener|wing|account|apart)-\w+", html)
    assert not re.findall(r"<style|style=|<script(?! src=\"/)|\son\w+=|https?://", html)
