"""Signing in with a password and a code, what a session is, and what ends it."""

from datetime import timedelta

import httpx
import pytest
from evening import PASSWORD_ALONE, PHRASE, SITE, FakeLine, token_in
from fastapi import FastAPI
from served import served
from signing import SECRET, audited, code_of, enter, gives_an_app
from sqlalchemy import select, update

from console.accounts_invited import end, reset
from console.app import create_app
from console.passkeys import NewKey, add
from console.signing_in_rules import SigningIn
from models.clock import now
from models.database import Database
from models.tables import Account, SignIn
from models.words import AccountId
from rota.site_rota import By

ROOT = By("root", now())


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    gives_an_app(database, "nurse")
    gives_an_app(database, "sam")
    return create_app(database, line=line, secret=SECRET, site=SITE, rules=SigningIn())


def is_in(browser: httpx.Client) -> bool:
    return browser.get("/").status_code == 200


def goes_back(database: Database, **columns: timedelta) -> None:
    """As if so much time had passed since then, for whoever is signed in."""
    at = now()
    with database.transaction() as session:
        session.execute(update(SignIn).values({name: at - ago for name, ago in columns.items()}))


def test_a_name_its_password_and_the_code_of_now_let_in(browser: httpx.Client) -> None:
    answer = enter(browser, code=code_of())

    assert answer.headers["location"] == "/"
    assert is_in(browser)


def test_the_cookie_is_for_us_alone(browser: httpx.Client) -> None:
    plain = browser.get("/sign-in").headers["set-cookie"].split("; ")
    signed_in = enter(browser, code=code_of()).headers["set-cookie"].split("; ")

    for cookie in (plain, signed_in):
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie)
        assert not [part for part in cookie if part.startswith("Domain")]
        assert "Secure" not in cookie


