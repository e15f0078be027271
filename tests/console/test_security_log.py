"""What the log says of whoever tries what they may not: that they did, and by which account; never what was typed."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import httpx
import pytest
from evening import PHRASE, SITE, FakeLine, token_in
from fastapi import FastAPI
from signing import SECRET, code_of, enter, gives_an_app
from structlog.testing import capture_logs

from console.api_tokens import Scope, make_token
from console.app import create_app
from console.signing_in_rules import SigningIn
from models.clock import now
from models.database import Database
from rota.site_rota import By

Lines = list[MutableMapping[str, Any]]


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    gives_an_app(database)
    return create_app(database, line=line, secret=SECRET, site=SITE, rules=SigningIn())


@pytest.fixture
def logs() -> Iterator[Lines]:
    with capture_logs() as lines:
        yield lines


def of(logs: Lines, event: str) -> Lines:
    return [line for line in logs if line["event"] == event]


def test_a_page_of_another_role_is_a_line_with_who_and_what(browser: httpx.Client, logs: Lines) -> None:
    enter(browser, code=code_of())
    browser.get("/health")

    (signed_in,) = of(logs, "console.signed_in")
    (refused,) = of(logs, "console.not_allowed")
    assert refused == {
        "event": "console.not_allowed", "log_level": "warning",
        "account": signed_in["account"], "ability": "SEE_HEALTH",
    }  # fmt: skip


def test_with_what_somebody_signs_in_is_said_and_that_they_could_not(browser: httpx.Client, logs: Lines) -> None:
    enter(browser, "nurse", "my-secret-guess")
    enter(browser, code=code_of())

    assert [line["by"] for line in of(logs, "console.sign_in_failed")] == ["password"]
    assert [line["by"] for line in of(logs, "console.signed_in")] == ["password_and_app"]
    assert "my-secret-guess" not in str(logs)


def test_who_tries_too_often_is_a_line_for_each_kind_of_brake(browser: httpx.Client, logs: Lines) -> None:
    for _ in range(6):
        enter(browser, "a-secret-in-the-wrong-field", "x")
    for number in range(30):
        enter(browser, f"name{number}", PHRASE)

    assert {line["brake"] for line in of(logs, "console.too_many_tries")} == {"name", "address"}
    assert "a-secret-in-the-wrong-field" not in str(logs)


def test_a_form_that_is_not_ours_is_a_line(browser: httpx.Client, logs: Lines) -> None:
    browser.post("/sign-in", data={"token": "forged", "name": "nurse"})

    assert of(logs, "console.form_not_ours") == [{"event": "console.form_not_ours", "log_level": "warning"}]


def test_what_is_refused_is_a_line_with_the_address_as_we_write_it(
    browser: httpx.Client, logs: Lines, database: Database
) -> None:
    token = database.do(lambda session: make_token(session, SITE, "records", Scope.ROTA, By("root", now())))
    enter(browser, code=code_of())
    browser.post("/account/passkeys/my-secret-key/remove", data={"token": token_in(browser.get("/account").text)})
    browser.get("/my-secret-page")
    bearer = {"Authorization": f"Bearer {token}"}
    browser.get("/api/v1/movements", headers=bearer)
    browser.get("/api/v1/rota", params={"days": "my-secret-days"}, headers=bearer)

    assert [(line["status"], line["route"]) for line in of(logs, "console.refused")] == [
        (403, "/account/passkeys/{key}/remove"),
        (404, None),
        (403, "/api/v1/movements"),
        (422, "/api/v1/rota"),
    ]
    assert "my-secret" not in str(logs)
