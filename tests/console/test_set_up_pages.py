"""The pages of set-up over HTTP: what a technician changes, hears, rings, and never sees."""

import asyncio
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from builders import a_phone
from evening import CODE_NAMES, PASSWORD_ALONE, SITE, FakeLine, sign_in, token_in
from fastapi import FastAPI
from profiles_on_console import NoticesHere, people_who_sign
from served import PLAIN, served
from set_up_on_console import A_SECRET, Exchange, a_set_up
from sqlalchemy import select

from console.app import create_app
from ivr.prompts.wav import read_wav, write_wav
from models.database import Database
from models.errors import NotAllowed
from models.tables import Act, Cell, Phone
from models.words import PhoneId, PhoneKind
from wingline.set_up_here import SetUpHere

COMPLAINTS = {
    "monitoring_board-name": "IMB Demo",
    "monitoring_board-address": "The box on your wing",
    "scheme-name": "Samaritans of Demo",
    "scheme-phone": "116 123",
    "ombudsman-name": "The Ombudsman",
    "ombudsman-address": "By confidential envelope",
}


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
def notices(tmp_path: Path) -> NoticesHere:
    return NoticesHere(tmp_path / "prompts")


@pytest.fixture
def here(tmp_path: Path, database: Database, notices: NoticesHere, exchange: Exchange) -> SetUpHere:
    return a_set_up(tmp_path, database, notices, exchange)


@pytest.fixture
def app(database: Database, line: FakeLine, notices: NoticesHere, here: SetUpHere) -> FastAPI:
    given: dict[str, Any] = {"rules": PASSWORD_ALONE, "profiles_here": notices, "set_up_here": here}
    return create_app(database, line=line, secret="s" * 40, site=SITE, **given)


@pytest.fixture
def browser(app: FastAPI, database: Database) -> Iterator[httpx.Client]:
    people_who_sign(database)
    given: dict[str, Any] = {"timeout": 60, "follow_redirects": True, "verify": PLAIN}
    with served(app) as address, httpx.Client(base_url=address, **given) as client:
        sign_in(client, "tech")
        yield client


def send(browser: httpx.Client, path: str, files: Any = None, **fields: Any) -> httpx.Response:
    token = token_in(browser.get("/account").text)
    return browser.post(path, data={"token": token, **fields}, files=files)


def site_fields(**changed: str) -> dict[str, str]:
    codes = {"short_code": "100", "duty_code": "101", "own_code": "200", "wait_code": "201"}
    fixed = {"name": "HMP Example", "zone": "Europe/London", "language": "en", "kept_code": "102", "staff_code": "300"}
    return {**codes, **fixed, **changed}


def mark_in(html: str) -> str:
    return html.split('name="of" value="')[1].split('"', maxsplit=1)[0]


def file_of(tmp_path: Path) -> dict[str, Any]:
    return tomllib.loads((tmp_path / "site/site.toml").read_text("utf-8"))


def said_in_audit(database: Database) -> list[tuple[str, str | None]]:
    rows = database.do(lambda session: session.execute(select(Act.what, Act.about).order_by(Act.id)).all())
    return [(what, about) for what, about in rows if not what.startswith("sign")]


# ---- the steps


def test_the_first_page_says_what_is_done_and_what_is_not(browser: httpx.Client) -> None:
    page = browser.get("/set-up").text

    assert "HMP Example. Callers dial 100." in page
    assert "2 wings, 16 cells." in page
    assert "Nobody has signed it" in page
    assert "Nobody is told yet how to reach them." in page
    assert page.count("Not done") >= 3


def test_nothing_of_set_up_shows_a_secret_a_listener_or_the_rest_of_the_file(browser: httpx.Client) -> None:
    pages = [browser.get(f"/set-up{path}").text for path in ("", "/site", "/wings", "/posts", "/complaints")]
    looked = send(browser, "/set-up/site", **site_fields(name="HMP Other")).text

    said = "".join([*pages, looked]).split('<main id="main"')[1]
    assert [one for one in (A_SECRET, "tells_location", *CODE_NAMES) if one in said] == []


