"""Each role at each address of the console and its API: let in or refused as the table of roles says.

A new address needs no line here when it is below one that has: then it must be for the same roles.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import httpx
import pytest
from evening import SITE, FakeLine, an_escalation
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from profiles_on_console import NoticesHere
from rota_on_console import SCHEME, a_rota
from set_up_on_console import a_set_up
from sqlalchemy import select
from sqlalchemy.orm import Session

from console import sessions_store
from console.accounts import add_account, signed_in
from console.api_tokens import Scope, make_token
from console.app import create_app
from console.desk import Desk
from console.roles import PAGES, WHO_MAY, Ability, first_page_of, for_whom, may, pages_of
from console.sessions import COOKIE
from models.clock import now
from models.database import Database
from models.tables import Account
from models.words import AccountRole
from rota.site_rota import By

SECRET = "s" * 40


class For(StrEnum):
    """What asks no ability."""

    ANYBODY = "anybody, signed in or not"
    SIGNED_IN = "whoever is signed in"
    SYSTEMS = "other systems, which bring a token"
    EITHER = "whoever is signed in, and other systems"


Needs = Ability | For | tuple[Ability, ...]

# By method and the beginning of the path; the longest that fits counts. Of several abilities any one will do.
NEEDS: dict[tuple[str, str], Needs] = {
    ("GET", "/"): For.SIGNED_IN,
    ("GET", "/live"): Ability.SEE_BOARD,
    ("GET", "/wallboard"): Ability.SEE_BOARD,
    ("GET", "/sign-in"): For.ANYBODY,
    ("POST", "/sign-in"): For.ANYBODY,
    ("POST", "/sign-out"): For.ANYBODY,
    ("POST", "/language"): For.ANYBODY,
    ("GET", "/account"): For.SIGNED_IN,
    ("POST", "/account"): For.SIGNED_IN,
    ("POST", "/escalations"): Ability.ANSWER_ESCALATIONS,
    ("POST", "/debriefs"): Ability.HOLD_DEBRIEFS,
    ("GET", "/calendars"): For.ANYBODY,
    ("GET", "/rota"): Ability.EDIT_ROTA,
    ("POST", "/rota"): Ability.EDIT_ROTA,
    ("GET", "/movements"): Ability.RECORD_MOVEMENTS,
    ("POST", "/movements"): Ability.RECORD_MOVEMENTS,
    ("GET", "/figures"): Ability.SEE_FIGURES,
    ("GET", "/oversight"): Ability.SEE_OVERSIGHT,
    ("POST", "/oversight/audit"): Ability.VERIFY_AUDIT,
    ("GET", "/kept"): Ability.SEE_KEPT,
    ("GET", "/health"): Ability.SEE_HEALTH,
    ("GET", "/drills"): Ability.START_DRILL,
    ("POST", "/drills"): Ability.START_DRILL,
    ("GET", "/listeners"): Ability.SEE_LISTENERS,
    ("POST", "/listeners"): Ability.SEE_LISTENERS,
    ("GET", "/welfare"): Ability.SEE_WELFARE,
    ("GET", "/profile"): Ability.SEE_PROFILE,
    ("POST", "/profile/propose"): Ability.PROPOSE_PROFILE,
    ("POST", "/profile/versions"): (Ability.SIGN_AS_GOVERNOR, Ability.SIGN_AS_PARTNER),
    ("GET", "/listening"): Ability.KILL_SWITCH,
    ("POST", "/listening"): Ability.KILL_SWITCH,
    ("GET", "/set-up"): Ability.SET_UP,
    ("POST", "/set-up"): Ability.SET_UP,
    ("GET", "/api/v1"): For.SYSTEMS,
    ("GET", "/api/v1/openapi.json"): For.EITHER,
    ("POST", "/api/v1"): For.SYSTEMS,
    ("GET", "/assets"): For.ANYBODY,
    ("GET", "/healthz"): For.ANYBODY,
}
# Which token opens what of the API, by the path.
SCOPES = {
    "/api/v1/rota": Scope.ROTA,
    "/api/v1/movements": Scope.MOVEMENTS,
    "/api/v1/keep-apart": Scope.KEEP_APART,
    "/api/v1/listeners": Scope.LISTENERS,
    "/api/v1/figures": Scope.FIGURES,
    "/api/v1/escalations": Scope.ESCALATIONS,
    "/api/v1/health": Scope.HEALTH,
    "/api/v1/alarms": Scope.ALARMS,
}
# What says nothing, where that is not an empty list.
NOTHING_TO_TELL = {"/api/v1/alarms": {"version": "4", "alerts": []}}


@dataclass(frozen=True)
class Address:
    """One route of the console."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def needs(self) -> Needs | None:
        """What is only "/" is one page, and the beginning of none."""
        fits = [
            beginning
            for method, beginning in NEEDS
            if method == self.method
            and (self.path == beginning or (beginning != "/" and self.path.startswith(f"{beginning}/")))
        ]
        return NEEDS[self.method, max(fits, key=len)] if fits else None

    def example(self) -> str:
        """An address that fits, of something that is not there."""
        return re.sub(r"\{[^}]*\}", "1", self.path)

    def lets_in(self, role: AccountRole) -> bool:
        match self.needs:
            case Ability() as ability:
                return may(role, ability)
            case tuple() as abilities:
                return any(may(role, ability) for ability in abilities)
            case For.SYSTEMS:
                return False
            case _:
                return True


