"""The coordinator's page of movements over HTTP: one, a file of many, what follows, and taking back."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import builders
import httpx
import pytest
from evening import CODE_NAMES, PASSWORD_ALONE, SITE, FakeLine, sign_in, token_in
from fastapi import FastAPI
from rota_on_console import SCHEME, a_rota, acts, as_sam, send, who_is_on
from sqlalchemy import select, update

from console.app import create_app
from listeners.csv_file import MOST_BYTES
from models import tables
from models.clock import now
from models.database import Database
from models.words import PhoneKind

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")
COLUMNS = "code_name,kind,since,until,cell\n"


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    return create_app(database, line=line, secret="s" * 40, site=SITE, scheme=SCHEME, rules=PASSWORD_ALONE)


@pytest.fixture
def monday(database: Database, browser: httpx.Client) -> date:
    """Of the week of the rota, on whose evening Kestrel is first; sam is signed in. B-1-001 and B-1-002 have phones."""
    monday = a_rota(database)
    with database.transaction() as session:
        for number in (1, 2):
            session.add(builders.a_cell(number, "B"))
            session.flush()
            session.add(builders.a_phone(PhoneKind.CELL, id=f"phone-B{number}", cell_id=f"cell-B{number}"))
    as_sam(browser)
    return monday


def records(browser: httpx.Client, code_name: str, kind: str, since: object, **more: object) -> httpx.Response:
    fields = {"code_name": code_name, "kind": kind, "since": str(since)} | {
        key: str(each) for key, each in more.items()
    }
    return send(browser, "/movements", **fields)


def uploads(browser: httpx.Client, content: bytes | str, **fields: str) -> httpx.Response:
    raw = content.encode() if isinstance(content, str) else content
    data = {"token": token_in(browser.get("/").text)} | fields
    return browser.post("/movements/file", data=data, files={"file": ("movements.csv", raw, "text/csv")})


def text_of(html: str) -> str:
    """Without tags, in single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def ahead(browser: httpx.Client) -> str:
    return text_of(browser.get("/movements").text.split('id="ahead-title"')[1].split("</section>")[0])


def movements(database: Database) -> list[tuple[str, str]]:
    with database.transaction() as session:
        rows = session.scalars(select(tables.Movement).order_by(tables.Movement.since, tables.Movement.listener_id))
        return [(row.listener_id.removeprefix("listener-"), row.kind) for row in rows]


# ---- who may


def test_duty_staff_are_refused_and_strangers_sign_in_first(browser: httpx.Client, database: Database) -> None:
    stranger = browser.get("/movements")
    sign_in(browser, "nurse")
    page = browser.get("/movements")
    paths = ["/movements", "/movements/file", "/movements/movement-1/take-back"]
    answers = [records(browser, "Kestrel", "court", "2026-12-01")] + [send(browser, path) for path in paths]

    assert (stranger.status_code, stranger.headers["location"]) == (303, "/sign-in")
    assert page.status_code == 403
    assert [answer.status_code for answer in answers] == [403] * 4
    assert "that is for coordinators" in page.text
    assert movements(database) == []


@pytest.mark.parametrize("path", ["/movements", "/movements/file", "/movements/movement-1/take-back"])
def test_a_form_without_our_token_is_refused(browser: httpx.Client, database: Database, path: str) -> None:
    as_sam(browser)
    answer = browser.post(
        path, data={"token": "forged", "code_name": "Kestrel", "kind": "court", "since": "2026-12-01"}
    )

    assert answer.status_code == 403
    assert movements(database) == []


# ---- one movement