# ---- changing a part


def test_a_change_is_looked_at_before_it_is_taken(
    browser: httpx.Client, tmp_path: Path, exchange: Exchange, database: Database
) -> None:
    before = (tmp_path / "site/site.toml").read_text("utf-8")
    fields = site_fields(name="HMP Elsewhere", short_code="150")
    looked = send(browser, "/set-up/site", **fields)

    assert looked.status_code == 200
    assert "HMP Elsewhere" in looked.text.split("What would change")[1].split("Take this change")[0]
    assert (tmp_path / "site/site.toml").read_text("utf-8") == before

    taken = send(browser, "/set-up/site/take", of=mark_in(looked.text), **fields)
    assert "Asterisk has read again: extensions.conf." in taken.text
    assert exchange.reloads == 1
    after = (tmp_path / "site/site.toml").read_text("utf-8")
    assert after == before.replace('"HMP Example"', '"HMP Elsewhere"').replace(
        'short_code = "100" ', 'short_code = "150" '
    )
    assert (tmp_path / "site/site.before").read_text("utf-8") == before
    assert "HMP Elsewhere" in browser.get("/set-up").text
    assert said_in_audit(database) == [("site_changed", "site")]


def test_what_is_wrong_is_said_at_its_field_and_nothing_written_is_lost(browser: httpx.Client, tmp_path: Path) -> None:
    before = file_of(tmp_path)
    page = send(browser, "/set-up/site", **site_fields(name="HMP Kept", zone="Europe/Nowhere", own_code="100"))

    assert page.status_code == 422
    assert 'value="HMP Kept"' in page.text
    assert 'value="Europe/Nowhere"' in page.text
    assert '<a href="#zone">Write a time zone as' in page.text
    assert '<a href="#own_code">Another code has these digits' in page.text
    assert file_of(tmp_path) == before


def test_a_file_that_somebody_changed_meanwhile_is_not_overwritten(browser: httpx.Client, tmp_path: Path) -> None:
    fields = site_fields(name="HMP Late")
    mark = mark_in(send(browser, "/set-up/site", **fields).text)
    file = tmp_path / "site/site.toml"
    file.write_text(file.read_text("utf-8") + "\n# by hand\n", "utf-8")
    late = send(browser, "/set-up/site/take", of=mark, **fields)

    assert late.status_code == 409
    assert "the site file has changed meanwhile" in late.text
    assert "HMP Late" not in file.read_text("utf-8")


def test_without_asterisk_the_file_is_changed_and_what_to_do_is_said(
    browser: httpx.Client, tmp_path: Path, exchange: Exchange
) -> None:
    exchange.up = False
    mark = mark_in(send(browser, "/set-up/posts", posts=["healthcare", "duty_office"]).text)
    taken = send(browser, "/set-up/posts/take", of=mark, posts=["healthcare", "duty_office"])

    assert "type wingline site reload when it is up" in taken.text
    assert file_of(tmp_path)["posts"] == ["healthcare", "duty_office"]


def test_wings_come_from_a_file_with_a_phone_for_each_cell(
    browser: httpx.Client, tmp_path: Path, database: Database
) -> None:
    rows = browser.get("/set-up/wings").text.split('spellcheck="false">')[1].split("</textarea>")[0].strip()
    text = rows + "\nC,Charlie,A,C-1-001\nC,,,C-1-002\n"
    looked = send(browser, "/set-up/wings", files={"file": ("wings.csv", text.encode())})
    assert "adds 2 cells, each with a phone of its own: C-1-001, C-1-002" in looked.text

    send(browser, "/set-up/wings/take", of=mark_in(looked.text), text=text)
    assert [wing["name"] for wing in file_of(tmp_path)["wings"]] == ["Alpha", "Bravo", "Charlie"]
    of_cell = select(Phone.kind).join(Cell, Cell.id == Phone.cell_id).where(Cell.location == "C-1-002")
    assert database.do(lambda session: session.scalars(of_cell).all()) == ["cell"]


