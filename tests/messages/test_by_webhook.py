"""Webhooks to a real server: believed by whoever verifies them as docs/messages.md says, and honest about failing."""

import json
import re
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders import NOON
from message_builders import a_contact, a_message

from escalation.by_webhook import ByWebhook, signed, signing_keys
from escalation.contacts import Contact, Way
from escalation.messages import Fault
from escalation.sending import AT_MOST, in_time
from tests.fakes.certificates import Certificates
from tests.fakes.http_server import HttpServer, an_http_server

pytestmark = pytest.mark.anyio

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
DOCS = Path(__file__).parents[2] / "docs" / "messages.md"


@pytest.fixture
def server(certificates: Certificates) -> Iterator[HttpServer]:
    with an_http_server(certificates.server) as server:
        yield server


@pytest.fixture
def sender(certificates: Certificates) -> ByWebhook:
    return ByWebhook(
        {"key": OLD, "both": f"{NEW} {OLD}", "short": "whsec_AAAA", "none": "hunter2"}, certificates.trusts
    )


def to(server: HttpServer, named: str = "key") -> Contact:
    return at(server.address, named)


def at(address: str, named: str = "key") -> Contact:
    return a_contact(way=Way.WEBHOOK, address=address, secret=named)


def verified() -> Callable[..., bool]:
    """The receiver's function, as the documentation gives it."""
    found = re.search(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert found
    names: dict[str, Callable[..., bool]] = {}
    exec(found[1], names)  # noqa: S102  our own documentation
    return names["verified"]


async def test_a_message_is_taken_and_verified_once(server: HttpServer, sender: ByWebhook) -> None:
    assert await sender.send(a_message(to(server))) is None

    (posted,) = server.posted
    seen: set[str] = set()
    assert verified()(posted.headers, posted.body, OLD, seen)
    assert seen == {"msg-1"}
    assert not verified()(posted.headers, posted.body, OLD, seen)
    assert json.loads(posted.body)["event"] == "told"


async def test_what_was_changed_on_the_way_does_not_verify(server: HttpServer, sender: ByWebhook) -> None:
    await sender.send(a_message(to(server)))
    (posted,) = server.posted

    assert not verified()(posted.headers, posted.body.replace(b"told", b"gone"), OLD, set())
    assert not verified()(posted.headers | {"webhook-id": "msg-2"}, posted.body, OLD, set())
    assert not verified()(posted.headers, posted.body, NEW, set())


async def test_while_a_key_is_changed_the_old_and_the_new_one_verify(server: HttpServer, sender: ByWebhook) -> None:
    await sender.send(a_message(to(server, "both")))
    (posted,) = server.posted

    assert verified()(posted.headers, posted.body, OLD, set())
    assert verified()(posted.headers, posted.body, NEW, set())


def test_the_example_of_the_standard_is_signed_as_the_standard_says() -> None:
    at = NOON.fromtimestamp(1614265330, NOON.tzinfo)
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', signing_keys(OLD), at)

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (200, None),
        (302, Fault.REDIRECTED),
        (307, Fault.REDIRECTED),
        (401, Fault.REFUSED),
        (410, Fault.REFUSED),
        (429, Fault.NOT_NOW),
        (500, Fault.NOT_NOW),
        (503, Fault.NOT_NOW),
    ],
)
async def test_only_2xx_is_taken_and_no_redirect_is_followed(
    server: HttpServer, sender: ByWebhook, status: int, fault: Fault | None
) -> None:
    server.answers.append(status)

    assert await sender.send(a_message(to(server))) is fault
    assert [posted.path for posted in server.posted] == ["/wingline"]


async def test_a_server_that_hangs_is_left_after_five_seconds(
    server: HttpServer, sender: ByWebhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.hangs = True
    monkeypatch.setitem(AT_MOST, Way.WEBHOOK, AT_MOST[Way.WEBHOOK] / 20)

    assert await in_time(Way.WEBHOOK, sender.send(a_message(to(server)))) is Fault.TIMED_OUT
    assert len(server.posted) == 1


@pytest.mark.parametrize("secret", ["missing", "short", "none"])
async def test_nothing_leaves_unsigned(server: HttpServer, sender: ByWebhook, secret: str) -> None:
    assert await sender.send(a_message(to(server, secret))) is Fault.NO_SECRET
    assert await sender.answers(to(server, secret)) is Fault.NO_SECRET
    assert server.posted == []


async def test_nothing_is_said_to_a_server_that_this_machine_does_not_trust(server: HttpServer) -> None:
    stranger = ByWebhook({"key": OLD}, ssl.create_default_context())

    assert await stranger.send(a_message(to(server))) is Fault.NOT_TRUSTED
    assert await stranger.answers(to(server)) is Fault.NOT_TRUSTED
    assert server.posted == []


async def test_a_port_where_nobody_is(sender: ByWebhook) -> None:
    nowhere = at("https://localhost:9/")

    assert await sender.send(a_message(nowhere)) is Fault.NOT_REACHED
    assert await sender.answers(nowhere) is Fault.NOT_REACHED


async def test_whether_it_answers_is_found_out_without_sending_anything(server: HttpServer, sender: ByWebhook) -> None:
    assert await sender.answers(to(server)) is None
    assert server.posted == []
