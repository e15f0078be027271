"""Taking a file of Listeners on the console: a look first, errors row by row, and then what was looked at."""

import re
from datetime import datetime, timedelta
from html import unescape

import httpx
import pytest
from evening import SITE, a_busy_evening
from listeners_on_console import a_scheme, as_, listener, text_of
from rota_on_console import acts
from sqlalchemy import func, select

from listeners.csv_file import MOST_BYTES
from listeners.journey_store import history_of
from models import tables
from models.clock import now
from models.database import Database
from models.words import ListenerId, SiteId

HEADER = "code_name,cell,languages,standing,certified_from,certified_until,experienced,tags,why\n"
# Their certificate counts on whatever day these tests run.
SINCE, UNTIL = (now() + timedelta(days=days) for days in (-100, 265))
GOSHAWK = f"Goshawk,B-1-002,en cy,certified,{SINCE:%Y-%m-%d},{UNTIL:%Y-%m-%d},yes,veteran,\n"


@pytest.fixture
def sam(browser: httpx.Client, database: Database) -> httpx.Client:
    a_scheme(database)
    return as_(browser, "sam")


def uploads(browser: httpx.Client, content: bytes | str) -> httpx.Response:
    raw = content.encode() if isinstance(content, str) else content
    files = {"file": ("listeners.csv", raw, "text/csv")}
    return browser.post("/listeners/import", data={"token": token_of(browser)}, files=files)


def sends(browser: httpx.Client, path: str, text: str) -> httpx.Response:
    """As the pages do it: in parts, in which nothing grows."""
    return browser.post(path, files={"token": (None, token_of(browser)), "text": (None, text)})


def token_of(browser: httpx.Client) -> str:
    return browser.get("/listeners/import").text.split('name="token" value="')[1].split('"', maxsplit=1)[0]


def in_textarea(page: httpx.Response, name: str = 'id="text"') -> str:
    return page.text.split(f'<textarea class="govuk-textarea" {name}')[1].split(">\n", 1)[1].split("</textarea>")[0]


def to_confirm(page: httpx.Response) -> str:
    return unescape(re.findall(r'type="hidden" name="text" value="([^"]*)"', page.text)[0])


def day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def everybody(database: Database) -> list[tuple[str, str, str | None]]:
    with database.transaction() as session:
        rows = session.scalars(select(tables.Listener).order_by(tables.Listener.code_name))
        return [(row.code_name, row.standing, row.phone_id) for row in rows]


def test_a_file_is_looked_at_first_and_taken_when_it_is_confirmed(sam: httpx.Client, database: Database) -> None:
    before = everybody(database)
    file = f"{HEADER}{GOSHAWK}Avocet,B-1-003,en fr,cleared,,,no,,\n"
    looked = uploads(sam, file)

    said = text_of(looked.text)
    assert looked.status_code == 200
    assert "Nothing is changed yet. 2 rows change something." in said
    certificate = f"Certificate: {day(SINCE)} to {day(UNTIL)}"
    assert f"2 Goshawk New Standing: Certified {certificate} Cell: B-1-002" in said
    assert "3 Avocet Standing: Applied becomes Security cleared Cell: B-1-003" in said
    assert "Languages: en becomes en fr" in said
    assert "veteran" not in said.split("Correct the rows")[0]
    assert everybody(database) == before
    assert acts(database) == []

    taken = sends(sam, "/listeners/import/confirm", to_confirm(looked))
    assert taken.status_code == 200
    assert "Done. 1 new, 1 changed, 0 as they were. Phones have changed hands" in text_of(taken.text)
    assert ("Goshawk", "certified", "phone-B2") in everybody(database)
    assert listener(database, "Avocet").standing == "cleared"
    assert acts(database) == [("sam", "listeners_imported")]
    with database.transaction() as session:
        (change,) = history_of(session, SiteId(SITE))[ListenerId(f"{SITE}-goshawk")]
    assert change.who == "sam"