def test_wrong_rows_are_named_one_by_one(browser: httpx.Client) -> None:
    text = "wing,name,backup,cell\nA,Alpha,,A-1-001\n7,,,A-1-002\nA,Able,,A-1-003\nA,,,A-1-001\n"
    page = send(browser, "/set-up/wings", text=text)

    assert page.status_code == 422
    assert page.text.count('<a href="#text">') == 3
    for said in ("Row 3, wing: write one letter", "Row 4, name: an earlier row", "Row 5, cell: it stands in row 2"):
        assert said in page.text
    assert "A,Able,,A-1-003" in page.text


def test_a_listener_is_not_left_without_a_cell(browser: httpx.Client) -> None:
    """The reader of site files has the last word."""
    page = send(browser, "/set-up/wings", text="wing,cell\nA,A-1-002\n")

    assert page.status_code == 422
    assert "there is no cell A-1-001" in page.text


def test_whom_to_complain_to_is_asked_for_and_printed_for_everybody(browser: httpx.Client, tmp_path: Path) -> None:
    short = send(browser, "/set-up/complaints", **{**COMPLAINTS, "ombudsman-address": ""})
    assert short.status_code == 422
    assert '<a href="#ombudsman-address">' in short.text

    mark = mark_in(send(browser, "/set-up/complaints", **COMPLAINTS).text)
    send(browser, "/set-up/complaints/take", of=mark, **COMPLAINTS)
    assert [one["to"] for one in file_of(tmp_path)["complaints"]] == ["monitoring_board", "scheme", "ombudsman"]
    assert "They stand on the page What is kept." in browser.get("/set-up").text


# ---- prompts


def a_recording(tmp_path: Path, *, level: float = 0.3, seconds: float = 0.8) -> bytes:
    time = np.arange(int(8000 * seconds)) / 8000
    write_wav(tmp_path / "said.wav", level * np.sin(2 * np.pi * 300 * time))
    return (tmp_path / "said.wav").read_bytes()


def upload(browser: httpx.Client, sound: bytes, name: str = "line/name") -> httpx.Response:
    return send(browser, "/set-up/prompts/en/recording", files={"file": ("said.wav", sound)}, name=name)


def test_a_recording_is_checked_played_and_given_up_again(
    browser: httpx.Client, tmp_path: Path, notices: NoticesHere, database: Database
) -> None:
    own = tmp_path / "site/recordings/en/line/name.wav"
    page = upload(browser, a_recording(tmp_path))
    assert "The recording was checked" in page.text
    assert read_wav(own).rate == 8000
    assert notices.made == 1
    assert "Delete this recording" in page.text

    page = send(browser, "/set-up/prompts/en/ours", name="line/name")
    assert "Our own voice speaks it again" in page.text
    assert not own.exists()
    assert said_in_audit(database) == [("recording_taken_en", "line/name"), ("recording_given_up_en", "line/name")]


@pytest.mark.parametrize(
    ("sound", "said"),
    [
        (b"", "Choose a recording first"),
        (b"RIFF", "This is no uncompressed WAV file"),
        (None, "It is silent"),
    ],
)
def test_what_cannot_be_played_is_refused_with_what_to_do(
    browser: httpx.Client, tmp_path: Path, sound: bytes | None, said: str
) -> None:
    given = a_recording(tmp_path, level=0) if sound is None else sound
    files = {"file": ("said.wav" if given else "", BytesIO(given))}
    page = send(browser, "/set-up/prompts/en/recording", files=files, name="line/name")

    assert page.status_code == 422
    assert said in page.text
    assert not (tmp_path / "site/recordings").exists()


