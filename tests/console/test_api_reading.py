"""What other systems read: the rota, open escalations, and how the machinery is; and what none of them learns."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from evening import PASSWORD_ALONE, SITE, FakeLine, an_escalation
from fastapi import FastAPI
from rota_on_console import SCHEME, a_rota
from watching import a_head, machinery

from console.api_tokens import Scope, make_token
from console.app import create_app
from models.clock import now
from models.database import Database
from models.words import Cause, Post
from rota.site_rota import By


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    return create_app(database, line=line, secret="s" * 40, site=SITE, scheme=SCHEME, rules=PASSWORD_ALONE)


def asked(browser: httpx.Client, database: Database, scope: Scope, query: str = "") -> Any:
    secret = database.do(lambda session: make_token(session, SITE, f"of-{scope}", scope, By("ann", now())))
    answer = browser.get(f"/api/v1/{scope}{query}", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_published_shifts_of_some_days_are_read_and_no_others(browser: httpx.Client, database: Database) -> None:
    monday = a_rota(database)
    found = asked(browser, database, Scope.ROTA, f"?since={monday}&days=1")
    weeks_ago = browser.get(
        f"/api/v1/rota?since={monday - timedelta(days=40)}",
        headers={
            "Authorization": f"Bearer {database.do(lambda s: make_token(s, SITE, 'b', Scope.ROTA, By('a', now())))}"
        },
    )

    assert (found["since"], found["days"], found["zone"]) == (str(monday), 1, "Europe/London")
    assert {(one["code_name"], one["cover"], one["slot"]) for one in found["shifts"]} == {
        ("Kestrel", "first", f"night {monday}"),
        ("Linnet", "backup", f"night {monday}"),
    }
    assert all(set(one) == {"code_name", "cover", "starts_at", "ends_at", "slot"} for one in found["shifts"])
    assert weeks_ago.json()["shifts"] == []


def test_without_a_day_the_rota_begins_today(browser: httpx.Client, database: Database) -> None:
    found = asked(browser, database, Scope.ROTA)

    assert abs(date.fromisoformat(found["since"]) - now().date()) <= timedelta(days=1)
    assert found["days"] == 7


def test_an_open_escalation_says_where_and_what_and_never_who(browser: httpx.Client, database: Database) -> None:
    an_escalation(database, prison_number="A1234BC", preferred_name="Sam", condition="breathing")
    an_escalation(database, "over", closed_at=now(), closed_by="nurse")
    an_escalation(database, "asked", deciding=True)
    found = asked(browser, database, Scope.ESCALATIONS)

    (one,) = found["escalations"]
    assert (one["id"], one["cause"], one["danger"], one["location"]) == (
        "escalation-one",
        "danger_now",
        "suicide_plan",
        "B-2-014",
    )
    assert (one["settled"], one["acknowledged_by"], one["spoken_at"]) == (False, [], None)
    assert not [word for word in ("A1234BC", "Sam", "nurse") if word in str(found)]


def test_a_place_that_the_wings_own_staff_may_not_learn_is_not_told(browser: httpx.Client, database: Database) -> None:
    an_escalation(database, cause=Cause.PERSON_AT_RISK, danger=None, deciding=False)

    (one,) = asked(browser, database, Scope.ESCALATIONS)["escalations"]
    assert one["location"] is None


def test_who_acknowledged_is_told_by_post(browser: httpx.Client, database: Database) -> None:
    posts = [Post.HEALTHCARE.value, Post.ORDERLY_OFFICER.value]
    an_escalation(database, acknowledged_at=now(), acknowledged_by="nurse", acknowledged_posts=posts)

    (one,) = asked(browser, database, Scope.ESCALATIONS)["escalations"]
    assert one["acknowledged_by"] == posts


def test_how_the_machinery_is_and_nobody_in_it(browser: httpx.Client, database: Database, line: FakeLine) -> None:
    machinery(database, line)
    found = asked(browser, database, Scope.HEALTH)

    assert found["wrong"]
    assert (found["asterisk_up"], found["listening"], found["database"]) == (True, True, "sqlite")
    assert {(one["kind"], one["post"]) for one in found["phones_away"]} == {("staff", "healthcare"), ("cell", None)}
    assert [one["lives"] for one in found["nodes"]] == [True, False]
    assert (found["night"]["broken"], found["audit_head"]) == ("heard", str(a_head().day))
    # One message to safer-custody is too few to be said.
    assert {one["contact"]: one["number"] for one in found["unsent"]} == {"ward-mail": 6, "safer-custody": None}
    assert not [word for word in ("A1234BC", "Robin", "Quill", "B-2-014") if word in str(found)]