def test_wrong_rows_are_named_cell_by_cell_kept_on_the_page_and_taken_when_they_are_right(
    sam: httpx.Client, database: Database
) -> None:
    looked = uploads(
        sam, f"{HEADER}{GOSHAWK}Hobby,B-9-999,english,applied,,,perhaps,,\nA1234BC,B-1-003,en,applied,,,no,,\n"
    )

    said = text_of(looked.text)
    assert looked.status_code == 422
    assert "2 rows are wrong" in said
    assert "3 cell there is no such cell at this site" in said
    assert "3 languages write codes such as en cy" in said
    assert "3 experienced write yes or no" in said
    assert "4 code_name a prison number does not belong in here" in said
    assert "<title>Error: Take in Listeners" in looked.text
    assert "Take 1 right row" in said

    taken = sends(sam, "/listeners/import/confirm", to_confirm(looked))
    assert taken.status_code == 422
    assert "1 new, 0 changed" in text_of(taken.text)
    assert "2 rows are wrong The right rows are taken. Correct what is left below." in text_of(taken.text)
    left = in_textarea(taken)
    assert "Goshawk" not in left
    assert left.count("\n") == 3

    corrected = left.replace("B-9-999", "B-1-003").replace("english", "en").replace("perhaps", "no")
    again = sends(sam, "/listeners/import", corrected.replace("A1234BC,B-1-003", "Ibis,A-1-001"))
    assert again.status_code == 422
    assert "Hobby New" in text_of(again.text)
    assert "4 cell" not in text_of(again.text)
    assert "3 cell there is no such cell" in text_of(again.text)
    done = sends(sam, "/listeners/import/confirm", to_confirm(again))
    assert "1 new" in done.text
    assert {"Goshawk", "Hobby"} <= {name for name, *_ in everybody(database)}


def test_a_look_says_which_shifts_would_be_taken_and_takes_none(sam: httpx.Client, database: Database) -> None:
    a_busy_evening(database)
    looked = uploads(sam, f"{HEADER}Merlin,,en,left,,,no,,released\n")

    assert "Standing: Certified becomes Left" in text_of(looked.text)
    assert "2 shifts are taken from them" in text_of(looked.text)
    with database.transaction() as session:
        mine = tables.Shift.listener_id == "listener-Merlin"
        assert session.scalar(select(func.count()).select_from(tables.Shift).where(mine)) == 2


def test_a_change_of_tags_is_said_and_not_which(sam: httpx.Client) -> None:
    row = f"Kestrel,B-1-001,en,certified,{SINCE:%Y-%m-%d},{UNTIL:%Y-%m-%d},no,parent,\n"
    looked = uploads(sam, HEADER + row)

    shown = text_of(looked.text.split("<main")[1].split("Correct the rows")[0])
    assert "What they are willing to be matched on: changed; never shown" in shown
    assert "parent" not in shown
    assert "lifer" not in looked.text


def test_a_file_that_is_known_changes_nothing(sam: httpx.Client, database: Database) -> None:
    sends(sam, "/listeners/import/confirm", HEADER + GOSHAWK)
    looked = uploads(sam, HEADER + GOSHAWK)
    again = sends(sam, "/listeners/import/confirm", HEADER + GOSHAWK)

    assert "No right row changes anything: all of that is known already." in looked.text
    assert "0 new, 0 changed, 1 as they were." in again.text
    assert len(acts(database)) == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "Choose a file first."),
        (b"name,what\n", "its first row must name the columns"),
        (f"surname,{HEADER}".encode(), "for a person's name or number; take it out"),
        (b"\xff\xfe\x00", "it is not UTF-8"),
        (f'{HEADER}"Kestrel,court\n'.encode(), "a quotation mark that is not closed"),
        (b"x" * (MOST_BYTES + 1), "it is larger than 1000 kB"),
    ],
    ids=["empty", "no columns", "a surname", "not UTF-8", "not CSV", "too large"],
)
def test_what_is_no_file_of_listeners_is_refused(
    sam: httpx.Client, database: Database, content: bytes, complaint: str
) -> None:
    before = everybody(database)
    page = uploads(sam, content)

    assert page.status_code == 422
    assert complaint in text_of(page.text).replace("&#39;", "'")
    assert everybody(database) == before


def test_what_cannot_be_read_stays_on_the_page(sam: httpx.Client) -> None:
    for path in ("/listeners/import", "/listeners/import/confirm"):
        page = sends(sam, path, "name,what\nKestrel,x\n")

        assert page.status_code == 422
        assert in_textarea(page) == "name,what\nKestrel,x\n"


def test_a_look_leaves_no_movement_behind_though_it_tries_a_cell_move(sam: httpx.Client, database: Database) -> None:
    uploads(sam, f"{HEADER}Kestrel,B-1-003,en,certified,{now():%Y-%m-%d},2030-01-01,no,,\n")

    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(tables.Movement)) == 0
