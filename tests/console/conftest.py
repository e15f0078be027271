"""A console with a database of its own."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import builders
import httpx
import pytest
from evening import CODE_NAMES, PASSWORD_ALONE, PHRASE, SITE, FakeLine
from fastapi import FastAPI
from fastapi.routing import APIRoute, _EffectiveRouteContext
from httpx._transports import default
from playwright.sync_api import Browser
from real_browser import launched
from served import PLAIN, served

from console.accounts import add_account
from console.app import create_app
from models.clock import now
from models.database import Database
from models.tables import Base
from models.words import AccountRole, PhoneKind, Post


@pytest.fixture(scope="session", autouse=True)
def _each_route_and_authority_once() -> Iterator[None]:
    """Most of what a test of one page would compute.

    FastAPI reads what each route takes anew for each application, and httpx the authorities of the world for each
    browser.
    """
    really, read = _EffectiveRouteContext.from_api_route, {}

    def once(*, original_route: APIRoute, include_context: Any) -> _EffectiveRouteContext:
        where = id(original_route), include_context.prefix
        if where not in read:
            read[where] = really(original_route=original_route, include_context=include_context)
        return read[where]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_EffectiveRouteContext, "from_api_route", once)
        patched.setattr(default, "create_ssl_context", lambda verify, **_: PLAIN if verify is True else verify)
        yield


@pytest.fixture(scope="session")
def prison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once, and copied."""
    file = tmp_path_factory.mktemp("prison") / "console.sqlite"
    opened = Database(f"sqlite:///{file}")
    Base.metadata.create_all(opened.engine)
    with opened.transaction() as session:
        session.add(builders.a_site(name="HMP <Demo> & Sons"))
        session.flush()
        session.add_all([builders.a_wing("A"), builders.a_wing("B")])
        session.flush()
        session.add(builders.a_cell(14, "B", id="cell-b14", location="B-2-014"))
        session.add(builders.a_phone(PhoneKind.STAFF, Post.HEALTHCARE, id="phone-nurse"))
        far = now() + timedelta(days=400)
        session.add_all(builders.a_listener(name, certified_until=far) for name in CODE_NAMES)
        add_account(session, SITE, name="nurse", password=PHRASE, role=AccountRole.STAFF)
        add_account(session, SITE, name="sam", password=PHRASE, role=AccountRole.COORDINATOR)
    opened.close()
    return file


@pytest.fixture
def database(prison: Path, tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{copy(prison, tmp_path)}")
    yield opened
    opened.close()


@pytest.fixture
def line(database: Database) -> FakeLine:
    return FakeLine(database)


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    return create_app(database, line=line, secret="s" * 40, site=SITE, rules=PASSWORD_ALONE)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture
def browser(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60, verify=PLAIN) as client:
        yield client


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as opened:
        yield opened
