"""Everybody changes their own password: with the one before, and nobody else stays signed in with it."""

import httpx
import pytest
from evening import PHRASE, SITE, FakeLine, token_in
from fastapi import FastAPI
from signing import SECRET, audited, code_of, enter, gives_an_app
from sqlalchemy import update

from console.app import create_app
from console.signing_in_rules import SigningIn
from models.clock import now
from models.database import Database
from models.tables import Account, SignIn

PAGE = "/account/password"
ANOTHER = "purple otters weigh less"


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    gives_an_app(database)
    return create_app(database, line=line, secret=SECRET, site=SITE, rules=SigningIn())


def changes(browser: httpx.Client, before: str = PHRASE, password: str = ANOTHER) -> httpx.Response:
    token = token_in(browser.get("/account").text)
    return browser.post(PAGE, data={"token": token, "before": before, "password": password})


def test_with_the_password_of_before_another_one_counts_from_now_on(browser: httpx.Client, database: Database) -> None:
    enter(browser, code=code_of())
    assert f'href="{PAGE}"' in browser.get("/account").text
    assert "Your password now" in browser.get(PAGE).text
    done = changes(browser)

    assert "Your password is changed" in browser.get(done.headers["location"]).text
    assert (audited(database)[-1].who, audited(database)[-1].what) == ("nurse", "password_changed")
    assert enter(browser, code=code_of(1)).status_code == 403
    assert enter(browser, password=ANOTHER, code=code_of(1)).status_code == 303


def test_a_password_counts_as_it_was_given_to_its_last_character(browser: httpx.Client) -> None:
    enter(browser, code=code_of())
    long = " Otters — purple; otters, " + "weigh less " * 10
    changes(browser, password=long)

    for wrong in (long.strip(), long.lower(), long[:-1]):
        assert enter(browser, password=wrong, code=code_of(1)).status_code == 403
    assert enter(browser, password=long, code=code_of(1)).status_code == 303


def test_who_is_signed_in_elsewhere_with_the_account_is_so_no_more(browser: httpx.Client) -> None:
    with httpx.Client(base_url=browser.base_url, timeout=60) as another:
        enter(another, code=code_of())
        enter(browser, code=code_of(1))
        changes(browser)

        assert another.get("/").headers["location"] == "/sign-in"
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"before": "not this one"}, "That is not your password now"),
        ({"password": "short"}, "fewer than 12 characters"),
        ({"password": "Password12345"}, "easily found"),
        ({"password": "hmpdemosons1"}, "easily found"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(browser: httpx.Client, given: dict[str, str], said: str) -> None:
    enter(browser, code=code_of())
    answer = changes(browser, **given)

    assert answer.status_code == 422
    assert said in answer.text
    assert "not this one" not in answer.text
    assert enter(browser, code=code_of(1)).status_code == 303


def test_the_password_cannot_be_tried_out_at_an_open_screen(browser: httpx.Client) -> None:
    enter(browser, code=code_of())
    wrong = [changes(browser, before=f"guess {number}").status_code for number in range(6)]

    assert wrong == [422] * 5 + [429]
    assert changes(browser).status_code == 429


def test_whoever_finds_an_open_screen_changes_nothing_although_they_know_the_password(
    browser: httpx.Client, database: Database
) -> None:
    enter(browser, code=code_of())
    with database.transaction() as session:
        session.execute(update(SignIn).values(began_at=now().replace(year=2020)))

    assert browser.get(PAGE).status_code == 403
    assert "it has been more than 15 minutes" in changes(browser).text


def test_an_account_without_a_password_has_none_to_change(browser: httpx.Client, database: Database) -> None:
    enter(browser, code=code_of())
    with database.transaction() as session:
        session.execute(update(Account).values(password=None))

    assert PAGE not in browser.get("/account").text
    assert "this account has none" in browser.get(PAGE).text
    assert changes(browser).status_code == 403


def test_a_form_without_our_token_changes_nothing(browser: httpx.Client) -> None:
    enter(browser, code=code_of())

    assert browser.post(PAGE, data={"before": PHRASE, "password": ANOTHER}).status_code == 403
    assert enter(browser, code=code_of(1)).status_code == 303
