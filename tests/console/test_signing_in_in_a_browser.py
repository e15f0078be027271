"""Signing in in a real browser: by passkey, with a device that a test holds, and without scripts by password."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pyotp
import pytest
from evening import SITE, FakeLine
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect
from served import served
from signing import SECRET, a_free_port, an_invitation, audited
from sqlalchemy import delete, select, update

from console.app import create_app
from console.signing_in_rules import SigningIn
from models.clock import now
from models.database import Database
from models.tables import Account, Passkey
from models.words import AccountRole

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def port() -> int:
    return a_free_port()


@pytest.fixture
def app(database: Database, line: FakeLine, port: int) -> FastAPI:
    rules = SigningIn(address=f"http://localhost:{port}")
    return create_app(database, line=line, secret=SECRET, site=SITE, rules=rules)


@pytest.fixture
def address(app: FastAPI, port: int) -> Iterator[str]:
    """Browsers give passkeys to names, not to numbers."""
    with served(app, port):
        yield f"http://localhost:{port}"


@pytest.fixture
def context(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    opened = chromium.new_context(base_url=address, viewport={"width": 1024, "height": 768})
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    yield opened
    assert complaints == []


class Device:
    """Whatever holds the passkeys of whoever sits at this browser."""

    def __init__(self, cdp: CDPSession) -> None:
        self._cdp = cdp
        cdp.send("WebAuthn.enable")
        self.put_in()

    def put_in(self) -> None:
        self._id = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]

    def take_out(self) -> None:
        self._cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})

    def does_not_know_the_finger(self) -> None:
        self._cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": False})


@pytest.fixture
def device(context: BrowserContext, page: Page) -> Device:
    return Device(context.new_cdp_session(page))


def sets_up_a_passkey(page: Page, code: str) -> None:
    enters_the_code(page, code)
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_role("heading", name="Live board")).to_be_attached()


def enters_the_code(page: Page, code: str) -> None:
    page.goto("/sign-in/first")
    page.get_by_label("Your code").fill(code)
    page.get_by_role("button", name="Continue").click()


def signs_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def uses_the_passkey(page: Page) -> None:
    page.get_by_role("button", name="Sign in with a passkey").click()


with_a_device = pytest.mark.usefixtures("device")


@with_a_device
def test_a_passkey_is_all_that_somebody_needs(page: Page, database: Database) -> None:
    sets_up_a_passkey(page, an_invitation(database, "Dr Owen", AccountRole.STAFF))
    signs_out(page)
    uses_the_passkey(page)
    expect(page.get_by_role("heading", name="Live board")).to_be_attached()

    assert [(one.who, one.what) for one in audited(database)] == [
        ("root", "account_invited"),
        ("Dr Owen", "passkey_added"),
        ("Dr Owen", "signed_in"),
        ("Dr Owen", "signed_out"),
        ("Dr Owen", "signed_in"),
    ]
    with database.transaction() as session:
        assert session.scalars(select(Passkey.used_at)).one() is not None
        assert session.scalars(select(Account.password).where(Account.name == "Dr Owen")).one() is None


@with_a_device
def test_one_device_has_one_passkey_of_an_account_and_the_page_says_so(page: Page, database: Database) -> None:
    sets_up_a_passkey(page, an_invitation(database))
    page.goto("/account")
    page.get_by_role("button", name="Set up a passkey").click()

    expect(page.get_by_role("alert")).to_have_text("This account has a passkey on this device already.")


def test_a_second_device_is_added_and_the_first_one_removed(page: Page, device: Device, database: Database) -> None:
    sets_up_a_passkey(page, an_invitation(database))
    device.take_out()
    device.put_in()
    page.goto("/account")
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Your passkey is set up")
    page.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_role("status")).to_contain_text("opens nothing any more")

    signs_out(page)
    uses_the_passkey(page)
    expect(page.get_by_role("heading", name="Live board")).to_be_attached()


def test_a_passkey_that_was_removed_opens_nothing(page: Page, device: Device, database: Database) -> None:
    del device
    sets_up_a_passkey(page, an_invitation(database))
    signs_out(page)
    with database.transaction() as session:
        session.execute(delete(Passkey))
    uses_the_passkey(page)

    expect(page.get_by_role("alert")).to_contain_text("the passkey was not accepted")
    assert [(one.who, one.what) for one in audited(database)][-1] == ("unknown", "sign_in_failed")


def test_whoever_holds_the_device_but_cannot_unlock_it_is_not_let_in(
    page: Page, device: Device, database: Database
) -> None:
    sets_up_a_passkey(page, an_invitation(database))
    signs_out(page)
    device.does_not_know_the_finger()
    uses_the_passkey(page)

    expect(page.get_by_role("alert")).to_have_text("No passkey was used. Try again, or sign in another way.")


@with_a_device
def test_a_copy_of_a_key_is_behind_in_its_count_and_not_accepted(page: Page, database: Database) -> None:
    sets_up_a_passkey(page, an_invitation(database))
    signs_out(page)
    with database.transaction() as session:
        session.execute(update(Passkey).values(sign_count=1000))
    uses_the_passkey(page)

    expect(page.get_by_role("alert")).to_contain_text("the passkey was not accepted")


@with_a_device
def test_what_was_signed_for_another_address_is_not_accepted(
    page: Page, app: FastAPI, database: Database, line: FakeLine
) -> None:
    sets_up_a_passkey(page, an_invitation(database))
    signs_out(page)
    elsewhere = SigningIn(address="http://localhost:1")
    app.state.desk = create_app(database, line=line, secret=SECRET, site=SITE, rules=elsewhere).state.desk
    uses_the_passkey(page)

    expect(page.get_by_role("alert")).to_contain_text("the passkey was not accepted")


@with_a_device
def test_an_answer_that_somebody_overheard_signs_nobody_in_again(page: Page, address: str, database: Database) -> None:
    sets_up_a_passkey(page, an_invitation(database))
    signs_out(page)
    mark = next(one["value"] for one in page.context.cookies() if one["name"] == "wingline")
    with page.expect_request("**/sign-in/passkey") as sent:
        uses_the_passkey(page)
    expect(page.get_by_role("heading", name="Live board")).to_be_attached()
    overheard = {name: values[0] for name, values in parse_qs(sent.value.post_data or "").items()}

    with httpx.Client(base_url=address, cookies={"wingline": mark}, timeout=60) as thief:
        answer = thief.post("/sign-in/passkey", data=overheard)
    assert answer.status_code == 403
    assert "the passkey was not accepted" in answer.text


def test_without_scripts_a_password_and_an_app_are_set_up_and_used(
    chromium: Browser, address: str, database: Database
) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    enters_the_code(page, an_invitation(database, "gov", AccountRole.COORDINATOR))
    expect(page.get_by_role("button", name="Set up a passkey")).to_be_hidden()
    app = pyotp.TOTP(page.locator("code").inner_text().replace(" ", ""))
    page.get_by_label("Choose a password").fill("three words apart")
    page.get_by_label("Code", exact=True).fill(app.at(now()))
    page.get_by_role("button", name="Finish and sign in").click()
    expect(page.get_by_role("link", name="gov")).to_be_visible()
    signs_out(page)

    page.get_by_label("Name of the account").fill("gov")
    page.get_by_label("Password").fill("three words apart")
    page.get_by_label("Code").fill(app.at(now() + timedelta(seconds=30)))
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="gov")).to_be_visible()
    context.close()