def test_a_movement_takes_effect_at_once_and_the_page_says_what_followed(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    page = records(browser, "Kestrel", "court", f"{monday}T18:00")

    assert page.status_code == 200
    said = text_of(page.text)
    assert "Done. 1 movement is recorded, and counts from now on." in said
    assert f"Night, Monday {monday.day} {monday:%B}, 20:00 to 00:00 : Kestrel is off it, and the seat is empty." in said
    assert f'<a class="govuk-link" href="/rota/gaps/night%20{monday}">Suggest somebody' in page.text
    assert browser.get(f"/rota/gaps/night%20{monday}").status_code == 200
    assert who_is_on(database, monday) == {("Linnet", "backup")}
    assert acts(database) == [("sam", "movements_recorded")]


def test_the_same_movement_again_changes_nothing_and_a_new_end_changes_it(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    records(browser, "Kestrel", "court", f"{monday}T08:30")
    again = records(browser, "Kestrel", "court", f"{monday}T08:30")
    changed = records(browser, "Kestrel", "court", f"{monday}T08:30", until=f"{monday}T17:00")

    assert "That was recorded before: nothing has changed." in again.text
    assert "1 movement is recorded" in changed.text
    assert movements(database) == [("Kestrel", "court")]
    assert len(acts(database)) == 2


def test_a_cell_move_takes_the_phone_of_the_new_cell(browser: httpx.Client, database: Database, monday: date) -> None:
    page = records(browser, "Kestrel", "cell_move", monday - 30 * DAY, cell="B-1-001")

    assert "Kestrel has the phone of the new cell from now on." in text_of(page.text)
    with database.transaction() as session:
        assert session.get_one(tables.Listener, "listener-Kestrel").phone_id == "phone-B1"
        assert session.get_one(tables.Phone, "phone-B1").kind == PhoneKind.LISTENER


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"kind": ""}, "What: write one of transfer,"),
        ({"code_name": "Kite"}, "Listener: there is no Listener with this code name"),
        ({"since": "soon"}, "From: write a time as 2026-12-01T14:30"),
        ({"until": "2026-11-01T10:00"}, "Until: it must be later than since"),
        ({"kind": "cell_move"}, "New cell: a cell move needs the cell"),
        ({"cell": "B-1-001"}, "New cell: only a cell move has a cell"),
        ({"kind": "cell_move", "cell": "Z-9-999"}, "New cell: there is no such cell at this site"),
    ],
)
@pytest.mark.usefixtures("monday")
def test_what_is_wrong_is_said_with_what_to_write_and_nothing_that_was_typed_is_lost(
    browser: httpx.Client, database: Database, changes: Mapping[str, str], complaint: str
) -> None:
    typed = {"code_name": "Linnet", "kind": "court", "since": "2026-12-01T08:30"} | dict(changes)
    page = send(browser, "/movements", **typed)

    assert page.status_code == 422
    assert complaint in text_of(page.text)
    assert "Nothing was recorded." in page.text
    assert re.search(rf'name="since"[^>]* value="{typed["since"]}"', page.text)
    assert re.search(rf'name="cell"[^>]* value="{typed.get("cell", "")}"', page.text)
    assert (typed["code_name"] == "Kite") or f'<option value="{typed["code_name"]}" selected>' in page.text
    assert "<title>Error: Movements" in page.text
    assert movements(database) == []
    assert acts(database) == []


# ---- a file


def test_the_right_rows_of_a_file_are_taken_and_the_others_are_shown_to_be_corrected(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    file = f"{COLUMNS}Kestrel,court,{monday}T18:00,,\nKite,court,{monday},,\nLinnet,holiday,{monday},,\n"
    page = uploads(browser, file)

    assert page.status_code == 422
    said = text_of(page.text)
    assert "1 movement is recorded, and counts from now on." in said
    assert "2 rows were not taken The others are recorded." in said
    assert "3 code_name: there is no Listener with this code name at this site; correct it" in said
    assert "4 kind: write one of transfer," in said
    assert movements(database) == [("Kestrel", "court")]
    to_correct = re.split(r"<textarea[^>]*>\n", page.text)[1].split("</textarea>")[0]
    assert to_correct == f"{COLUMNS}Kite,court,{monday},,\nLinnet,holiday,{monday},,\n"

    corrected = send(
        browser, "/movements/file", text=to_correct.replace("Kite", "Merlin").replace("holiday", "hospital")
    )
    assert corrected.status_code == 200
    assert "2 movements are recorded, and count from now on." in corrected.text
    assert movements(database) == [("Linnet", "hospital"), ("Merlin", "court"), ("Kestrel", "court")]


def test_a_file_that_was_taken_before_changes_nothing(browser: httpx.Client, database: Database, monday: date) -> None:
    file = f"{COLUMNS}Kestrel,court,{monday},,\n"
    uploads(browser, file)
    again = uploads(browser, file)

    assert "nothing has changed" in again.text
    assert movements(database) == [("Kestrel", "court")]
    assert len(acts(database)) == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "Choose a file first."),
        (b"name,what\n", "its first row must name the columns"),
        (b"\xff\xfe\x00", "it is not UTF-8"),
        (f'{COLUMNS}"Kestrel,court\n'.encode(), "a quotation mark that is not closed"),
        (b"x" * (MOST_BYTES + 1), "it is larger than 1000 kB"),
    ],
    ids=["empty", "no columns", "not UTF-8", "not CSV", "too large"],
)
@pytest.mark.usefixtures("monday")
def test_what_is_no_file_of_movements_is_refused(
    browser: httpx.Client, database: Database, content: bytes, complaint: str
) -> None:
    page = uploads(browser, content)

    assert page.status_code == 422
    assert complaint in text_of(page.text)
    assert movements(database) == []


