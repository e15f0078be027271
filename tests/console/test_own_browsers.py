"""Where somebody is signed in: they see it, and sign out there from here."""

import re
from collections.abc import Iterator

import httpx
import pytest
from evening import SITE, FakeLine, token_in
from fastapi import FastAPI
from served import PLAIN
from signing import SECRET, audited, code_of, enter, gives_an_app
from sqlalchemy import update

from console.app import create_app
from console.signing_in_rules import SigningIn
from models.clock import now
from models.database import Database
from models.tables import SignIn


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    gives_an_app(database, "nurse")
    gives_an_app(database, "sam")
    return create_app(database, line=line, secret=SECRET, site=SITE, rules=SigningIn())


@pytest.fixture
def another(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60, verify=PLAIN) as client:
        enter(client, code=code_of())
        yield client


def ends(browser: httpx.Client) -> list[str]:
    """The addresses of the buttons, in the order in which somebody signed in."""
    return re.findall(r'action="(/account/browsers/[^"]+/end)"', browser.get("/account").text)


def presses(browser: httpx.Client, button: str) -> httpx.Response:
    return browser.post(button, data={"token": token_in(browser.get("/account").text)})


def is_in(browser: httpx.Client) -> bool:
    return browser.get("/").status_code == 200


def test_another_browser_is_signed_out_from_here(
    browser: httpx.Client, another: httpx.Client, database: Database
) -> None:
    enter(browser, code=code_of(1))
    first, _here = ends(browser)
    done = presses(browser, first)

    assert "You are not signed in there any more" in browser.get(done.headers["location"]).text
    assert (is_in(another), is_in(browser)) == (False, True)
    assert (audited(database)[-1].who, audited(database)[-1].what) == ("nurse", "signed_out")
    assert presses(browser, first).status_code == 403


def test_to_end_this_one_is_to_sign_out(browser: httpx.Client, another: httpx.Client) -> None:
    enter(browser, code=code_of(1))
    _first, here = ends(browser)

    assert presses(browser, here).headers["location"] == "/sign-in"
    assert (is_in(another), is_in(browser)) == (True, False)


def test_nobody_elses_is_ended_nor_from_a_screen_that_somebody_left(
    browser: httpx.Client, another: httpx.Client, database: Database
) -> None:
    enter(browser, code=code_of(1))
    first, _here = ends(browser)
    with httpx.Client(base_url=browser.base_url, timeout=60, verify=PLAIN) as sam:
        enter(sam, "sam", code=code_of())
        assert presses(sam, first).status_code == 403
    with database.transaction() as session:
        session.execute(update(SignIn).values(began_at=now().replace(year=2020)))

    assert ends(browser) == []
    assert presses(browser, first).status_code == 403
    assert is_in(another)
