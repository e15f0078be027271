"""The Listeners' pages in a real browser: by keyboard alone and without scripts; and nothing is cut off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from evening import PASSWORD_ALONE, SITE, FakeLine, a_busy_evening
from fastapi import FastAPI
from listeners_on_console import DAY, HOUR, MINUTE, a_scheme, a_talk, listener
from playwright.sync_api import Browser, Page, expect
from real_browser import picture, signs_in
from rota_on_console import SCHEME

from console.app import create_app
from models.clock import now
from models.database import Database


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    a_scheme(database)
    a_busy_evening(database)
    for name, ago, minutes in (("Kestrel", 2, 74), ("Kestrel", 17, 120), ("Linnet", 9, 95), ("Osprey", 24, 160)):
        a_talk(database, name, now() - ago * DAY, minutes * MINUTE)
    a_talk(database, "Merlin", now() - 5 * HOUR, 185 * MINUTE)
    return create_app(database, line=line, secret="s" * 40, site=SITE, scheme=SCHEME, rules=PASSWORD_ALONE)


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=address, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    signs_in(opened, "sam")
    opened.get_by_role("link", name="Listeners", exact=True).click()
    yield opened
    context.close()


def test_a_listener_comes_a_step_further_by_keyboard(page: Page, database: Database) -> None:
    picture(page, "all")
    page.get_by_role("link", name="Curlew", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Curlew")).to_be_visible()
    page.locator("summary", has_text="Steps that cannot be taken now").press("Enter")
    expect(page.get_by_text("still lacking: 3 shadowed calls")).to_be_visible()
    page.locator("summary", has_text="Record shadowed calls").press("Enter")
    page.get_by_label("How many more calls they sat in").press("3")
    page.get_by_label("How many more calls they sat in").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The shadowed calls are recorded.")
    page.get_by_label("Step and reason").select_option(label="Certified: accredited")
    page.get_by_label("Last day of the certificate").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("First day of the certificate: write a date")
    page.get_by_role("link", name="First day of the certificate").press("Enter")
    expect(page.get_by_label("First day of the certificate")).to_be_focused()
    page.get_by_label("First day of the certificate").fill("2026-01-01")
    page.get_by_label("Last day of the certificate").fill("2031-12-31")
    page.get_by_label("Last day of the certificate").press("Enter")

    expect(page.get_by_role("status")).to_contain_text("The standing is changed.")
    expect(page.get_by_role("cell", name="by sam")).to_be_visible()
    assert listener(database, "Curlew").standing == "certified"


def test_a_file_is_looked_at_corrected_and_taken(page: Page, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "listeners.csv"
    file.write_text(
        "code_name,cell,languages,standing,certified_from,certified_until,experienced\n"
        "Goshawk,B-1-002,en cy,applied,,,no\nHobby,B-1-999,en,applied,,,no\n"
    )
    page.get_by_role("link", name="Take in Listeners from a file").press("Enter")
    page.get_by_label("CSV file").set_input_files(str(file))
    page.get_by_role("button", name="Look at the file").press("Enter")
    expect(page.get_by_role("heading", name="1 row is wrong")).to_be_visible()
    picture(page, "import")
    box = page.get_by_label("Rows of the file")
    box.fill(box.input_value().replace("B-1-999", "B-1-003"))
    page.get_by_role("button", name="Look at these rows").press("Enter")
    expect(page.get_by_text("2 rows change something")).to_be_visible()
    page.get_by_role("button", name="Take these rows").press("Enter")

    expect(page.get_by_role("status")).to_contain_text("2 new, 0 changed")
    assert listener(database, "Hobby").phone_id == "phone-B3"


@pytest.mark.parametrize("width", [320, 768, 1280, 1920])
def test_nothing_is_cut_off(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for name in ("Listeners", "Welfare"):
        page.goto(f"/{name.lower()}")
        _fits(page, width, name.lower())
        page.get_by_role("link", name="Kestrel", exact=True).click()
        expect(page.get_by_role("heading", name="Kestrel")).to_be_visible()
        _fits(page, width, f"{name.lower()}-one")


def _fits(page: Page, width: int, name: str) -> None:
    picture(page, f"{name}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
