"""Signing in by the prison's own directory: a real small provider, and what it could do wrong."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from evening import SITE, FakeLine
from fastapi import FastAPI
from joserfc.jwk import OctKey, RSAKey
from playwright.sync_api import expect
from prison_directory import CLIENT, CLIENT_SECRET, PrisonDirectory
from real_browser import launched
from served import served
from signing import SECRET, a_free_port, an_invitation, audited

from console.accounts_invited import comes_by_directory
from console.app import create_app
from console.signing_in_rules import Directory, SigningIn
from models.clock import now
from models.database import Database
from models.words import AccountRole
from rota.site_rota import By


@pytest.fixture
def directory() -> Iterator[PrisonDirectory]:
    one = PrisonDirectory()
    with served(one.app()) as issuer:
        one.issuer = issuer
        yield one


class Prison:
    """A console that knows the directory, and can be made again with other rules for it."""

    def __init__(self, database: Database, line: FakeLine, directory: PrisonDirectory) -> None:
        self._database = database
        self._line = line
        self.port = a_free_port()
        self.rules: dict[str, Any] = {"issuer": directory.issuer, "client": CLIENT, "secret": CLIENT_SECRET}

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def directory(self) -> Directory:
        return Directory(**self.rules)

    def app(self) -> FastAPI:
        rules = SigningIn(address=self.address, directory=self.directory)
        return create_app(self._database, line=self._line, secret=SECRET, site=SITE, rules=rules)

    def invites(self, who: str, name: str = "Dr Owen", role: AccountRole = AccountRole.STAFF) -> None:
        an_invitation(self._database, name, role)
        subject = self.directory.hash_of(who)
        self._database.do(lambda session: comes_by_directory(session, SITE, name, subject, By("root", now())))


@pytest.fixture
def here(database: Database, line: FakeLine, directory: PrisonDirectory) -> Prison:
    return Prison(database, line, directory)


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def comes(here: Prison, opened: ExitStack) -> Callable[[], httpx.Client]:
    """Somebody opens the console, as it is configured by then."""

    def open_() -> httpx.Client:
        opened.enter_context(served(here.app(), here.port))
        return opened.enter_context(httpx.Client(base_url=here.address, timeout=60))

    return open_


def there_and_back(browser: httpx.Client) -> httpx.Response:
    """As a browser goes: to the directory, and with its answer back to us."""
    to_them = browser.get("/sign-in/directory").headers["location"]
    back = httpx.get(to_them).headers["location"]
    return browser.get(back)


def is_in(browser: httpx.Client) -> bool:
    return browser.get("/").status_code == 200


def test_who_has_an_account_is_signed_in_by_the_directory(
    comes: Callable[[], httpx.Client], here: Prison, directory: PrisonDirectory, database: Database
) -> None:
    here.invites("owen-7")
    browser = comes()
    assert "/sign-in/directory" in browser.get("/sign-in").text
    answer = there_and_back(browser)

    assert answer.status_code == 200
    assert is_in(browser)
    assert [one.what for one in audited(database)] == ["account_invited", "account_comes_by_directory", "signed_in"]
    (asked,) = directory.asked
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == f"{here.address}/sign-in/directory/answer"


def test_nobody_gets_an_account_because_a_directory_knows_them(
    comes: Callable[[], httpx.Client], here: Prison, database: Database
) -> None:
    here.invites("somebody-else")
    browser = comes()

    answer = there_and_back(browser)
    assert answer.status_code == 403
    assert "you have no account here" in answer.text
    assert not is_in(browser)
    assert (audited(database)[-1].who, audited(database)[-1].what) == ("unknown", "sign_in_failed")


def _set(**changed: object) -> Callable[[dict[str, Any]], None]:
    return lambda claims: claims.update(changed)


def _without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda claims: claims.pop(name) and None


@pytest.mark.parametrize(
    "spoils",
    [
        _set(nonce="of another question"),
        _without("nonce"),
        _set(aud="another system"),
        _set(aud=["another system", CLIENT]),
        _set(aud=[CLIENT, "another system"], azp="another system"),
        _without("aud"),
        _set(iss="https://elsewhere.example"),
        _without("iss"),
        _set(exp=int(now().timestamp()) - 3600),
        _without("exp"),
        _set(iat=int(now().timestamp()) + 3600),
        _set(sub=7),
        _set(sub=""),
        _without("sub"),
    ],
)
def test_what_is_not_signed_for_us_and_for_now_signs_nobody_in(
    comes: Callable[[], httpx.Client],
    here: Prison,
    directory: PrisonDirectory,
    spoils: Callable[[dict[str, Any]], None],
) -> None:
    here.invites("owen-7")
    directory.spoils = spoils
    browser = comes()

    assert there_and_back(browser).status_code == 403
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("none", None),
        ("HS256", OctKey.import_key(CLIENT_SECRET, {"kid": "one"})),
        ("RS256", RSAKey.generate_key(2048, {"kid": "one"})),
    ],
)
def test_a_signature_that_is_not_by_the_directorys_key_signs_nobody_in(
    comes: Callable[[], httpx.Client],
    here: Prison,
    directory: PrisonDirectory,
    alg: str,
    key: OctKey | RSAKey | None,
) -> None:
    here.invites("owen-7")
    assert isinstance(directory.key, RSAKey)
    directory.published, directory.alg = directory.key, alg
    directory.key = key or directory.key
    browser = comes()

    assert there_and_back(browser).status_code == 403
    assert not is_in(browser)


def test_a_directory_may_change_its_key(
    comes: Callable[[], httpx.Client], here: Prison, directory: PrisonDirectory
) -> None:
    here.invites("owen-7")
    browser = comes()
    there_and_back(browser)
    directory.key = RSAKey.generate_key(2048, {"kid": "two"})

    assert there_and_back(browser).status_code == 200


def test_a_directory_that_calls_itself_otherwise_signs_nobody_in(
    comes: Callable[[], httpx.Client], here: Prison, directory: PrisonDirectory
) -> None:
    here.invites("owen-7")
    browser = comes()
    directory.issuer = "https://another.example"

    answer = browser.get("/sign-in/directory")
    assert answer.status_code == 403
    assert "calls itself by another name" in answer.text


def test_an_answer_is_of_the_browser_that_asked_and_counts_once(
    comes: Callable[[], httpx.Client], here: Prison
) -> None:
    here.invites("owen-7")
    browser = comes()
    back = httpx.get(browser.get("/sign-in/directory").headers["location"]).headers["location"]
    with httpx.Client(base_url=here.address, timeout=60) as victim:
        assert victim.get(back).status_code == 403
        assert not is_in(victim)
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert browser.get(back.replace(state, "another")).status_code == 403

    back = httpx.get(browser.get("/sign-in/directory").headers["location"]).headers["location"]
    assert browser.get(back).status_code == 200
    assert browser.get(back).status_code == 403


@pytest.mark.parametrize(
    ("said", "enters"),
    [
        ({"groups": ["all", "wingline-staff"]}, True),
        ({"groups": "wingline-staff"}, True),
        ({"groups": ["wingline-coordinators"]}, False),
        ({"groups": "not-wingline-staff-at-all"}, False),
        ({}, False),
    ],
)
def test_where_the_site_file_asks_for_it_the_directory_must_say_the_role_too(
    comes: Callable[[], httpx.Client],
    here: Prison,
    directory: PrisonDirectory,
    said: dict[str, object],
    *,
    enters: bool,
) -> None:
    roles = {AccountRole.STAFF: "wingline-staff", AccountRole.COORDINATOR: "wingline-coordinators"}
    here.rules |= {"role_claim": "groups", "roles": roles}
    here.invites("owen-7")
    directory.who |= said
    browser = comes()

    there_and_back(browser)
    assert is_in(browser) is enters


@pytest.mark.parametrize(("verified", "enters"), [(True, True), (False, False), ("true", False), (None, False)])
def test_an_email_address_counts_when_the_directory_has_checked_it(
    comes: Callable[[], httpx.Client], here: Prison, directory: PrisonDirectory, verified: object, *, enters: bool
) -> None:
    here.rules |= {"who_claim": "email"}
    here.invites("owen@prison.example")
    directory.who |= {"email": "owen@prison.example", "email_verified": verified}
    browser = comes()

    there_and_back(browser)
    assert is_in(browser) is enters


@pytest.mark.parametrize(
    ("said", "enters"),
    [({"amr": ["pwd", "mfa"]}, True), ({"acr": "mfa"}, True), ({"amr": ["pwd"]}, False), ({}, False)],
)
def test_where_the_site_file_asks_for_it_the_directory_must_say_that_there_was_a_second_factor(
    comes: Callable[[], httpx.Client],
    here: Prison,
    directory: PrisonDirectory,
    said: dict[str, object],
    *,
    enters: bool,
) -> None:
    here.rules |= {"second_factor": "mfa"}
    here.invites("owen-7")
    directory.who |= said
    browser = comes()

    assert ("second factor" in there_and_back(browser).text) is not enters
    assert is_in(browser) is enters


@pytest.mark.parametrize(("site", "where"), [("same-origin", "/authorise"), ("none", "/authorise"), ("cross-site", "")])
def test_no_page_elsewhere_signs_somebody_in_by_sending_them_there(
    comes: Callable[[], httpx.Client], directory: PrisonDirectory, site: str, where: str
) -> None:
    answer = comes().get("/sign-in/directory", headers={"Sec-Fetch-Site": site})

    assert answer.headers["location"].partition("?")[0] == (f"{directory.issuer}{where}" if where else "/sign-in")
    assert ("set-cookie" in answer.headers) is bool(where)


def test_without_the_directory_people_sign_in_another_way(
    comes: Callable[[], httpx.Client], here: Prison, directory: PrisonDirectory
) -> None:
    here.invites("owen-7")
    directory.is_down = True
    browser = comes()

    answer = browser.get("/sign-in/directory")
    assert answer.status_code == 403
    assert "sign in another way" in answer.text
    assert "Password" in answer.text


def test_a_site_without_a_directory_has_no_way_by_it(browser: httpx.Client) -> None:
    assert "/sign-in/directory" not in browser.get("/sign-in").text
    assert browser.get("/sign-in/directory").status_code == 403
    assert browser.get("/sign-in/directory/answer?code=x&state=y").status_code == 403


def test_in_a_real_browser_which_sends_our_cookie_to_no_other_site(
    comes: Callable[[], httpx.Client], here: Prison
) -> None:
    """The directory is at 127.0.0.1, which to a browser is another site than localhost."""
    here.invites("owen-7")
    comes()
    with launched() as chromium:
        page = chromium.new_page(base_url=here.address)
        page.goto("/sign-in")
        page.get_by_role("link", name="Sign in as you do on the prison's other systems").click()
        expect(page.get_by_role("heading", name="Live board")).to_be_attached()
