"""What changes for browsers that reach the console over TLS: cookies of this host alone, and no way back to none."""

from collections.abc import Iterator

import httpx
import pytest
from evening import PASSWORD_ALONE, PHRASE, SITE, FakeLine, token_in
from fastapi import FastAPI
from served import PLAIN, served
from signing import SECRET

from console.app import create_app
from console.signing_in_rules import SigningIn
from models.database import Database

BY_THE_PROXY = {"X-Forwarded-Proto": "https"}
BY_THE_SETTINGS = SigningIn(second_factor=False, address="https://wingline.prison.example")
HSTS = "strict-transport-security"


@pytest.fixture(params=["the proxy says so", "the settings say so"])
def over_tls(request: pytest.FixtureRequest, database: Database, line: FakeLine) -> Iterator[httpx.Client]:
    told = request.param == "the proxy says so"
    app = _app(database, line, PASSWORD_ALONE if told else BY_THE_SETTINGS)
    with served(app) as address:
        headers = BY_THE_PROXY if told else {}
        with httpx.Client(base_url=address, headers=headers, timeout=60, verify=PLAIN) as browser:
            yield browser


def _app(database: Database, line: FakeLine, rules: SigningIn) -> FastAPI:
    return create_app(database, line=line, secret=SECRET, site=SITE, rules=rules)


def sends(browser: httpx.Client, method: str, path: str, cookie: str, **fields: str) -> httpx.Response:
    """As a browser does over TLS; the client here would keep such a cookie to itself, because the socket has none."""
    browser.cookies.clear()
    return browser.request(method, path, data=fields or None, headers={"Cookie": cookie})


def signs_in(browser: httpx.Client) -> str:
    page = browser.get("/sign-in")
    before = page.headers["set-cookie"].partition(";")[0]
    fields = {"token": token_in(page.text), "name": "nurse", "password": PHRASE}
    return sends(browser, "POST", "/sign-in", before, **fields).headers["set-cookie"].partition(";")[0]


def test_a_cookie_is_secure_and_of_this_host_alone(over_tls: httpx.Client) -> None:
    begun = over_tls.get("/sign-in")
    chosen = over_tls.post("/language", data={"language": "cy"})

    for answer, name in ((begun, "__Host-wingline="), (chosen, "__Host-wingline_language=")):
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(name)
        assert {"HttpOnly", "Path=/", "Secure"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_it_opens_the_board_and_under_its_name_of_loopback_it_does_not(over_tls: httpx.Client) -> None:
    cookie = signs_in(over_tls)

    assert sends(over_tls, "GET", "/", cookie).status_code == 200
    assert sends(over_tls, "GET", "/", cookie.removeprefix("__Host-")).headers["location"] == "/sign-in"


def test_signing_out_takes_it_back_and_what_the_browser_kept_of_our_pages(over_tls: httpx.Client) -> None:
    cookie = signs_in(over_tls)
    token = token_in(sends(over_tls, "GET", "/", cookie).text)
    out = sends(over_tls, "POST", "/sign-out", cookie, token=token)

    assert out.headers["set-cookie"].startswith('__Host-wingline=""; ')
    assert {"Max-Age=0", "Path=/", "Secure"} <= set(out.headers["set-cookie"].split("; "))
    assert out.headers["clear-site-data"] == '"cache", "storage"'
    assert sends(over_tls, "GET", "/", cookie).headers["location"] == "/sign-in"


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/healthz", "/api/v1/rota", "/assets/x/console.css"])
def test_every_answer_says_that_there_is_no_way_without_tls(over_tls: httpx.Client, path: str) -> None:
    assert over_tls.get(path).headers[HSTS] == "max-age=31536000; includeSubDomains"


def test_a_fault_of_ours_says_so_too(database: Database, line: FakeLine) -> None:
    app = _app(database, line, BY_THE_SETTINGS)

    @app.get("/fails")
    def fails() -> None:
        raise ZeroDivisionError

    with served(app) as address:
        answer = httpx.get(f"{address}/fails", timeout=60, verify=PLAIN)

    assert answer.status_code == 500
    assert HSTS in answer.headers


def test_without_tls_nothing_of_it_is_said(browser: httpx.Client) -> None:
    answer = browser.get("/sign-in")

    assert HSTS not in answer.headers
    assert answer.headers["set-cookie"].startswith("wingline=")
