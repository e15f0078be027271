"""Whose key an event of Asterisk's tells of: the session's that has the channel, at the same step of the dialplan."""

from typing import Any, ClassVar

import pytest

from ivr.agi import Session
from ivr.keypad import Keypad
from ivr.keypads import Keypads
from ivr.packs import Event, parse

pytestmark = pytest.mark.anyio
HERE = {"Context": "wl-call", "Exten": "s", "Priority": "4"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class FakeAmi:
    def subscribe(self, callback: Any) -> None:
        self.tell = callback


class FakeSession:
    environment: ClassVar = {
        "agi_uniqueid": "1.1",
        "agi_context": "wl-call",
        "agi_extension": "s",
        "agi_priority": "4",
    }

    is_at = Session.is_at

    def __init__(self) -> None:
        self.keypad = Keypad()

    def key_told(self, key: str) -> None:
        self.keypad.told(key)


def pressed(key: str, **more: str) -> Event:
    fields = {"Uniqueid": "1.1", "Direction": "Received", "Digit": key, **HERE, **more}
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Event": "DTMFEnd", **fields}.items())
    event = parse(lines)
    assert isinstance(event, Event)
    return event


async def told(*events: Event) -> str:
    """The keys that a session of channel 1.1 was told of."""
    ami, session = FakeAmi(), FakeSession()

    async def answer(_: object) -> None:
        for event in events:
            ami.tell(event)

    await Keypads(ami).followed(answer)(session)  # type: ignore[arg-type]  # what it uses of both
    ami.tell(pressed("9"))
    return "".join(iter(session.keypad.next, ""))


async def test_a_key_of_its_channel_is_told() -> None:
    assert await told(pressed("0"), pressed("1")) == "01"


@pytest.mark.parametrize(
    "more", [{"Uniqueid": "1.2"}, {"Direction": "Sent"}, {"Context": "wl-talk"}, {"Priority": "3"}, {"Exten": "9"}]
)
async def test_no_other_key_is(more: dict[str, str]) -> None:
    """Not of another channel, not one that we sent, and not the one that led from the talk to this session."""
    assert await told(pressed("0", **more)) == ""


@pytest.mark.parametrize(("hung_up", "keys"), [(False, ""), (True, "1")])
async def test_the_event_of_a_key_that_ended_a_session_is_no_key_of_the_next(*, hung_up: bool, keys: str) -> None:
    """The channel's next at the same step; a channel that has gone leaves nothing."""
    ami, first, second = FakeAmi(), FakeSession(), FakeSession()
    keypads = Keypads(ami)  # type: ignore[arg-type]  # what it uses of it

    async def presses(session: Any) -> None:
        session.keypad.answered("1")
        assert session.keypad.next() == "1"

    async def hears_of_it(_: object) -> None:
        ami.tell(pressed("1"))

    await keypads.followed(presses)(first)  # type: ignore[arg-type]
    if hung_up:
        ami.tell(pressed("", Event="Hangup"))
    await keypads.followed(hears_of_it)(second)  # type: ignore[arg-type]

    assert second.keypad.next() == keys


async def test_a_key_whose_event_came_between_two_sessions_counts_when_it_is_pressed_again() -> None:
    ami, first, second = FakeAmi(), FakeSession(), FakeSession()
    keypads = Keypads(ami)  # type: ignore[arg-type]  # what it uses of it

    async def presses(session: Any) -> None:
        session.keypad.answered("1")

    async def again(_: object) -> None:
        ami.tell(pressed("1"))

    await keypads.followed(presses)(first)  # type: ignore[arg-type]
    ami.tell(pressed("1", Priority="5"))
    await keypads.followed(again)(second)  # type: ignore[arg-type]

    assert "".join(iter(second.keypad.next, "")) == "1"