def test_nothing_says_which_of_the_three_was_wrong(browser: httpx.Client) -> None:
    answers = [
        enter(browser, "nobody", PHRASE, code_of()),
        enter(browser, "nurse", "wrong", code_of()),
        enter(browser, "nurse", PHRASE, ""),
        enter(browser, "nurse", PHRASE, "12345x"),
        enter(browser, "nurse", PHRASE, code_of(50)),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert {answer.text.count("The name, the password or the code is not right") for answer in answers} == {1}
    assert not is_in(browser)


def test_a_code_lets_in_once_and_none_before_it_any_more(browser: httpx.Client) -> None:
    code, before, after = code_of(), code_of(-1), code_of(1)
    enter(browser, code=code)

    assert enter(browser, code=code).status_code == 403
    assert enter(browser, code=before).status_code == 403
    assert enter(browser, code=after).status_code == 303


def test_a_code_may_be_typed_with_a_space(browser: httpx.Client) -> None:
    code = code_of()

    assert enter(browser, code=f"{code[:3]} {code[3:]}").status_code == 303


def test_an_account_without_a_second_factor_is_told_what_to_do(browser: httpx.Client, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(Account).values(totp=None))
    answer = enter(browser)

    assert answer.status_code == 403
    assert "wingline accounts reset NAME" in answer.text
    assert not is_in(browser)


def test_where_a_password_is_enough_it_is_not_for_who_has_more(database: Database, line: FakeLine) -> None:
    gives_an_app(database, "nurse")
    with database.transaction() as session:
        sam = session.scalars(select(Account).where(Account.name == "sam")).one()
        add(session, AccountId(sam.id), NewKey("credential", "key", 0), now())
    app = create_app(database, line=line, secret=SECRET, site=SITE, rules=PASSWORD_ALONE)
    with served(app) as address, httpx.Client(base_url=address, timeout=60) as browser:
        assert enter(browser, "nurse").status_code == 403
        assert enter(browser, "sam").status_code == 403
        assert enter(browser, "nurse", code=code_of()).status_code == 303


def test_who_signs_in_gets_another_mark_and_the_one_before_opens_nothing(browser: httpx.Client) -> None:
    browser.get("/sign-in")
    put_there_before = browser.cookies["wingline"]
    enter(browser, code=code_of())
    fresh = browser.cookies["wingline"]
    assert is_in(browser)

    assert fresh != put_there_before
    with httpx.Client(base_url=browser.base_url, cookies={"wingline": put_there_before}, timeout=60) as another:
        assert not is_in(another)


def test_who_signs_in_again_is_out_where_they_were(browser: httpx.Client, database: Database) -> None:
    enter(browser, code=code_of())
    enter(browser, "sam", code=code_of())

    assert len(database.do(lambda session: session.scalars(select(SignIn)).all())) == 1


@pytest.mark.parametrize(
    ("name", "columns", "still"),
    [
        ("sam", {"seen_at": timedelta(minutes=29)}, True),
        ("sam", {"seen_at": timedelta(minutes=31)}, False),
        ("nurse", {"seen_at": timedelta(hours=11)}, True),
        ("nurse", {"ends_at": timedelta(seconds=1)}, False),
        ("sam", {"ends_at": timedelta(seconds=1)}, False),
    ],
)
def test_a_session_ends_when_nobody_is_there_and_after_a_shift_in_any_case(
    browser: httpx.Client, database: Database, name: str, columns: dict[str, timedelta], *, still: bool
) -> None:
    enter(browser, name, code=code_of())
    goes_back(database, **columns)

    assert is_in(browser) is still
    assert ("sign_in_ran_out" in {deed.what for deed in audited(database)}) is not still


def test_a_page_keeps_somebody_signed_in_and_a_stream_does_not(browser: httpx.Client, database: Database) -> None:
    enter(browser, "sam", code=code_of())
    goes_back(database, seen_at=timedelta(minutes=20))
    left = database.do(lambda session: session.scalars(select(SignIn.seen_at)).one())
    with browser.stream("GET", "/live", headers={"Accept": "text/event-stream"}) as stream:
        next(stream.iter_lines())
    after_the_stream = database.do(lambda session: session.scalars(select(SignIn.seen_at)).one())
    browser.get("/")

    assert after_the_stream == left
    assert database.do(lambda session: session.scalars(select(SignIn.seen_at)).one()) > left


@pytest.mark.parametrize("act", [end, reset])
def test_the_command_line_ends_a_session_and_the_live_board_with_it(
    browser: httpx.Client, database: Database, act: object
) -> None:
    assert callable(act)
    enter(browser, code=code_of())
    with browser.stream("GET", "/live", headers={"Accept": "text/event-stream"}) as stream:
        lines = stream.iter_lines()
        next(lines)
        database.do(lambda session: act(session, SITE, "nurse", ROOT))
        began = now()
        for _ in lines:
            assert now() - began < timedelta(seconds=8)

    assert not is_in(browser)
    assert enter(browser, code=code_of(1)).status_code == 403


def test_six_digits_cannot_be_tried_out_by_who_has_the_password(browser: httpx.Client, app: FastAPI) -> None:
    for _ in range(10):
        app.state.desk.throttle.forget("nurse")
        assert enter(browser, code="000000").status_code == 403
    app.state.desk.throttle.forget("nurse")

    assert enter(browser, code=code_of()).status_code == 403
    assert enter(browser, "sam", code=code_of()).status_code == 303


def test_thirty_wrong_names_make_an_address_wait_and_right_ones_do_not_count(browser: httpx.Client) -> None:
    enter(browser, code=code_of())
    for number in range(30):
        assert enter(browser, f"name{number}", "x").status_code == 403

    assert enter(browser, "sam", code=code_of()).status_code == 429


def test_what_was_typed_is_in_the_audit_only_when_it_is_the_name_of_an_account(
    browser: httpx.Client, database: Database
) -> None:
    enter(browser, "my-password-in-the-wrong-field", "x")
    enter(browser, "nurse", "wrong")
    enter(browser, code=code_of())
    browser.post("/sign-out", data={"token": token_in(browser.get("/").text)})

    assert [(deed.who, deed.what) for deed in audited(database)] == [
        ("unknown", "sign_in_failed"),
        ("nurse", "sign_in_failed"),
        ("nurse", "signed_in"),
        ("nurse", "signed_out"),
    ]


def test_after_a_mistake_the_name_is_still_there_and_the_secrets_are_not(browser: httpx.Client) -> None:
    page = enter(browser, '"><b>nurse', "the wrong password", "424242").text

    assert "&lt;b&gt;nurse" in page
    assert "the wrong password" not in page
    assert "424242" not in page
    assert "<title>Error: Sign in" in page


def test_nothing_of_the_database_opens_a_session(browser: httpx.Client, database: Database) -> None:
    enter(browser, code=code_of())
    kept = database.do(lambda session: session.scalars(select(SignIn.hash)).one())

    assert kept not in browser.cookies["wingline"]
    with httpx.Client(base_url=browser.base_url, timeout=60) as another:
        another.cookies.set("wingline", kept)
        assert another.get("/").headers["location"] == "/sign-in"