def addresses(app: FastAPI) -> list[Address]:
    routes = iter_route_contexts(app.routes)
    return [Address(method, route.path or "") for route in routes for method in sorted(route.methods or ())]


@dataclass(frozen=True)
class Person:
    """Somebody of a role in a browser of their own, signed in anew for every address: some of them sign out."""

    browser: httpx.Client
    database: Database
    desk: Desk
    role: AccountRole

    def asks(self, address: Address) -> tuple[int, str]:
        fresh = self.desk.sessions.begin()

        def sign_in(session: Session) -> None:
            row = session.scalars(select(Account).where(Account.name == self.role.value)).one()
            sessions_store.begin(session, signed_in(row), fresh, self.desk.door.rules, now())

        self.database.do(sign_in)
        cookie = {"Cookie": f"{COOKIE}={self.desk.sessions.cookie(fresh)}"}
        form = {"token": self.desk.sessions.token(fresh)} if address.method == "POST" else None
        with self.browser.stream(address.method, address.example(), headers=cookie, data=form) as answer:
            # A live stream never ends, and it is one only for who was let in.
            is_stream = answer.headers.get("content-type", "").startswith("text/event-stream")
            return answer.status_code, "" if is_stream else answer.read().decode(errors="replace")


@pytest.fixture
def app(database: Database, line: FakeLine, tmp_path: Path) -> FastAPI:
    a_rota(database)
    an_escalation(database)
    with database.transaction() as session:
        for role in AccountRole:
            add_account(session, SITE, name=role.value, password=None, role=role)
    here = NoticesHere(tmp_path / "prompts")
    return create_app(
        database,
        line=line,
        secret=SECRET,
        site=SITE,
        scheme=SCHEME,
        apart_key=b"k" * 32,
        profiles_here=here,
        set_up_here=a_set_up(tmp_path, database, here),
    )


def is_refused(status: int, text: str) -> bool:
    return status == 403 and "that is for " in text


def test_every_address_says_for_whom_it_is(app: FastAPI) -> None:
    """A new one: say in ``NEEDS`` what it needs, and in the route itself ``needs(Ability…)``."""
    assert [str(address) for address in addresses(app) if address.needs is None] == []


def test_every_line_of_this_table_is_of_an_address(app: FastAPI) -> None:
    there = {(address.method, address.path) for address in addresses(app)}

    unused = [
        (method, beginning)
        for method, beginning in NEEDS
        if not any(method == one and (path == beginning or path.startswith(f"{beginning}/")) for one, path in there)
    ]
    assert unused == []


@pytest.mark.parametrize("role", AccountRole)
def test_a_role_gets_in_where_the_table_says_and_nowhere_else(
    role: AccountRole, app: FastAPI, address: str, database: Database
) -> None:
    with httpx.Client(base_url=address, timeout=20) as browser:
        person = Person(browser, database, app.state.desk, role)
        answers = {one: person.asks(one) for one in addresses(app)}

    of_pages = {one: answer for one, answer in answers.items() if one.needs is not For.SYSTEMS}
    assert {str(one): status for one, (status, _) in answers.items() if status >= 500} == {}
    assert {str(one) for one, answer in of_pages.items() if is_refused(*answer) is one.lets_in(role)} == set()


@pytest.mark.parametrize("role", AccountRole)
def test_no_session_opens_the_api_for_other_systems(
    role: AccountRole, app: FastAPI, address: str, database: Database
) -> None:
    with httpx.Client(base_url=address, timeout=60) as browser:
        person = Person(browser, database, app.state.desk, role)
        answers = {str(one): person.asks(one)[0] for one in addresses(app) if one.needs is For.SYSTEMS}

    assert answers
    assert set(answers.values()) == {401}


