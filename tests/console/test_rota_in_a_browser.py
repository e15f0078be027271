"""The rota in a real browser: by keyboard alone, without scripts, and nothing cut off."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from evening import PASSWORD_ALONE, SITE, FakeLine
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from real_browser import picture, signs_in
from rota_on_console import SCHEME, a_rota, who_is_on

from console.app import create_app
from models.database import Database

DAY = timedelta(days=1)


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    return create_app(database, line=line, secret="s" * 40, site=SITE, scheme=SCHEME, rules=PASSWORD_ALONE)


@pytest.fixture
def monday(database: Database) -> date:
    return a_rota(database)


@pytest.fixture
def page(chromium: Browser, address: str, monday: date) -> Iterator[Page]:
    """Of the week of the rota, as a browser without scripts shows it to the coordinator."""
    context = chromium.new_context(base_url=address, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    signs_in(opened, "sam")
    opened.get_by_role("link", name="Rota").click()
    opened.goto(f"/rota?week={monday}")
    yield opened
    context.close()


def test_a_coordinator_fills_a_gap_and_asks_for_a_swap_by_keyboard_without_scripts(
    page: Page, database: Database, monday: date
) -> None:
    picture(page, "rota-week")
    page.get_by_role("link", name="Suggest somebody").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Suggest somebody")).to_be_visible()
    picture(page, "rota-gap")
    page.get_by_role("button", name="Give it to Osprey").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("The seat is given.")
    assert who_is_on(database, monday + DAY) == {("Merlin", "first"), ("Osprey", "backup")}

    page.locator("summary", has_text="Kestrel").first.focus()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Ask for a swap for Kestrel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nobody has said yes.")).to_be_visible()
    page.get_by_role("link", name="Accept for somebody").click()
    picture(page, "rota-swap")


def test_a_shift_is_moved_and_taken_back_by_keyboard_without_scripts(
    page: Page, database: Database, monday: date
) -> None:
    page.locator("summary", has_text="Linnet").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Move or swap Linnet")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Move Linnet", level=1)).to_be_visible()
    picture(page, "rota-move")
    page.get_by_role("button", name="Give it to Osprey").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Somebody else has the seat now.")
    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Osprey", "backup")}
    picture(page, "rota-moved")

    page.get_by_role("button", name="Undo Osprey put on").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The change is taken back")
    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Linnet", "backup")}


def test_a_name_is_dragged_onto_an_empty_seat_and_onto_another_name(
    chromium: Browser, address: str, database: Database, monday: date
) -> None:
    context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    signs_in(page, "sam")
    page.goto(f"/rota?week={monday}")
    page.get_by_text("Or drag a name onto an empty seat").wait_for()

    page.locator("summary", has_text="Linnet").drag_to(page.locator(f'[data-to="slot:night {monday + 2 * DAY}"]'))
    expect(page.get_by_role("status")).to_contain_text("on the other shift now")
    assert who_is_on(database, monday + 2 * DAY) == {("Linnet", "first")}

    page.locator("summary", has_text="Kestrel").drag_to(page.locator("summary", has_text="Merlin"))
    expect(page.get_by_role("status")).to_contain_text("has the other seat now")
    assert who_is_on(database, monday) == {("Merlin", "first")}
    assert who_is_on(database, monday + DAY) == {("Kestrel", "first")}

    # Kestrel is on that shift already: the page says so, and what else could be done.
    page.locator("summary", has_text="Kestrel").drag_to(page.locator(f'[data-to="slot:night {monday + DAY}"]'))
    expect(page.get_by_role("alert")).to_contain_text("the Listener is on that shift already")
    expect(page.get_by_role("heading", name="Move Kestrel", level=1)).to_be_visible()
    context.close()


def test_a_coordinator_makes_and_publishes_a_draft_without_scripts(
    page: Page, database: Database, monday: date
) -> None:
    page.get_by_role("button", name="Make a draft").click()
    expect(page.get_by_role("heading", name="Draft rota")).to_be_visible(timeout=40_000)
    picture(page, "rota-draft")
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_role("status")).to_contain_text("The draft is published")
    assert who_is_on(database, monday + 2 * DAY) != set()


@pytest.mark.parametrize("width", [320, 768])
def test_nothing_of_the_rota_is_cut_off(page: Page, monday: date, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for address in (f"/rota?week={monday}", f"/rota/gaps/night {monday + DAY}"):
        page.goto(address)
        picture(page, f"rota-{width}")
        assert page.locator("main").bounding_box() is not None
        assert _widest(page) <= width


def _widest(page: Page) -> float:
    """The right edge of whatever lies furthest to the right; no script of the page is needed to ask."""
    boxes = [element.bounding_box() for element in page.locator("main :visible").all()]
    return max(box["x"] + box["width"] for box in boxes if box)
