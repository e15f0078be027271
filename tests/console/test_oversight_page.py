"""The page of oversight and what is kept, over HTTP: for whom, with which numbers, and what the check says."""

import csv
from io import StringIO

import httpx
import pytest
from evening import PHRASE, SITE, FakeLine, sign_in, token_in
from sqlalchemy import text
from watching import a_counted_quarter, a_head

from console import complaints
from console.accounts import add_account
from console.language import WELSH
from console.language_asked import COOKIE as LANGUAGE
from console.oversight import wording
from console.ports import HeadsHeld
from escalation.oversight import HIDDEN
from models import audit
from models.clock import now
from models.database import Database
from models.kept import Person, kept_about
from models.words import AccountRole

OVERSEERS = (AccountRole.MONITORING_BOARD, AccountRole.SCHEME_PARTNER, AccountRole.GOVERNOR)
BOARD = AccountRole.MONITORING_BOARD
CHECK = "Check the audit now"


@pytest.fixture(autouse=True)
def people(database: Database) -> None:
    with database.transaction() as session:
        for role in (*OVERSEERS, AccountRole.TECHNICIAN):
            add_account(session, SITE, name=role.value, password=PHRASE, role=role)


def check(browser: httpx.Client) -> httpx.Response:
    return browser.post("/oversight/audit", data={"token": token_in(browser.get("/oversight").text)})


@pytest.mark.parametrize("role", OVERSEERS)
def test_who_watches_over_the_line_sees_a_report_in_which_small_numbers_are_hidden(
    browser: httpx.Client, database: Database, role: AccountRole
) -> None:
    quarter = a_counted_quarter(database)
    sign_in(browser, role.value)
    page = browser.get("/oversight", params={"quarter": str(quarter)}).text

    assert f"Report of {quarter}" in page
    few = page.split(f">{quarter.months[2]}</td>")[1].split("</tr>")[0]
    assert HIDDEN in few
    assert ">3<" not in few
    assert complaints.TITLE in page


def test_a_table_and_the_whole_report_are_files(browser: httpx.Client, database: Database) -> None:
    quarter = a_counted_quarter(database)
    sign_in(browser, BOARD.value)
    table, whole = browser.get(f"/oversight/{quarter}/calls.csv"), browser.get(f"/oversight/{quarter}.pdf")

    rows = list(csv.reader(StringIO(table.text.removeprefix("\ufeff"))))
    assert rows[0][0] == "Month"
    assert [row[0] for row in rows[1:4]] == list(quarter.months)
    assert HIDDEN in rows[3]
    assert f'filename="wingline-oversight-{quarter}-calls.csv"' in table.headers["content-disposition"]
    assert whole.headers["content-type"] == "application/pdf"
    assert whole.content.startswith(b"%PDF-")
    assert f'href="/oversight/{quarter}.pdf"' in browser.get("/oversight", params={"quarter": str(quarter)}).text


def test_the_files_are_in_the_language_of_the_page_under_names_that_stay(
    browser: httpx.Client, database: Database
) -> None:
    quarter = a_counted_quarter(database)
    sign_in(browser, BOARD.value)
    english = browser.get(f"/oversight/{quarter}/calls.csv")
    browser.cookies.set(LANGUAGE, WELSH)
    welsh, whole = browser.get(f"/oversight/{quarter}/calls.csv"), browser.get(f"/oversight/{quarter}.pdf")

    rows, same = ([*csv.reader(StringIO(one.text.removeprefix("\ufeff")))] for one in (welsh, english))
    assert rows[0][0] == "Mis"
    assert rows[1:4] == same[1:4]
    assert welsh.headers["content-disposition"] == english.headers["content-disposition"]
    assert b"/Lang (cy-GB)" in whole.content


def test_no_report_yet_is_said_and_so_is_a_quarter_that_cannot_be_reported(
    browser: httpx.Client, database: Database
) -> None:
    sign_in(browser, BOARD.value)
    assert wording.NO_QUARTER in browser.get("/oversight").text

    quarter = a_counted_quarter(database)
    for asked in ("autumn", f"{now().year}-Q4", str(quarter.before)):
        answer = browser.get("/oversight", params={"quarter": asked})
        assert answer.status_code == 400
        assert "There is a problem" in answer.text
        assert "Report of " in answer.text
        assert f'<option value="{quarter}"' in answer.text
    assert browser.get(f"/oversight/{quarter.before}/calls.csv").status_code == 403
    assert browser.get(f"/oversight/{quarter}/people.csv").status_code == 403


