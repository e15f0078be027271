"""What somebody sees whose page is not there, whose form is refused, and for whom Wingline itself fails."""

from datetime import timedelta

import httpx
import pytest
from evening import sign_in, token_in
from fastapi import FastAPI
from served import served
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from console.body_limit import MOST_BYTES
from models import tables
from models.clock import now
from models.database import Database

OURS = {"sec-fetch-site": "same-origin"}


def main_of(page: str) -> str:
    return page.split('<main id="main"')[1].split("</main>", maxsplit=1)[0]


def test_a_page_that_is_not_there_says_what_to_do_with_the_menu_of_whoever_asks(browser: httpx.Client) -> None:
    sign_in(browser, "sam")
    page = browser.get("/nowhere")

    assert page.status_code == 404
    assert '<h1 class="govuk-heading-l">There is no such page</h1>' in page.text
    assert "Begin at your first page" in page.text
    assert 'href="/rota"' in page.text
    assert 'href="/account">sam</a>' in page.text
    assert "HMP &lt;Demo&gt;" in page.text


def test_who_is_not_signed_in_has_no_menu(browser: httpx.Client) -> None:
    page = browser.get("/nowhere")

    assert page.status_code == 404
    assert "There is no such page" in page.text
    assert 'aria-label="Menu"' not in page.text


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("PUT", "/rota", 405, "cannot be used in that way"),
        ("GET", "/movements?page=%00", 422, "no keyboard writes"),
        ("GET", "/health", 403, "that is for technicians"),
    ],
)
def test_every_refusal_is_a_page_with_the_menu(
    browser: httpx.Client, method: str, path: str, status: int, said: str
) -> None:
    sign_in(browser, "sam")
    page = browser.request(method, path)

    assert page.status_code == status
    assert said in main_of(page.text)
    assert 'aria-label="Menu"' in page.text


def test_what_is_too_large_is_refused_with_the_menu(browser: httpx.Client) -> None:
    sign_in(browser, "sam")
    page = browser.post("/movements", content=b"x" * (MOST_BYTES + 1))

    assert page.status_code == 413
    assert '<h1 class="govuk-heading-l">That is too large</h1>' in page.text
    assert "larger than 1048 kB" in main_of(page.text)
    assert 'aria-label="Menu"' in page.text
    assert page.headers["x-frame-options"] == "DENY"


def test_a_fault_of_ours_says_what_to_do_and_never_what_it_was(app: FastAPI) -> None:
    def fail() -> None:
        raise RuntimeError("Robin in B-2-014")

    app.add_api_route("/fails", fail)
    with served(app) as address, httpx.Client(base_url=address, timeout=60) as browser:
        sign_in(browser, "sam")
        page = browser.get("/fails")

    assert page.status_code == 500
    assert "Something is wrong with Wingline" in page.text
    assert "Nothing of this page was recorded" in main_of(page.text)
    assert 'aria-label="Menu"' in page.text
    assert "Robin" not in page.text
    # Its own path past everything else: the headers are there all the same.
    assert page.headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_without_a_database_there_is_still_a_page(app: FastAPI) -> None:
    def fail() -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    app.add_api_route("/fails", fail)
    with served(app) as address, httpx.Client(base_url=address, timeout=60) as browser:
        page = browser.get("/fails")

    assert page.status_code == 503
    assert "cannot use its database" in page.text


def test_a_form_that_is_too_old_keeps_what_was_written(browser: httpx.Client) -> None:
    sign_in(browser, "sam")
    written = {"token": "of yesterday", "text": "code_name,cell\nOwl,A-1-001", "password": ""}
    page = browser.post("/listeners/import", data=written, headers=OURS)

    assert page.status_code == 403
    assert "What you had written" in page.text
    assert "code_name,cell\nOwl,A-1-001</textarea>" in page.text
    assert "of yesterday" not in page.text


def test_it_is_shown_to_nobody_elsewhere(browser: httpx.Client) -> None:
    """A page of somebody else cannot put its words on ours; and what opens an account is not shown again."""
    sign_in(browser, "sam")
    words = {"token": "", "text": "ring 0900"}
    pages = [browser.post("/listeners/import", data=words, headers={"sec-fetch-site": "cross-site"})]
    pages.append(browser.post("/listeners/import", data=words))
    pages.append(browser.post("/account/password", data={"token": "", "text": "ring 0900"}, headers=OURS))

    assert ["ring 0900" in page.text for page in pages] == [False, False, False]


def a_form_after_a_long_pause(
    browser: httpx.Client, database: Database, path: str, headers: dict[str, str]
) -> httpx.Response:
    """It was opened by somebody who was signed in, and is sent when nothing has come of them for half an hour."""
    sign_in(browser, "sam")
    token = token_in(browser.get("/listeners/import").text)
    with database.transaction() as session:
        session.execute(update(tables.SignIn).values(seen_at=now() - timedelta(minutes=31)))
    return browser.post(path, data={"token": token, "text": "code_name,cell\nOwl,A-1-001"}, headers=headers)


def test_who_was_signed_out_meanwhile_keeps_what_was_written(browser: httpx.Client, database: Database) -> None:
    page = a_form_after_a_long_pause(browser, database, "/listeners/import", OURS)

    assert page.status_code == 401
    assert "You are not signed in any more. Nothing was recorded." in main_of(page.text)
    assert "code_name,cell\nOwl,A-1-001</textarea>" in page.text
    assert 'aria-label="Menu"' not in page.text
    assert token_in(browser.get("/sign-in").text)


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}], ids=["unsaid", "elsewhere"])
def test_who_was_signed_out_is_shown_nothing_that_came_from_elsewhere(
    browser: httpx.Client, database: Database, headers: dict[str, str]
) -> None:
    page = a_form_after_a_long_pause(browser, database, "/listeners/import", headers)

    assert page.status_code == 401
    assert "Owl" not in page.text


def test_who_was_signed_out_signs_in_before_the_pages_of_an_account(browser: httpx.Client, database: Database) -> None:
    answer = a_form_after_a_long_pause(browser, database, "/account/sign-out-everywhere", OURS)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_the_form_of_our_own_page_is_taken(browser: httpx.Client) -> None:
    """Or the tests above would say nothing."""
    sign_in(browser, "sam")
    token = token_in(browser.get("/listeners/import").text)

    assert browser.post("/listeners/import", data={"token": token, "text": ""}, headers=OURS).status_code == 422