def test_without_a_sign_in_there_is_only_the_way_in(app: FastAPI, address: str) -> None:
    with httpx.Client(base_url=address, timeout=60) as browser:
        answers = {
            one: browser.request(one.method, one.example())
            for one in addresses(app)
            if one.needs not in {For.ANYBODY, For.SYSTEMS}
        }

    inside = [
        str(one)
        for one, answer in answers.items()
        if not (answer.status_code in {401, 403} or answer.headers.get("location") == "/sign-in")
    ]
    assert inside == []


@pytest.mark.parametrize("scope", Scope)
def test_a_token_opens_no_page(scope: Scope, app: FastAPI, address: str, database: Database) -> None:
    token = database.do(lambda session: make_token(session, SITE, "other", scope, By("root", now())))
    not_pages = {For.ANYBODY, For.SYSTEMS, For.EITHER}
    pages = [one for one in addresses(app) if one.method == "GET" and one.needs not in not_pages]
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60) as browser:
        answers = {str(one): browser.get(one.example()).status_code for one in pages}

    assert set(answers.values()) <= {303, 401}


@pytest.mark.parametrize("scope", Scope)
def test_a_token_opens_its_own_part_of_the_api_and_no_other(
    scope: Scope, app: FastAPI, address: str, database: Database
) -> None:
    token = database.do(lambda session: make_token(session, SITE, "other", scope, By("root", now())))
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60) as browser:
        answers = {
            one: browser.request(
                one.method, one.path, json=NOTHING_TO_TELL.get(one.path, []) if one.method == "POST" else None
            ).status_code
            for one in addresses(app)
            if one.needs is For.SYSTEMS
        }

    assert {one.path for one in answers} == set(SCOPES)
    opened = {one.path for one, status in answers.items() if status != 403}
    assert opened == {path for path, its in SCOPES.items() if its is scope}
    # 404: no figures are published in this prison.
    assert {status for one, status in answers.items() if one.path in opened} <= {200, 404}


# ---- the table itself


def test_every_ability_is_somebodys() -> None:
    assert set(WHO_MAY) == set(Ability)
    assert all(WHO_MAY.values())


def test_nobody_has_what_issue_6_keeps_from_them() -> None:
    """Coordinators: no escalation. Staff: no Listener. Technicians: no people. Governors and boards: no calls."""
    of = {role: {ability for ability in Ability if may(role, ability)} for role in AccountRole}
    people = {
        Ability.SEE_LISTENERS,
        Ability.SEE_WELFARE,
        Ability.EDIT_ROTA,
        Ability.RECORD_MOVEMENTS,
        Ability.HOLD_DEBRIEFS,
    }

    assert Ability.ANSWER_ESCALATIONS not in of[AccountRole.COORDINATOR]
    assert not of[AccountRole.STAFF] & people
    assert of[AccountRole.TECHNICIAN] == {Ability.SEE_HEALTH, Ability.SET_UP, Ability.SEE_KEPT}
    for role in (AccountRole.GOVERNOR, AccountRole.MONITORING_BOARD, AccountRole.SCHEME_PARTNER):
        assert not of[role] & {Ability.SEE_BOARD, Ability.ANSWER_ESCALATIONS}
    assert Ability.SIGN_AS_PARTNER not in of[AccountRole.GOVERNOR]
    assert Ability.SIGN_AS_GOVERNOR not in of[AccountRole.SCHEME_PARTNER]


@pytest.mark.parametrize("role", AccountRole)
def test_the_top_of_the_page_leads_to_what_a_role_may_open_and_nowhere_else(role: AccountRole, app: FastAPI) -> None:
    needs = {one.path: one for one in addresses(app) if one.method == "GET"}
    shown = [page.path for page in pages_of(role, "/account")]

    assert shown == [path for path, _, ability in PAGES if may(role, ability)]
    for path in shown:
        assert needs[path].lets_in(role)
    assert needs[first_page_of(role)].lets_in(role)


def test_the_page_that_somebody_is_on_is_marked_and_no_other() -> None:
    def current(path: str) -> list[str]:
        return [page.label for page in pages_of(AccountRole.COORDINATOR, path) if page.current]

    assert current("/") == ["Board"]
    assert current("/rota/drafts/rota-1") == ["Rota"]
    assert current("/rotation") == []


def test_a_refusal_says_for_whom_it_is() -> None:
    assert for_whom(Ability.ANSWER_ESCALATIONS) == "that is for duty staff"
    assert for_whom(Ability.START_DRILL) == "that is for duty staff and coordinators"