def test_the_board_checks_the_audit_and_hears_that_nothing_is_wrong(
    browser: httpx.Client, database: Database, line: FakeLine
) -> None:
    line.heads.newest, line.heads.held = a_head(), HeadsHeld(30, ())
    database.do(lambda session: audit.note(session, "nurse", "acknowledged", "esc-1", now()))
    sign_in(browser, BOARD.value)
    page = browser.get("/oversight").text
    answer = check(browser)

    assert "f0" * 32 in page
    assert ">212<" in page
    assert answer.status_code == 200
    assert "Nothing is wrong with the audit." in answer.text
    assert "held against 30 heads" in answer.text


def test_an_entry_that_was_changed_is_found_and_so_is_what_the_heads_say(
    browser: httpx.Client, database: Database, line: FakeLine
) -> None:
    line.heads.held = HeadsHeld(1, ("there is no head of 2026-11-01",))
    for about in ("esc-1", "esc-2"):
        database.do(lambda session, about=about: audit.note(session, "nurse", "acknowledged", about, now()))
    with database.transaction() as session:
        session.execute(text("UPDATE acts SET who = 'nobody' WHERE about = 'esc-1'"))
        number = session.scalar(text("SELECT id FROM acts WHERE about = 'esc-1'"))
    sign_in(browser, BOARD.value)
    answer = check(browser).text

    assert "Something is wrong with the audit." in answer
    assert f"Entry {number} was changed." in answer
    assert "There is no head of 2026-11-01." in answer
    assert wording.WHEN_WRONG in answer


def test_without_a_head_the_check_says_what_it_cannot_see(browser: httpx.Client) -> None:
    sign_in(browser, BOARD.value)

    assert wording.WITHOUT_A_HEAD in check(browser).text


@pytest.mark.parametrize("role", [AccountRole.SCHEME_PARTNER, AccountRole.GOVERNOR])
def test_only_the_board_checks_the_audit(browser: httpx.Client, role: AccountRole) -> None:
    sign_in(browser, role.value)

    assert CHECK not in browser.get("/oversight").text
    answer = browser.post("/oversight/audit", data={"token": token_in(browser.get("/oversight").text)})
    assert answer.status_code == 403
    assert "that is for the monitoring board" in answer.text


def test_a_form_without_our_token_checks_nothing(browser: httpx.Client) -> None:
    sign_in(browser, BOARD.value)

    assert browser.post("/oversight/audit", data={"token": "forged"}).status_code == 403


@pytest.mark.parametrize("name", ["nurse", "sam", AccountRole.TECHNICIAN.value])
def test_others_are_told_for_whom_it_is(browser: httpx.Client, database: Database, name: str) -> None:
    quarter = a_counted_quarter(database)
    sign_in(browser, name)

    for path in ("/oversight", f"/oversight/{quarter}.pdf", f"/oversight/{quarter}/calls.csv"):
        answer = browser.get(path)
        assert answer.status_code == 403
        assert "that is for the governor, the scheme partner and the monitoring board" in answer.text
    assert 'href="/oversight"' not in browser.get("/account").text


# ---- what is kept


@pytest.mark.parametrize("name", ["nurse", "sam", AccountRole.TECHNICIAN.value, BOARD.value])
def test_everybody_who_is_signed_in_can_print_what_is_kept_about_whom(browser: httpx.Client, name: str) -> None:
    sign_in(browser, name)
    page = browser.get("/kept").text

    for person in Person:
        assert f'id="{person.value}-heading"' in page
    assert complaints.WHERE in page
    assert 'href="/kept"' in browser.get("/account").text


def test_one_of_them_can_be_printed_alone(browser: httpx.Client) -> None:
    sign_in(browser)
    page = browser.get("/kept", params={"for": "caller"}).text

    assert kept_about(Person.CALLER)[0].what in page
    assert 'id="listener-heading"' not in page
    assert browser.get("/kept", params={"for": "judge"}).status_code == 422


def test_nobody_reads_it_without_signing_in(browser: httpx.Client) -> None:
    assert browser.get("/kept").headers["location"] == "/sign-in"
