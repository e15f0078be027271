"""The board on a big screen: what its role may see, nobody's name, live, and honest when the line is gone."""

import re

import httpx
import pytest
from evening import CODE_NAMES, FakeLine, a_busy_evening, an_escalation, sign_in
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from real_browser import signs_in
from served import served

from models.database import Database
from models.words import Post


def a_wall(chromium: Browser, address: str) -> Page:
    page = chromium.new_context(base_url=address, viewport={"width": 1920, "height": 1080}).new_page()
    signs_in(page, "nurse")
    page.get_by_role("link", name="The board for a big screen").click()
    return page


def test_it_says_where_and_not_who(browser: httpx.Client, database: Database) -> None:
    an_escalation(database, prison_number="A1234BC", preferred_name="Sam")
    sign_in(browser)

    page = browser.get("/wallboard").text
    assert "B-2-014" in page
    assert "Acknowledged by nobody yet" in page
    assert not re.findall(r"A1234BC|Sam|<button|<select|<a [^>]*href=\"/", page)


def test_a_coordinator_sees_code_names_and_that_an_escalation_is_open(
    browser: httpx.Client, database: Database
) -> None:
    a_busy_evening(database)
    an_escalation(database)
    sign_in(browser, "sam")

    page = browser.get("/wallboard").text
    assert not [name for name in CODE_NAMES if name not in page]
    assert "1 escalation is open, 1 not acknowledged" in page
    assert "B-2-014" not in page


def test_it_is_live(chromium: Browser, address: str, database: Database, line: FakeLine) -> None:
    page = a_wall(chromium, address)
    expect(page.get_by_text("The line is")).to_be_hidden()
    escalation = an_escalation(database)
    line.tell()
    expect(page.get_by_text("1 escalation is open, 1 not acknowledged")).to_be_visible()

    line.take(escalation, Post.HEALTHCARE)
    line.take(escalation, Post.ORDERLY_OFFICER)
    expect(page.get_by_text("Acknowledged by Healthcare, Orderly officer")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    page.context.close()


@pytest.mark.parametrize("path", ["/wallboard", "/"])
def test_when_the_line_is_stopped_it_says_so_within_five_seconds(chromium: Browser, app: FastAPI, path: str) -> None:
    with served(app) as address:
        page = a_wall(chromium, address)
        page.goto(path)
        expect(page.locator("#said")).not_to_be_empty()
        expect(page.locator("#lost")).to_be_hidden()
    # From here on nothing answers: ``served`` has let the last connection go.
    expect(page.locator("#lost")).to_be_visible(timeout=5000)
    expect(page.locator("#lost")).to_contain_text("lost its connection")
    page.context.close()
