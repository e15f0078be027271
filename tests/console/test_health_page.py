"""The page of health over HTTP: for technicians, with everything about machines and nothing about people."""

from datetime import timedelta

import httpx
import pytest
from evening import CODE_NAMES, PHRASE, SITE, FakeLine, a_busy_evening, sign_in
from watching import machinery

from console.accounts import add_account
from console.health.shown import FAULTS
from console.ports import HearingNow
from escalation.messages import Fault
from models.audit import note
from models.backups import BACKED_UP
from models.clock import now
from models.database import Database
from models.tables import Node
from models.words import AccountRole

TECHNICIAN = AccountRole.TECHNICIAN.value


@pytest.fixture(autouse=True)
def technician(database: Database) -> None:
    with database.transaction() as session:
        add_account(session, SITE, name=TECHNICIAN, password=PHRASE, role=AccountRole.TECHNICIAN)


def page_of(browser: httpx.Client) -> str:
    sign_in(browser, TECHNICIAN)
    answer = browser.get("/health")
    assert answer.status_code == 200
    return answer.text


def row_of(page: str, first: str) -> str:
    return page.split(f">{first}</")[1].split("</tr>", maxsplit=1)[0].split("</div>", maxsplit=1)[0]


def backed_up(database: Database, line: FakeLine, ago: timedelta) -> None:
    line.backup_warn_after = timedelta(hours=26)
    database.do(lambda session: note(session, "root", BACKED_UP, None, now() - ago))


def test_a_line_that_is_well_says_so_and_has_good_empty_states(
    browser: httpx.Client, database: Database, line: FakeLine
) -> None:
    line.hears = HearingNow(listening=True, since=now() - timedelta(days=2))
    backed_up(database, line, timedelta(hours=25))
    page = page_of(browser)

    assert "Nothing needs a look." in page
    assert "Listens, since" in row_of(page, "Speech")
    assert "Up" in row_of(page, "Link to Asterisk")
    assert "1 of 1" in row_of(page, "Phones registered")
    assert "SQLite" in row_of(page, "Database")
    assert "0.1.0" in row_of(page, "Version of Wingline")
    assert "None yet" in row_of(page, "Last head of the audit")
    for empty in ("The line has made none", "There has been no drill", "None is waiting", "No node has run"):
        assert empty in page


def test_what_is_broken_is_named_with_what_to_do(browser: httpx.Client, database: Database, line: FakeLine) -> None:
    machinery(database, line)
    line.hears = HearingNow(listening=False, since=now())
    backed_up(database, line, timedelta(hours=1))
    page = page_of(browser)

    assert "6 things need a look." in page
    assert "The phone of Healthcare is not registered (phone-nurse)" in page
    assert "One phone of a cell or a Listener is not registered" in page
    assert "The last nightly call was broken at this link: the machine hears a dangerous sentence" in page
    assert "Does not listen, since" in row_of(page, "Speech")
    assert "Not registered" in row_of(page, "phone-of-a-cell")
    assert "Registered" in row_of(page, "phone-control")
    assert "Stopped" in row_of(page, "line-2")
    assert "Lives" in row_of(page, "line-1")
    assert "Node line-2 has stopped" in page
    assert "yesterday" in row_of(page, "Last head of the audit")


def test_a_backup_that_is_missing_or_old_needs_a_look(
    browser: httpx.Client, database: Database, line: FakeLine
) -> None:
    assert "Nothing is backed up: the site file names nobody" in page_of(browser)

    line.backup_warn_after = timedelta(hours=26)
    assert "There has been no backup." in browser.get("/health").text
    backed_up(database, line, timedelta(hours=27))
    page = browser.get("/health").text
    assert "The last backup is old." in page
    assert "None" not in row_of(page, "Last backup")


def test_messages_are_counted_by_contact_and_fault_and_few_are_not_told(
    browser: httpx.Client, database: Database, line: FakeLine
) -> None:
    machinery(database, line)
    page = page_of(browser)

    assert FAULTS[Fault.NOT_REACHED] in row_of(page, "ward-mail")
    assert ">6<" in row_of(page, "ward-mail")
    assert FAULTS[Fault.WRONG_SECRET] in row_of(page, "safer-custody")
    assert "fewer than 5" in row_of(page, "safer-custody")


def test_without_asterisk_no_phone_is_said_to_be_registered(browser: httpx.Client, line: FakeLine) -> None:
    line.asterisk_up = False
    page = page_of(browser)

    assert "There is no link to Asterisk" in page
    assert "Not known" in row_of(page, "Phones registered")
    assert "Not known" in row_of(page, "phone-nurse")


def test_nobody_is_on_it(browser: httpx.Client, database: Database, line: FakeLine) -> None:
    """No cell, no caller, no Listener, no account, no escalation; nor when the drill's officer asked."""
    a_busy_evening(database)
    machinery(database, line)
    page = page_of(browser).split('<main id="main"')[1].split("</main>")[0]

    secrets = ("B-2-014", "cell-b14", "A1234BC", "Robin", "Officer Quill", "escalation-told", "msg-", "suicide", "sam")
    assert [one for one in (*secrets, *CODE_NAMES) if one in page] == []


def test_an_old_head_is_said(browser: httpx.Client, database: Database, line: FakeLine) -> None:
    machinery(database, line)
    assert line.heads.newest
    assert "last head is old" not in page_of(browser)

    old = line.heads.newest
    line.heads.newest = type(old)(old.day - timedelta(days=3), old.last, old.hash, old.signed_at)
    page = browser.get("/health").text
    assert "The audit&#39;s last head is old" in page
    assert "4 days ago" in page


def test_a_node_that_beats_again_needs_no_look(browser: httpx.Client, database: Database, line: FakeLine) -> None:
    backed_up(database, line, timedelta(hours=1))
    with database.transaction() as session:
        session.add(Node(id="line-1", seen_at=now() + timedelta(minutes=5)))

    assert "Nothing needs a look." in page_of(browser)


@pytest.mark.parametrize("name", ["nurse", "sam"])
def test_others_are_told_that_it_is_for_technicians(browser: httpx.Client, name: str) -> None:
    sign_in(browser, name)
    answer = browser.get("/health")

    assert answer.status_code == 403
    assert "that is for technicians" in answer.text


def test_it_is_the_first_page_of_a_technician(browser: httpx.Client) -> None:
    sign_in(browser, TECHNICIAN)

    assert browser.get("/").headers["location"] == "/health"
