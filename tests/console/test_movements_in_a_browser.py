"""The page of movements in a real browser: by keyboard alone and without scripts; and nothing is cut off."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from evening import PASSWORD_ALONE, SITE, FakeLine
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from real_browser import signs_in
from rota_on_console import SCHEME, a_rota, who_is_on

from console.app import create_app
from models.database import Database


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    return create_app(database, line=line, secret="s" * 40, site=SITE, scheme=SCHEME, rules=PASSWORD_ALONE)


@pytest.fixture
def monday(database: Database) -> date:
    return a_rota(database)


@pytest.fixture
def page(chromium: Browser, address: str, monday: date) -> Iterator[Page]:
    del monday
    context = chromium.new_context(base_url=address, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    signs_in(opened, "sam")
    opened.get_by_role("link", name="Movements").click()
    yield opened
    context.close()


def test_a_movement_is_recorded_by_keyboard_its_gap_is_filled_and_it_is_taken_back(
    page: Page, database: Database, monday: date
) -> None:
    page.get_by_label("Listener").select_option("Kestrel")
    page.get_by_label("What").select_option(label="Court")
    page.get_by_label("From").fill(f"{monday}T18:00")
    page.get_by_role("button", name="Record", exact=True).press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 movement is recorded")
    page.get_by_role("link", name="Suggest somebody").press("Enter")
    page.get_by_role("button", name="Give it to Osprey").press("Enter")
    page.get_by_role("link", name="Movements").click()
    page.get_by_role("button", name="Take back Kestrel: Court").press("Enter")

    expect(page.get_by_text("No Listener is away, and no movement is expected.")).to_be_visible()
    assert who_is_on(database, monday) == {("Linnet", "backup"), ("Osprey", "first")}


def test_wrong_rows_of_a_file_are_corrected_on_the_page_and_nothing_is_cut_off(
    page: Page, monday: date, tmp_path: Path
) -> None:
    file = tmp_path / "movements.csv"
    file.write_text(f"code_name,kind,since\nMerlin,court,{monday}\nKite,court,{monday}\n")
    page.get_by_label("CSV file").set_input_files(str(file))
    page.get_by_role("button", name="Take the file").press("Enter")
    expect(page.get_by_role("heading", name="1 row was not taken")).to_be_visible()
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.get_by_label("Correct these rows here")
    box.fill(box.input_value().replace("Kite", "Linnet"))
    page.get_by_role("button", name="Send these rows").press("Enter")

    expect(page.get_by_role("status")).to_contain_text("1 movement is recorded")
    expect(page.get_by_role("heading", name="Linnet: Court")).to_be_visible()
