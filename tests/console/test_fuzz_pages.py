"""Every page and every form, with what nobody should send: none of it fails, and each answer is a page with words.

A long run: ``WINGLINE_FUZZ=300 pytest tests/console/test_fuzz_pages.py`` (docs/console-figures.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_from_bytes

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from fuzzed import a_console, bounded, values
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select
from sqlalchemy.orm import Session
from test_roles import Address, For

from console import sessions_store
from console.accounts import signed_in
from console.desk import Desk
from console.sessions import COOKIE, BrowserSession
from models.clock import now
from models.database import Database
from models.tables import Account
from models.words import AccountRole

# A draft takes the solver seconds, and its form has nothing but a week; a live stream never ends.
NOT_THESE = re.compile(r"/rota/generate|/live.*|/api/.*|/assets/.*|/healthz")
# A server takes no longer line than this, and says so itself.
LONGEST_PATH = 2000
# Of forms with a row for each line that was wrong.
OF_ROWS = ("code_name-1", "kind-1", "since-1", "until-1", "cell-1", "rows")
# A draft, a calendar or a file of figures is no page.
A_FILE = ("text/csv", "text/calendar", "application/pdf", "audio/", "text/plain", "image/", "application/json")


@dataclass(frozen=True)
class Route:
    """One address with the names of what it reads."""

    method: str
    path: str
    query: tuple[str, ...]
    fields: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def role(self) -> AccountRole:
        """Somebody whom it lets in."""
        address = Address(self.method, self.path)
        return next(role for role in AccountRole if address.needs is For.ANYBODY or address.lets_in(role))


@dataclass(frozen=True)
class Sent:
    path: tuple[bytes, ...]
    query: tuple[tuple[str, bytes], ...]
    fields: tuple[tuple[str, bytes], ...]
    with_token: bool
    as_file: bool


class Visitor:
    """Signs in anew for each thing that is sent: some of it signs them out."""

    def __init__(self, app: FastAPI, client: httpx.Client, database: Database) -> None:
        self._desk: Desk = app.state.desk
        self._database = database
        self._client = client
        self.app = app

    def sends(self, route: Route, sent: Sent) -> httpx.Response:
        fresh = self._signed_in(route.role)
        parts = iter(sent.path)
        path = re.sub(r"\{[^}]*\}", lambda _: _quoted(next(parts)) or "1", route.path)
        query = "&".join(f"{name}={_quoted(value)}" for name, value in sent.query)
        headers = {"Cookie": f"{COOKIE}={self._desk.sessions.cookie(fresh)}"}
        address = f"{path}?{query}" if query else path
        if route.method == "GET":
            return self._client.get(address, headers=headers)
        token = self._desk.sessions.token(fresh).encode() if sent.with_token else b"not ours"
        content, kind = _form((("token", token), *sent.fields), as_file=sent.as_file)
        return self._client.post(address, headers=headers | {"Content-Type": kind}, content=content)

    def _signed_in(self, role: AccountRole) -> BrowserSession:
        fresh = self._desk.sessions.begin()

        def begin(session: Session) -> None:
            row = session.scalars(select(Account).where(Account.name == role.value)).one()
            sessions_store.begin(session, signed_in(row), fresh, self._desk.door.rules, now())

        self._database.do(begin)
        return fresh


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    folder = tmp_path_factory.mktemp("fuzzed")
    # An answer may wait for a solver, on a machine that does other work.
    with a_console(folder) as (app, address, database), httpx.Client(base_url=address, timeout=60) as client:
        yield Visitor(app, client, database)


def routes(app: FastAPI) -> list[Route]:
    return [
        _route(context, method)
        for context in iter_route_contexts(app.routes)
        if context.path and not NOT_THESE.fullmatch(context.path)
        for method in sorted((context.methods or set()) & {"GET", "POST"})
    ]


def _route(context: Any, method: str) -> Route:
    read = list(_all_of(context.dependant))
    query = {one.alias for part in read for one in part.query_params}
    fields = {one.alias for part in read for one in part.body_params} - {"token"}
    return Route(method, context.path, tuple(sorted(query)), (*sorted(fields), *OF_ROWS))


def _all_of(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for part in dependant.dependencies:
        yield from _all_of(part)


def what_is_sent(route: Route) -> some.SearchStrategy[Sent]:
    pairs = {
        "query": some.lists(some.tuples(some.sampled_from((*route.query, "other")), values()), max_size=4),
        "fields": some.lists(some.tuples(some.sampled_from((*route.fields, "other")), values()), max_size=8),
    }
    return some.builds(
        Sent,
        path=some.lists(values(), min_size=3, max_size=3).map(tuple),
        query=pairs["query"].map(tuple),
        fields=pairs["fields"].map(tuple),
        with_token=some.integers(0, 9).map(bool),
        as_file=some.booleans(),
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_that_is_sent_makes_a_page_fail(visitor: Visitor, method: str) -> None:
    for route in routes(visitor.app):
        if route.method == method:
            _never_fails(visitor, route)


def _never_fails(visitor: Visitor, route: Route) -> None:
    @given(sent=what_is_sent(route))
    @bounded(4)
    def answers(sent: Sent) -> None:
        answer = visitor.sends(route, sent)
        said = f"{route} answered {answer.status_code}: {answer.text[:300]}"
        assert answer.status_code < 500, said
        kind = answer.headers.get("content-type", "")
        if answer.status_code >= 400 and not kind.startswith(A_FILE):
            assert kind.startswith("text/html"), said
            assert "<h1" in answer.text, said

    answers()


def _form(fields: tuple[tuple[str, bytes], ...], *, as_file: bool) -> tuple[bytes, str]:
    if not as_file:
        pairs = (f"{name}={_quoted(value, 20_000)}" for name, value in fields)
        return "&".join(pairs).encode(), "application/x-www-form-urlencoded"
    file = '; filename="a.csv"'
    parts = (
        f'--edge\r\nContent-Disposition: form-data; name="{name}"{file if name == "file" else ""}\r\n\r\n'.encode()
        + value.replace(b"--edge", b"")
        + b"\r\n"
        for name, value in fields
    )
    return b"".join(parts) + b"--edge--\r\n", "multipart/form-data; boundary=edge"


def _quoted(value: bytes, most: int = LONGEST_PATH) -> str:
    return quote_from_bytes(value[: most // 3], safe="")