def test_a_prompt_is_spoken_into_a_phone_of_staff_and_played_from_then_on(
    browser: httpx.Client, tmp_path: Path, exchange: Exchange, notices: NoticesHere, database: Database
) -> None:
    page = send(browser, "/set-up/prompts/en/by-phone", name="line/name", phone="phone-nurse")
    assert "The phone rings now" in page.text
    prompt, keep = exchange.recordings[PhoneId("phone-nurse")]
    own = tmp_path / f"site/recordings/en/{prompt}.wav"
    assert not own.exists()

    asyncio.run(keep(read_wav(BytesIO(a_recording(tmp_path)))))
    assert read_wav(own).rate == 8000
    assert notices.made == 1
    assert said_in_audit(database) == [("recording_taken_en", "line/name")]


@pytest.mark.parametrize("phone", ["", "phone-none", "phone-cell"])
def test_nobody_is_recorded_on_a_phone_that_is_not_staffs(
    browser: httpx.Client, exchange: Exchange, database: Database, phone: str
) -> None:
    database.do(lambda session: session.add(a_phone(PhoneKind.LISTENER, id="phone-cell")))
    page = send(browser, "/set-up/prompts/en/by-phone", name="line/name", phone=phone)

    assert page.status_code == 422
    assert "Choose a phone first" in page.text
    assert exchange.recordings == {}


def test_why_a_phone_could_not_be_rung_to_record_is_said(browser: httpx.Client, exchange: Exchange) -> None:
    exchange.refuses = NotAllowed("ring this phone", "it is in use; try again later")
    page = send(browser, "/set-up/prompts/en/by-phone", name="line/name", phone="phone-nurse")

    assert page.status_code == 422
    assert "it is in use" in page.text


@pytest.mark.parametrize("name", ["../../site", "line/../../../secrets", "/etc/passwd", "nothing/here"])
def test_only_a_prompt_has_a_recording(browser: httpx.Client, tmp_path: Path, name: str) -> None:
    page = upload(browser, a_recording(tmp_path), name)
    heard = browser.get("/set-up/prompts/en/sound.wav", params={"name": name})

    assert (page.status_code, heard.status_code) == (403, 403)
    assert not (tmp_path / "site/recordings").exists()


def test_a_prompt_is_heard_as_a_telephone_plays_it(browser: httpx.Client) -> None:
    heard = browser.get("/set-up/prompts/en/sound.wav", params={"name": "notice/ask"})

    assert heard.headers["content-type"] == "audio/wav"
    assert read_wav(BytesIO(heard.content)).seconds == pytest.approx(0.5, abs=0.01)


# ---- one ring


def test_a_phone_is_rung_and_whoever_answers_hears_the_line(
    browser: httpx.Client, exchange: Exchange, database: Database
) -> None:
    page = send(browser, "/set-up/test-call", phone="phone-nurse")

    assert "phone-nurse rings now" in page.text
    ((phone, files),) = exchange.rung
    assert (phone, Path(files[0]).parts[-3:]) == ("phone-nurse", ("en", "line", "name"))
    assert said_in_audit(database) == [("phone_rung", None)]


@pytest.mark.parametrize("phone", ["", "phone-none", "phone-nurse&PJSIP/outside"])
def test_only_a_phone_of_the_site_is_rung(browser: httpx.Client, exchange: Exchange, phone: str) -> None:
    page = send(browser, "/set-up/test-call", phone=phone)

    assert (page.status_code, exchange.rung) == (422, [])
    assert "Choose a phone first" in page.text


def test_a_phone_that_cannot_be_rung_says_why(browser: httpx.Client, exchange: Exchange) -> None:
    exchange.refuses = NotAllowed("ring this phone", "it is in use; try again later")
    page = send(browser, "/set-up/test-call", phone="phone-nurse")

    assert "it is in use; try again later" in page.text
