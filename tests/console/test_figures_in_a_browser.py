"""The page of figures with figures on it, in a real browser: axe, each width, the keyboard, and on paper."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import httpx
import pytest
from evening import sign_in
from figures_on_console import TWELVE, a_published_quarter
from playwright.sync_api import Browser
from test_every_page import a_visit, all_that_is_wrong, axe, picture_of

from models.database import Database

__all__ = ["axe"]


@pytest.fixture
def database(prison: Path, tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{copy(prison, tmp_path)}")
    a_published_quarter(opened)
    yield opened
    opened.close()


def test_the_figures_are_for_everybody(chromium: Browser, browser: httpx.Client, address: str, axe: str) -> None:
    sign_in(browser, "sam")
    visit = a_visit(chromium, address, browser.cookies["wingline"])

    wrong = [
        said
        for period in (TWELVE, TWELVE.cut(1)[-1])
        for said in all_that_is_wrong(
            visit, f"/figures?period={period}", axe, picture_of("sam", f"figures-{'x' * period.weeks}")
        )
    ]
    assert not wrong, "\n" + "\n".join(wrong)
    visit.page.goto(f"/figures?period={TWELVE}")
    visit.page.emulate_media(media="print")
    on_paper = visit.page.locator("#slots-heading ~ .figures__beside table")
    assert visit.page.locator(".figures__choose").is_hidden()
    assert on_paper.is_visible()
    assert on_paper.bounding_box() is not None
