"""Debian's chromium, and how somebody signs in on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from evening import PHRASE
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = os.environ.get("WINGLINE_CHROMIUM") or which("chromium") or "/usr/bin/chromium"
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium refuses to run as root inside its own sandbox.
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *as_root])
        yield opened
        opened.close()


def signs_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Name of the account").fill(name)
    page.get_by_label("Password").fill(PHRASE)
    page.get_by_role("button", name="Sign in").click()


def picture(page: Page, name: str) -> None:
    """The whole page, only where somebody wants to look at it: WINGLINE_PICTURES names the folder."""
    if folder := os.environ.get("WINGLINE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