@pytest.mark.usefixtures("monday")
def test_without_a_chosen_file_it_says_so(browser: httpx.Client) -> None:
    """A browser sends an empty part of no name."""
    token = token_in(browser.get("/").text)
    body = (
        f'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n'
        "Content-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n"
    )
    answer = browser.post("/movements/file", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


@pytest.mark.usefixtures("monday")
def test_what_is_larger_than_any_file_may_be_is_refused_before_it_is_read(browser: httpx.Client) -> None:
    too_large = browser.post("/movements/file", content=b"x" * 2_000_000)
    of_no_length = browser.post("/sign-in", content=iter([b"x"]))

    assert too_large.status_code == 413
    assert "It is larger than 1048 kB. Nothing was recorded; split it." in too_large.text
    assert of_no_length.status_code == 411
    assert too_large.headers["cache-control"] == "no-store"


# ---- what counts, and taking it back


def test_what_counts_now_or_will_is_listed_in_the_prisons_own_time(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    records(browser, "Merlin", "release", monday + DAY)
    records(browser, "Kestrel", "segregation", (now() - HOUR).astimezone(LONDON).strftime("%Y-%m-%dT%H:%M"))
    records(browser, "Linnet", "court", "2020-01-01", until="2020-01-01")
    listed = ahead(browser)

    tuesday = monday + DAY
    assert re.search(r"Kestrel: Segregation now From .* Take back", listed)
    assert f"Merlin: Release From 00:00, Tuesday {tuesday.day} {tuesday:%B} {tuesday.year} Take back" in listed
    assert listed.index("Kestrel") < listed.index("Merlin")
    assert "Linnet" not in listed
    assert len(movements(database)) == 3


def test_a_movement_is_taken_back_once(browser: httpx.Client, database: Database, monday: date) -> None:
    records(browser, "Merlin", "release", monday + DAY)
    (path,) = re.findall(r'action="(/movements/movement-\w+/take-back)"', browser.get("/movements").text)
    taken = send(browser, path)
    again = send(browser, path)

    assert taken.status_code == 200
    assert "The movement is taken back." in taken.text
    assert again.status_code == 409
    assert "somebody has taken it back already" in again.text
    assert movements(database) == []
    assert "No Listener is away, and no movement is expected." in ahead(browser)
    assert acts(database) == [("sam", "movements_recorded"), ("sam", "movement_taken_back")]


def test_who_waits_for_a_phone_is_said(browser: httpx.Client, database: Database, monday: date) -> None:
    with database.transaction() as session:
        kept = update(tables.Listener).where(tables.Listener.code_name == "Linnet").values(phone_id="phone-B2")
        session.execute(kept)
        session.add(
            tables.Movement(
                id="movement-1",
                listener_id="listener-Kestrel",
                kind="cell_move",
                cell_id="cell-B2",
                since=now() - HOUR,
                source="csv",
                recorded_at=now(),
            )
        )
    page = records(browser, "Merlin", "court", monday + 30 * DAY)

    assert "Kestrel waits: another Listener has the phone of the new cell." in text_of(page.text)
    assert "Kestrel: Cell move to B-1-002 waits for the phone" in ahead(browser)


def test_no_page_has_an_id_of_a_listener_or_anything_inline_or_from_elsewhere(
    browser: httpx.Client, monday: date
) -> None:
    page = records(browser, "Kestrel", "court", f"{monday}T18:00").text
    listed = page.replace("/take-back", "")

    assert not re.findall(r"\b(?:call|phone|listener|wing|account|apart)-\w+", listed)
    assert not re.findall(r"<style|style=|<script(?! src=\"/)|\son\w+=|https?://", page)
    assert not [name for name in CODE_NAMES if name in re.findall(r"<title>(.*?)</title>", page)[0]]


def test_a_name_is_escaped_wherever_it_stands(browser: httpx.Client, database: Database, monday: date) -> None:
    with database.transaction() as session:
        session.execute(update(tables.Listener).where(tables.Listener.code_name == "Kestrel").values(code_name="<i>K"))
    page = uploads(
        browser, f"{COLUMNS}<i>K,court,{monday}T18:00,,\n<b>x,court,{datetime.now(LONDON):%Y-%m-%d},,\n"
    ).text

    assert "&lt;i&gt;K" in page
    assert "&lt;b&gt;x" in page
    assert not re.findall("<i>|<b>", page)
