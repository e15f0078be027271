"""The first time with a code from the command line, and everybody's own account page."""

import re
from datetime import timedelta
from pathlib import Path

import httpx
import pyotp
import pytest
from evening import PHRASE, SITE, FakeLine, token_in
from fastapi import FastAPI
from profiles_on_console import NoticesHere
from signing import SECRET, an_invitation, audited, code_of, enter, gives_an_app
from sqlalchemy import select, update

from console.accounts_invited import reset
from console.app import create_app
from console.passkeys import NewKey, add
from console.signing_in_rules import SigningIn
from models.clock import now
from models.database import Database
from models.tables import Account, Invitation, Passkey, SignIn
from models.words import AccountId, AccountRole
from rota.site_rota import By

OWN = "three words apart"


@pytest.fixture
def app(database: Database, line: FakeLine, tmp_path: Path) -> FastAPI:
    gives_an_app(database, "nurse")
    here = NoticesHere(tmp_path / "prompts")
    return create_app(database, line=line, secret=SECRET, site=SITE, rules=SigningIn(), profiles_here=here)


def opens(browser: httpx.Client, code: str) -> httpx.Response:
    page = browser.get("/sign-in/first")
    return browser.post("/sign-in/first", data={"token": token_in(page.text), "invitation": code})


def finishes(browser: httpx.Client, page: str, **fields: str) -> httpx.Response:
    """With what stands in the page, a password, and what its app shows; or what is given instead."""
    shown = pyotp.TOTP(the_letters_of(page)).at(now())
    hidden = {name: the_hidden(page, name) for name in ("token", "invitation", "sealed")}
    return browser.post("/sign-in/first/app", data={**hidden, "password": OWN, "code": shown, **fields})


def the_hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, f"no {name} in the page"
    return found[1]


def the_letters_of(page: str) -> str:
    found = re.search(r"type these letters: <code[^>]*>([A-Z2-7 ]+)</code>", page)
    assert found
    return found[1].replace(" ", "")


def test_a_code_a_password_and_an_app_make_a_way_in(browser: httpx.Client, database: Database) -> None:
    page = opens(browser, an_invitation(database, "Dr Owen", AccountRole.STAFF)).text
    assert "Dr Owen" in page
    assert "<svg" in page
    assert finishes(browser, page).headers["location"] == "/"

    assert "Live board" in browser.get("/").text
    app = pyotp.TOTP(the_letters_of(page))
    assert enter(browser, "Dr Owen", OWN, app.at(now() + timedelta(seconds=30))).status_code == 303
    assert [(one.who, one.what) for one in audited(database)[:3]] == [
        ("root", "account_invited"),
        ("Dr Owen", "authenticator_app_set_up"),
        ("Dr Owen", "signed_in"),
    ]


def test_the_code_that_set_the_app_up_does_not_sign_in_too(browser: httpx.Client, database: Database) -> None:
    page = opens(browser, an_invitation(database)).text
    shown = pyotp.TOTP(the_letters_of(page)).at(now())
    finishes(browser, page, code=shown)

    assert enter(browser, "Dr Owen", OWN, shown).status_code == 403


def test_a_code_may_be_typed_as_it_was_read_out(browser: httpx.Client, database: Database) -> None:
    code = an_invitation(database)

    assert opens(browser, code.lower().replace("-", " ")).status_code == 200


def test_a_code_is_used_once(browser: httpx.Client, database: Database) -> None:
    code = an_invitation(database)
    page = opens(browser, code).text
    finishes(browser, page)

    assert opens(browser, code).status_code == 403
    assert finishes(browser, page).status_code == 403


def test_a_code_ends_after_a_day_also_on_a_page_that_is_open(browser: httpx.Client, database: Database) -> None:
    page = opens(browser, an_invitation(database)).text
    with database.transaction() as session:
        made_at = session.scalars(select(Invitation.made_at)).one()
        assert session.scalars(select(Invitation.ends_at)).one() == made_at + timedelta(hours=24)
        session.execute(update(Invitation).values(ends_at=now()))

    assert finishes(browser, page).status_code == 403


@pytest.mark.parametrize("code", ["", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", "x" * 5000])
def test_what_is_no_code_opens_nothing(browser: httpx.Client, code: str) -> None:
    assert opens(browser, code).status_code == 403
    assert "wingline accounts reset" in opens(browser, code).text


def test_codes_cannot_be_tried_out(browser: httpx.Client, database: Database) -> None:
    for _ in range(30):
        opens(browser, "wrong")

    assert opens(browser, an_invitation(database)).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": "000000"}, "not what the app shows"),
        ({"password": "short"}, "fewer than 12 characters"),
        ({"password": "Password12345"}, "easily found"),
        ({"password": "Wingline2026!"}, "easily found"),
    ],
)
def test_after_a_mistake_the_app_need_not_be_set_up_again(
    browser: httpx.Client, database: Database, wrong: dict[str, str], said: str
) -> None:
    page = opens(browser, an_invitation(database)).text
    again = finishes(browser, page, **wrong)

    assert again.status_code == 422
    assert said in again.text
    assert the_letters_of(again.text) == the_letters_of(page)
    assert finishes(browser, again.text).status_code == 303


def test_a_secret_that_is_not_ours_is_not_taken(browser: httpx.Client, database: Database) -> None:
    page = opens(browser, an_invitation(database)).text
    theirs = pyotp.random_base32()

    assert finishes(browser, page, sealed=theirs, code=pyotp.TOTP(theirs).at(now())).status_code == 422


