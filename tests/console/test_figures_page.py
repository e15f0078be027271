"""The page of figures, its CSV files and the API, behind a console."""

import csv
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from shutil import copy

import figures_year
import httpx
import pytest
from evening import PASSWORD_ALONE, PHRASE, SITE, FakeLine, sign_in
from fastapi import FastAPI
from figures_on_console import TWELVE, a_published_quarter
from served import served
from sqlalchemy import select
from sqlalchemy.orm import Session

from console.api_tokens import Scope, make_token
from console.app import create_app
from console.figures.periods import Period
from models.clock import now
from models.database import Database
from models.tables import Account, PublishedFigure
from models.words import AccountRole
from rota.site_rota import By

FOUR = TWELVE.cut(4)[-1]
WEEK = TWELVE.cut(1)[-1]
TABLES = ("measures", "weeks", "hours", "slots", "needed", "wings")


@pytest.fixture(scope="module")
def quarter(prison: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = Path(copy(prison, tmp_path_factory.mktemp("quarter")))
    opened = Database(f"sqlite:///{file}")
    a_published_quarter(opened)
    opened.close()
    return file


@pytest.fixture
def database(quarter: Path, tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{copy(quarter, tmp_path)}")
    yield opened
    opened.close()


@pytest.fixture
def sam(browser: httpx.Client) -> httpx.Client:
    sign_in(browser, "sam")
    return browser


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"))))


# ---- who may


@pytest.mark.parametrize("role", AccountRole)
def test_coordinators_and_the_schemes_partner_see_figures_and_nobody_else(
    role: AccountRole, browser: httpx.Client, database: Database
) -> None:
    with database.transaction() as session:
        session.scalars(select(Account).where(Account.name == "sam")).one().role = role.value
    sign_in(browser, "sam", PHRASE)
    allowed = role in {AccountRole.COORDINATOR, AccountRole.SCHEME_PARTNER}

    page, file = browser.get("/figures"), browser.get("/figures/measures.csv")

    assert (page.status_code, file.status_code) == ((200, 200) if allowed else (403, 403))
    assert ("Abandonment" in page.text) is allowed
    assert ("that is for coordinators and the scheme partner" in page.text) is not allowed


# ---- the page


def test_the_page_begins_with_the_last_four_weeks_and_has_every_table(sam: httpx.Client) -> None:
    page = sam.get("/figures").text

    assert f'<option value="{FOUR}" selected>' in page
    for name in TABLES:
        assert f'id="{name}-heading"' in page
        assert f"/figures/{name}.csv?period={FOUR}&amp;within=30&amp;share=80" in page
    assert page.count("<svg class=") == 4
    assert "A call does not know its caller, so it has no wing." in page


def test_a_week_says_what_it_has_too_few_calls_for(sam: httpx.Client) -> None:
    page = sam.get("/figures", params={"period": str(WEEK)}).text

    assert "Choose 4 or 12 weeks for these" in page
    assert 'id="slots-heading"' not in page
    assert 'id="weeks-heading"' in page


def test_seconds_and_share_are_the_readers_choice(sam: httpx.Client) -> None:
    page = sam.get("/figures", params={"period": str(TWELVE), "within": 60, "share": 95}).text

    assert "So that 95 % of calls are answered within 60 s" in page
    assert '<option value="60" selected>' in page


@pytest.mark.parametrize(
    ("params", "advice"),
    [
        ({"period": "2026-01-27.4"}, "choose a period from the list"),
        ({"period": str(Period(TWELVE.first - timedelta(weeks=12), 12))}, "choose a period from the list"),
        ({"within": 31}, "Choose one of 20, 30, 60, 120 seconds"),
        ({"share": 100}, "Choose a share from 50 to 99 %"),
    ],
)
def test_a_wrong_choice_is_answered_with_what_to_do_and_figures(
    sam: httpx.Client, params: dict[str, str | int], advice: str
) -> None:
    answer = sam.get("/figures", params=params)

    assert answer.status_code == 400
    assert "<title>Error: Figures" in answer.text
    assert advice in answer.text
    assert "Abandonment" in answer.text


def test_what_was_chosen_well_stays_beside_a_wrong_choice(sam: httpx.Client) -> None:
    wrong_share = sam.get("/figures", params={"period": str(TWELVE), "share": 10}).text
    wrong_period = sam.get("/figures", params={"period": "never", "within": 60}).text

    assert f'<option value="{TWELVE}" selected>' in wrong_share
    assert '<option value="60" selected>' in wrong_period


def test_before_the_first_week_is_over_there_is_a_page_that_says_so(sam: httpx.Client, database: Database) -> None:
    with database.transaction() as session:
        session.query(PublishedFigure).delete()

    page = sam.get("/figures")

    assert page.status_code == 200
    assert "There are no figures yet." in page.text


def test_nothing_inline_and_nobody_is_on_the_page(sam: httpx.Client) -> None:
    page = sam.get("/figures", params={"period": str(TWELVE)}).text

    assert "<style" not in page
    assert " style=" not in page
    assert not [name for name in figures_year.NAMES if name in page]


# ---- files and API


@pytest.mark.parametrize("table", TABLES)
def test_a_table_as_a_file_is_the_table_of_the_page(table: str, sam: httpx.Client) -> None:
    page = sam.get("/figures", params={"period": str(TWELVE)}).text
    answer = sam.get(f"/figures/{table}.csv", params={"period": str(TWELVE)})
    rows = rows_of(answer.text)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="wingline-{table}-{TWELVE}.csv"'
    assert {len(row) for row in rows} == {len(rows[0])}
    assert all(f">{cell}<" in page for row in rows for cell in row if cell)


@pytest.mark.parametrize("path", ["/figures/nothing.csv", f"/figures/hours.csv?period={WEEK}"])
def test_a_table_that_is_not_there_says_where_to_choose_one(path: str, sam: httpx.Client) -> None:
    answer = sam.get(path)

    assert answer.status_code == 403
    assert "choose one on the page of figures" in answer.text


def a_token(database: Database, scope: Scope) -> dict[str, str]:
    secret = database.do(lambda session: make_token(session, SITE, scope.value, scope, By("root", now())))
    return {"Authorization": f"Bearer {secret}"}


def test_the_api_tells_the_tables_of_the_page(browser: httpx.Client, sam: httpx.Client, database: Database) -> None:
    told = browser.get(
        "/api/v1/figures", params={"period": str(TWELVE)}, headers=a_token(database, Scope.FIGURES)
    ).json()
    file = sam.get("/figures/measures.csv", params={"period": str(TWELVE)}).text

    assert (told["period"], told["hidden"]) == (str(TWELVE), "[c]")
    assert set(told["periods"]) >= {str(TWELVE), str(FOUR), str(WEEK)}
    assert [one["name"] for one in told["tables"]] == list(TABLES)
    assert [told["tables"][0]["headings"], *told["tables"][0]["rows"]] == rows_of(file)


@pytest.mark.parametrize(
    ("params", "status"),
    [({}, 200), ({"period": "x"}, 422), ({"within": "1"}, 422), ({"within": "soon"}, 422), ({"share": "101"}, 422)],
)
def test_the_api_says_what_is_wrong(
    params: dict[str, str], status: int, browser: httpx.Client, database: Database
) -> None:
    answer = browser.get("/api/v1/figures", params=params, headers=a_token(database, Scope.FIGURES))

    assert answer.status_code == status


def test_another_scope_opens_no_figures(browser: httpx.Client, database: Database) -> None:
    answer = browser.get("/api/v1/figures", headers=a_token(database, Scope.MOVEMENTS))

    assert answer.status_code == 403
    assert "make one with the scope figures" in answer.json()["error"]


# ---- a year


def a_year(session: Session) -> None:
    """Four times the quarter, as published; and the calls of a year, as if none had been forgotten yet."""
    rows = list(session.scalars(select(PublishedFigure)))
    for back in (1, 2, 3):
        for row in rows:
            first, weeks = row.period.split(".")
            earlier = replace(Period(TWELVE.first, int(weeks)), first=_back(first, back))
            session.add(
                PublishedFigure(
                    site_id=row.site_id, period=str(earlier), figure=row.figure, part=row.part, kind=row.kind,
                    value=row.value,
                )
            )  # fmt: skip
    session.flush()
    figures_year.days_of_calls(session, TWELVE.first - timedelta(weeks=40), 280)


def _back(first: str, quarters: int) -> date:
    return date.fromisoformat(first) - timedelta(weeks=12 * quarters)


def test_with_a_year_of_data_the_page_takes_less_than_a_second(database: Database, line: FakeLine) -> None:
    database.do(a_year)
    app: FastAPI = create_app(database, line=line, secret="s" * 40, site=SITE, rules=PASSWORD_ALONE)
    took: list[float] = []
    with served(app) as address, httpx.Client(base_url=address, timeout=20) as browser:
        sign_in(browser, "sam")
        for period in (TWELVE, FOUR, WEEK):
            begun = time.perf_counter()
            assert browser.get("/figures", params={"period": str(period)}).status_code == 200
            took.append(time.perf_counter() - begun)

    assert min(took) < 1
    assert sum(took) / len(took) < 1
