"""GET /api/v1/listeners: what other systems of the prison learn of Listeners, and what not."""

import httpx
import pytest
from evening import SITE
from listeners_on_console import DAY, PEOPLE, a_scheme, a_talk

from console.api_tokens import Scope, make_token
from models.clock import now
from models.database import Database
from rota.site_rota import By


@pytest.fixture
def told(browser: httpx.Client, database: Database) -> httpx.Response:
    a_scheme(database)
    a_talk(database, "Kestrel", now() - DAY, DAY / 24)
    return browser.get("/api/v1/listeners", headers=bearing(database, Scope.LISTENERS))


def bearing(database: Database, scope: Scope) -> dict[str, str]:
    with database.transaction() as session:
        secret = make_token(session, SITE, f"of-{scope}", scope, By("ann", now()))
    return {"Authorization": f"Bearer {secret}"}


def test_every_listener_who_has_not_left_is_told_by_code_name(told: httpx.Response) -> None:
    found = told.json()["listeners"]

    assert told.status_code == 200
    names = sorted([*(set(PEOPLE) - {"Egret"}), "Kestrel", "Linnet", "Merlin", "Osprey"])
    assert [one["code_name"] for one in found] == names
    assert [one["standing"] for one in found if one["code_name"] in PEOPLE] == [
        "applied",
        "training",
        "shadowing",
        "suspended",
    ]


def test_nothing_of_welfare_of_a_place_or_of_tags_is_told(told: httpx.Response) -> None:
    assert {key for one in told.json()["listeners"] for key in one} == {
        "code_name",
        "standing",
        "certified_from",
        "certified_until",
        "languages",
    }
    for hidden in ("veteran", "phone", "B-1-001", "60"):
        assert hidden not in told.text, hidden


def test_who_has_no_certificate_has_no_days_of_one(told: httpx.Response) -> None:
    found = {one["code_name"]: one for one in told.json()["listeners"]}

    assert found["Avocet"]["certified_from"] is None
    assert found["Kestrel"]["certified_until"].startswith("20")
    assert found["Kestrel"]["languages"] == ["en"]


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.LISTENERS])
def test_a_token_for_something_else_opens_nothing(browser: httpx.Client, database: Database, scope: Scope) -> None:
    answer = browser.get("/api/v1/listeners", headers=bearing(database, scope))

    assert answer.status_code == 403
    assert "make one with the scope listeners" in answer.json()["error"]


def test_without_a_token_nothing_is_told(browser: httpx.Client) -> None:
    assert browser.get("/api/v1/listeners").status_code == 401