def test_nobody_is_in_before_all_of_it_is_right(browser: httpx.Client, database: Database) -> None:
    page = opens(browser, an_invitation(database)).text
    finishes(browser, page, code="000000")

    assert browser.get("/").headers["location"] == "/sign-in"
    with database.transaction() as session:
        row = session.scalars(select(Account).where(Account.name == "Dr Owen")).one()
        assert (row.password, row.totp) == (None, None)


def test_without_an_address_there_are_no_passkeys(browser: httpx.Client, database: Database) -> None:
    page = opens(browser, an_invitation(database)).text
    fields = {"token": token_in(page), "answer": "{}"}

    assert "passkey" not in page
    assert "passkey" not in browser.get("/sign-in").text
    assert browser.post("/sign-in/passkey/options", data=fields).status_code == 403
    assert browser.post("/sign-in/passkey", data=fields).status_code == 403


# ---- the account page


def test_an_account_page_says_what_somebody_signs_in_with(browser: httpx.Client) -> None:
    enter(browser, code=code_of())
    page = browser.get("/account").text

    assert "duty staff" in page
    assert "in 1 browser" in page
    assert PHRASE not in page


def test_an_app_is_set_up_on_another_phone_and_the_one_before_opens_nothing(
    browser: httpx.Client, database: Database
) -> None:
    enter(browser, code=code_of())
    page = browser.get("/account/app").text
    other = pyotp.TOTP(the_letters_of(page))
    fields = {"token": token_in(page), "sealed": the_hidden(page, "sealed")}

    assert browser.post("/account/app", data={**fields, "code": "000000"}).status_code == 422
    done = browser.post("/account/app", data={**fields, "code": other.at(now())})
    assert "is set up" in browser.get(done.headers["location"]).text
    assert enter(browser, code=code_of(1)).status_code == 403
    assert enter(browser, code=other.at(now() + timedelta(seconds=30))).status_code == 303
    assert "authenticator_app_set_up" in {one.what for one in audited(database)}


def test_whoever_finds_an_open_screen_cannot_make_themselves_a_way_in(
    browser: httpx.Client, database: Database
) -> None:
    enter(browser, code=code_of())
    page = browser.get("/account/app").text
    with database.transaction() as session:
        session.execute(update(SignIn).values(began_at=now() - timedelta(minutes=16)))
    fields = {"token": token_in(page), "sealed": the_hidden(page, "sealed")}
    code = pyotp.TOTP(the_letters_of(page)).at(now())

    assert "sign out, and in again" in browser.get("/account").text
    for answer in (browser.get("/account/app"), browser.post("/account/app", data={**fields, "code": code})):
        assert answer.status_code == 403
        assert "it has been more than 15 minutes" in answer.text


def test_to_sign_out_everywhere_ends_every_browser(browser: httpx.Client, database: Database) -> None:
    with httpx.Client(base_url=browser.base_url, timeout=60) as another:
        enter(another, code=code_of())
        enter(browser, code=code_of(1))
        page = browser.get("/account").text
        assert "in 2 browsers" in page
        browser.post("/account/sign-out-everywhere", data={"token": token_in(page)})

        assert another.get("/").headers["location"] == "/sign-in"
    assert browser.get("/").headers["location"] == "/sign-in"
    assert audited(database)[-1].what == "signed_out_everywhere"


def test_a_passkey_is_removed_by_its_owner_alone_and_not_as_the_last_way_in(
    browser: httpx.Client, database: Database
) -> None:
    with database.transaction() as session:
        accounts = {row.name: row for row in session.scalars(select(Account))}
        for name in ("nurse", "sam"):
            add(session, AccountId(accounts[name].id), NewKey(f"credential-{name}", "key", 0), now())
        keys = {row.credential: row.id for row in session.scalars(select(Passkey))}
    enter(browser, code=code_of())
    fields = {"token": token_in(browser.get("/account").text)}

    def remove(name: str) -> int:
        return browser.post(f"/account/passkeys/{keys[f'credential-{name}']}/remove", data=fields).status_code

    assert remove("sam") == 403
    with database.transaction() as session:
        session.execute(update(Account).values(totp=None))
    assert remove("nurse") == 403
    gives_an_app(database, "nurse")
    assert remove("nurse") == 303
    assert database.do(lambda session: session.scalars(select(Passkey.credential)).all()) == ["credential-sam"]


def test_after_a_reset_only_the_new_code_opens_the_account(browser: httpx.Client, database: Database) -> None:
    code = database.do(lambda session: reset(session, SITE, "nurse", By("root", now())))

    assert enter(browser, code=code_of()).status_code == 403
    assert finishes(browser, opens(browser, code).text).headers["location"] == "/"


@pytest.mark.parametrize(
    ("role", "home"), [(AccountRole.STAFF, "/"), (AccountRole.COORDINATOR, "/"), (AccountRole.GOVERNOR, "/profile")]
)
def test_everybody_arrives_at_their_own_first_page(
    browser: httpx.Client, database: Database, role: AccountRole, home: str
) -> None:
    arrived = finishes(browser, opens(browser, an_invitation(database, "somebody", role)).text).headers["location"]

    assert arrived == home
    assert browser.get(arrived).status_code == 200
    assert browser.get("/", follow_redirects=True).url.path == home
