"""Waiting after wrong tries is as long as it says, whatever somebody does to the clock meanwhile."""

from datetime import timedelta

import httpx
import pytest
from evening import SITE, FakeLine
from fastapi import FastAPI
from signing import SECRET, code_of, enter, gives_an_app
from test_signing_in_first import opens

from console.app import create_app
from console.signing_in_rules import SigningIn
from models import clock
from models.database import Database


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    gives_an_app(database)
    return create_app(database, line=line, secret=SECRET, site=SITE, rules=SigningIn())


def since_the_start(monkeypatch: pytest.MonkeyPatch, passed: timedelta) -> None:
    """So much more time has passed since this process began than its clock says, or less."""
    began, at = clock._BEGAN
    monkeypatch.setattr(clock, "_BEGAN", (began + passed, at))


def test_an_address_waits_two_minutes_although_the_clock_was_put_ahead(
    browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    since_the_start(monkeypatch, -timedelta(days=1))
    for _ in range(30):
        opens(browser, "wrong")
    assert enter(browser, code=code_of()).status_code == 429
    since_the_start(monkeypatch, timedelta(minutes=3))

    assert enter(browser, code=code_of()).status_code == 303
