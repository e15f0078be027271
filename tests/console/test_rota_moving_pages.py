"""A seat goes to somebody else, to an empty place or in exchange, over HTTP; and what was done is taken back."""

import re
from datetime import date, timedelta

import httpx
import pytest
from evening import PASSWORD_ALONE, SITE, FakeLine
from fastapi import FastAPI
from rota_on_console import SCHEME, a_rota, acts, as_sam, kept_apart, on, send, text_of, who_is_on
from sqlalchemy import delete, select, update

from console.app import create_app
from models import tables
from models.clock import now
from models.database import Database

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


def move(browser: httpx.Client, shift: str, to: str, week: date) -> httpx.Response:
    return send(browser, "/rota/move", shift=shift, to=to, week=str(week))


def last_change(database: Database) -> str:
    with database.transaction() as session:
        acts_kept: set[str] = set(session.scalars(select(tables.SeatChange.act)))
        return acts_kept.pop()


def take_back(browser: httpx.Client, change: str, week: date) -> httpx.Response:
    return send(browser, f"/rota/changes/{change}/take-back", week=str(week))


def choices(html: str) -> list[str]:
    """What the page's forms would send, in their order."""
    return re.findall(r'name="to" value="([^"]+)"', html)


# ---- where it can go


def test_the_page_of_a_seat_offers_what_breaks_no_rule_and_says_why_not_of_the_rest(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    with database.transaction() as session:
        session.execute(update(tables.Listener).where(tables.Listener.code_name == "Osprey").values(phone_id=None))
    answer = browser.get(f"/rota/shifts/shift-Kestrel-{monday}/move")
    page = text_of(answer.text)
    offered = choices(answer.text)

    assert answer.status_code == 200
    assert "listener:Merlin" in offered
    assert f"shift:shift-Linnet-{monday}" in offered
    assert f"shift:shift-Merlin-{monday + DAY}" in offered
    assert f"slot:night {monday + DAY}" in offered
    assert "listener:Osprey" not in offered
    assert "listener:Linnet" not in offered
    assert "Osprey : No phone" in page
    assert "Linnet : On this shift already" in page
    assert not [name for name in ("Kestrel", "Merlin") if name in answer.text.split("</title>")[0]]


def test_a_seat_whose_shift_has_begun_is_moved_no_more(browser: httpx.Client, database: Database, monday: date) -> None:
    with database.transaction() as session:
        on(session, "Osprey", now().date() - DAY)
    shift = f"shift-Osprey-{now().date() - DAY}"
    page = browser.get(f"/rota/shifts/{shift}/move").text

    assert choices(page) == []
    assert "moved no more" in page
    late = move(browser, shift, "listener:Kestrel", monday)
    assert late.status_code == 409
    assert "it has begun" in late.text
    assert acts(database) == []


# ---- moving


def test_a_seat_goes_to_somebody_else_with_its_cover(browser: httpx.Client, database: Database, monday: date) -> None:
    answer = move(browser, f"shift-Linnet-{monday}", "listener:Osprey", monday)
    page = browser.get(answer.headers["location"])

    assert answer.headers["location"] == f"/rota?week={monday}&done=seat_passed_on"
    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Osprey", "backup")}
    assert acts(database) == [("sam", "seat_passed_on")]
    assert "Osprey put on Night, Monday" in text_of(page.text)
    assert "instead of Linnet" in text_of(page.text)


def test_somebody_moves_to_an_empty_seat(browser: httpx.Client, database: Database, monday: date) -> None:
    answer = move(browser, f"shift-Linnet-{monday}", f"slot:night {monday + DAY}", monday)

    assert answer.headers["location"].endswith("done=shift_moved")
    assert who_is_on(database, monday) == {("Kestrel", "first")}
    assert who_is_on(database, monday + DAY) == {("Merlin", "first"), ("Linnet", "backup")}
    assert acts(database) == [("sam", "shift_moved")]


def test_two_swap_their_seats_in_one_act(browser: httpx.Client, database: Database, monday: date) -> None:
    answer = move(browser, f"shift-Linnet-{monday}", f"shift:shift-Merlin-{monday + DAY}", monday)

    assert answer.headers["location"].endswith("done=seats_swapped")
    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Merlin", "backup")}
    assert who_is_on(database, monday + DAY) == {("Linnet", "first")}
    assert acts(database) == [("sam", "seats_swapped")]


def test_a_refusal_says_the_rule_and_shows_what_else_could_be_done(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    kept_apart(database, "Osprey", "Kestrel")
    answer = move(browser, f"shift-Linnet-{monday}", "listener:Osprey", monday)

    assert answer.status_code == 409
    assert "Cannot move the shift: Osprey: Not possible. Nothing was changed." in text_of(answer.text)
    assert "listener:Merlin" in choices(answer.text)
    assert "apart" not in answer.text.lower()
    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Linnet", "backup")}
    assert acts(database) == []


@pytest.mark.parametrize(
    "to",
    [
        "",
        "listener:Nobody",
        "shift:{own}",
        "slot:night {day}",
        "slot:night",
        "slot:noon 2026-01-01",
        "shift:gone",
        "cell:14",
    ],
)
def test_what_is_no_place_for_a_seat_is_refused_in_words(
    browser: httpx.Client, database: Database, monday: date, to: str
) -> None:
    own = f"shift-Linnet-{monday}"
    answer = move(browser, own, to.format(own=own, day=monday), monday)

    assert answer.status_code == 409
    assert "Nothing was changed." in answer.text
    assert acts(database) == []


def test_a_seat_that_somebody_else_has_by_now_is_not_moved(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    with database.transaction() as session:
        session.execute(delete(tables.Shift).where(tables.Shift.id == f"shift-Linnet-{monday}"))
    answer = move(browser, f"shift-Linnet-{monday}", "listener:Osprey", monday)

    assert answer.status_code == 409
    assert "not on the rota any more" in answer.text
    assert who_is_on(database, monday) == {("Kestrel", "first")}


# ---- taking back


@pytest.mark.parametrize("what", ["give", "take-off", "pass-on", "move", "swap", "asked-for"])
def test_every_act_on_the_published_rota_is_taken_back(
    browser: httpx.Client, database: Database, monday: date, what: str
) -> None:
    linnets, week = f"shift-Linnet-{monday}", str(monday)
    before = who_is_on(database, monday), who_is_on(database, monday + DAY)
    match what:
        case "give":
            done = send(browser, f"/rota/gaps/night {monday + DAY}/give", listener="Osprey")
        case "take-off":
            done = send(browser, f"/rota/shifts/{linnets}/take-off", week=week)
        case "pass-on":
            done = move(browser, linnets, "listener:Osprey", monday)
        case "move":
            done = move(browser, linnets, f"slot:night {monday + DAY}", monday)
        case "swap":
            done = move(browser, linnets, f"shift:shift-Merlin-{monday + DAY}", monday)
        case _:
            send(browser, f"/rota/shifts/{linnets}/swap", week=week)
            with database.transaction() as session:
                swap = session.scalars(select(tables.Swap.id)).one()
            send(browser, f"/rota/swaps/{swap}/accept", listener="Osprey", week=week)
            done = send(browser, f"/rota/swaps/{swap}/approve", week=week)
    changed = who_is_on(database, monday), who_is_on(database, monday + DAY)
    said = browser.get(done.headers["location"]).text.split("<h1")[0]
    back = take_back(browser, last_change(database), monday)

    assert changed != before
    assert f"/rota/changes/{last_change_in(said)}/take-back" in said
    assert back.headers["location"] == f"/rota?week={monday}&done=change_taken_back"
    assert (who_is_on(database, monday), who_is_on(database, monday + DAY)) == before
    assert acts(database)[-1] == ("sam", "change_taken_back")
    assert "Nothing that can be taken back." in browser.get(back.headers["location"]).text


def last_change_in(html: str) -> str:
    found: list[str] = re.findall(r"/rota/changes/([^/]+)/take-back", html)
    return found[0]


def test_a_change_is_not_taken_back_when_the_seat_has_changed_since(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    move(browser, f"shift-Linnet-{monday}", "listener:Osprey", monday)
    change = last_change(database)
    with database.transaction() as session:
        session.execute(delete(tables.Shift).where(tables.Shift.listener_id == "listener-Osprey"))
    late = take_back(browser, change, monday)
    send(browser, f"/rota/gaps/night {monday}/give", listener="Merlin")
    again = take_back(browser, change, monday)

    assert late.status_code == again.status_code == 409
    assert "somebody has changed that seat meanwhile" in late.text
    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Merlin", "backup")}
    assert [what for _, what in acts(database)] == ["seat_passed_on", "shift_given"]


def test_a_change_is_not_taken_back_when_somebody_else_has_the_seat(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    send(browser, f"/rota/shifts/shift-Linnet-{monday}/take-off", week=str(monday))
    change = last_change(database)
    send(browser, f"/rota/gaps/night {monday}/give", listener="Osprey")
    late = take_back(browser, change, monday)

    assert late.status_code == 409
    assert "Cannot take the change back: Linnet: No seat is empty." in text_of(late.text)
    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Osprey", "backup")}


def test_a_change_is_taken_back_once(browser: httpx.Client, database: Database, monday: date) -> None:
    move(browser, f"shift-Linnet-{monday}", "listener:Osprey", monday)
    change = last_change(database)
    take_back(browser, change, monday)
    again = take_back(browser, change, monday)

    assert again.status_code == 409
    assert "not on the rota any more" in again.text
    assert len(acts(database)) == 2
