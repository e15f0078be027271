"""Through apprise to a real server of a service that it knows."""

import json
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from message_builders import a_contact, a_message

from escalation.by_apprise import ByApprise
from escalation.contacts import Contact, Way
from escalation.messages import Fault
from tests.fakes.http_server import HttpServer, an_http_server

# One of its plug-ins imports a module that Python 3.13 has not.
pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")]


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with an_http_server() as server:
        yield server


@pytest.fixture
def sender(server: HttpServer) -> ByApprise:
    whole = f"json://localhost:{server.port}/whole"
    return ByApprise({"token": "tk-1", "whole": whole}, ZoneInfo("Europe/London"))


def at(address: str, named: str | None = None) -> Contact:
    return a_contact(way=Way.APPRISE, address=address, secret=named)


def to(server: HttpServer, path: str = "pager", named: str | None = None) -> Contact:
    return at(f"json://localhost:{server.port}/{path}", named)


async def test_a_service_is_told_that_somebody_is_needed_and_neither_who_nor_where(
    server: HttpServer, sender: ByApprise
) -> None:
    assert await sender.send(a_message(to(server))) is None

    (posted,) = server.posted
    said = json.loads(posted.body)
    assert said["title"] == "Wingline: somebody needs you (life)"
    assert said["message"].startswith("Wingline: somebody needs you. Answer the phone or open the console.")
    assert "Where" not in said["message"]


async def test_the_secret_goes_where_the_address_says(server: HttpServer, sender: ByApprise) -> None:
    assert await sender.send(a_message(to(server, "{secret}/pager", named="token"))) is None
    whole = at("{secret}", named="whole")
    assert await sender.send(a_message(whole)) is None

    assert [posted.path.rstrip("/") for posted in server.posted] == ["/tk-1/pager", "/whole"]


async def test_without_its_secret_nothing_leaves(server: HttpServer, sender: ByApprise) -> None:
    contact = to(server, "{secret}", named="missing")

    assert await sender.send(a_message(contact)) is Fault.NO_SECRET
    assert await sender.answers(contact) is Fault.NO_SECRET
    assert server.posted == []


@pytest.mark.parametrize("status", [500, 302])
async def test_what_is_not_taken_is_not_sent(server: HttpServer, sender: ByApprise, status: int) -> None:
    server.answers.append(status)

    assert await sender.send(a_message(to(server))) is Fault.NOT_NOW
    assert len(server.posted) == 1


async def test_an_address_that_apprise_does_not_know(server: HttpServer, sender: ByApprise) -> None:
    unknown = at("pigeon://loft")

    assert await sender.answers(unknown) is Fault.REFUSED
    assert await sender.answers(to(server)) is None
