"""The page of the switch, and what boards say of it, over HTTP."""

import httpx
import pytest
from evening import SITE, FakeLine, a_busy_evening, sign_in, token_in
from profiles_on_console import people_who_sign

from console.ports import HearingNow
from ivr.listening_switch import From, Off, WhyOff, off_at
from models.clock import now
from models.database import Database

PARTNER = "okoro"


@pytest.fixture(autouse=True)
def people(database: Database) -> None:
    people_who_sign(database)


def send(browser: httpx.Client, turn: str, why: str) -> httpx.Response:
    token = token_in(browser.get("/listening").text)
    return browser.post(f"/listening/{turn}", data={"token": token, "why": why}, follow_redirects=True)


def why_off(database: Database) -> WhyOff | None:
    off = database.do(lambda session: off_at(session, SITE))
    return off.why if off else None


def test_the_partner_turns_it_off_with_a_reason_and_on_again(browser: httpx.Client, database: Database) -> None:
    sign_in(browser, PARTNER)
    assert "The listening is on." in browser.get("/listening").text

    page = send(browser, "off", "complaint")
    assert why_off(database) is WhyOff.COMPLAINT
    assert "not heard any more within 2 seconds" in page.text
    assert "by the scheme.</strong> No call is heard by the computer." in page.text
    assert "Why: Somebody has complained." in page.text

    page = send(browser, "on", "put_right")
    assert why_off(database) is None
    assert "The listening is on." in page.text


@pytest.mark.parametrize("why", ["", "because", "put_right"])
def test_without_a_reason_from_the_list_nothing_is_changed(browser: httpx.Client, database: Database, why: str) -> None:
    sign_in(browser, PARTNER)
    page = send(browser, "off", why)

    assert (page.status_code, why_off(database)) == (422, None)
    assert "Choose why. Nothing was changed." in page.text


def test_who_presses_second_sees_how_it_stands(browser: httpx.Client, database: Database) -> None:
    sign_in(browser, PARTNER)
    send(browser, "off", "fault")
    page = send(browser, "off", "complaint")

    assert why_off(database) is WhyOff.FAULT
    assert "There is a fault" in page.text


@pytest.mark.parametrize("name", ["nurse", "sam", "ward", "tech"])
def test_nobody_else_turns_it(browser: httpx.Client, database: Database, name: str) -> None:
    sign_in(browser, name)
    token = token_in(browser.get("/account").text)
    answers = [browser.post(f"/listening/{turn}", data={"token": token, "why": "fault"}) for turn in ("off", "on")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert why_off(database) is None


@pytest.mark.parametrize(("by", "said"), [(From.SCHEME, "by the scheme"), (From.COMMAND_LINE, "at the command line")])
def test_the_boards_say_that_it_is_off_since_when_and_by_whom(
    browser: httpx.Client, database: Database, line: FakeLine, by: From, said: str
) -> None:
    a_busy_evening(database)
    sign_in(browser, "nurse")
    assert ">Listening</td>" in browser.get("/").text
    off = Off(now(), by, WhyOff.COMPLAINT)
    line.hears = HearingNow(listening=False, since=now(), off=off)
    board, wall = browser.get("/").text, browser.get("/wallboard").text

    assert f"<strong>Listening off</strong> since {off.since:%H:%M}" in board
    assert said in board
    assert f"Listening off since {off.since:%H:%M}, {said}" in wall
    # Why is between the scheme and the prison; and no call is said to be heard.
    assert "complained" not in board + wall
    assert ">Listening</td>" not in board


def test_the_page_of_health_does_not_call_it_a_fault(browser: httpx.Client, line: FakeLine) -> None:
    line.hears = HearingNow(listening=False, since=now(), off=Off(now(), From.SCHEME, WhyOff.COMPLAINT))
    sign_in(browser, "tech")
    page = browser.get("/health").text

    assert "See the log of speech" not in page
    assert "Turned off by the scheme, since" in page
