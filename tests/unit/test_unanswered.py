"""Which sessions are given up: only those whose channel stands in them, and whose commands alone are not answered."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

import ivr.unanswered
from ivr.agi import Session
from ivr.agi_replies import Replies
from ivr.packs import Event, parse
from ivr.unanswered import Unanswered
from models.errors import ActionRefused, NotConnected

pytestmark = pytest.mark.anyio
STEP = {"Context": "wl-call", "Exten": "s", "Priority": "6"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivr.unanswered, "UNANSWERED_SECONDS", 0.1)
    monkeypatch.setattr(ivr.unanswered, "LOOK_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(ivr.unanswered, "AT_ONCE_SECONDS", 0.05)


class FakeAmi:
    def __init__(self, *rows: Event, fails_once: bool = False, late_once: bool = False, refuses: bool = False) -> None:
        self.rows, self.fails_once, self.late_once, self.refuses = list(rows), fails_once, late_once, refuses
        self.asked = 0
        self.redirected: list[dict[str, str]] = []
        self.meanwhile: Callable[[], object] = lambda: None

    async def list_of(self, *_: str) -> list[Event]:
        self.asked += 1
        self.meanwhile()
        if self.fails_once and self.asked == 1:
            raise NotConnected("Asterisk")
        if self.late_once and self.asked == 1:
            await asyncio.sleep(0.1)
        return self.rows

    async def act(self, name: str, **fields: str) -> None:
        assert name == "Redirect"
        if self.refuses:
            raise ActionRefused(name, "no such channel")
        self.redirected.append(fields)


class FakeSession:
    environment: ClassVar = {
        "agi_channel": "PJSIP/cell-1",
        "agi_context": "wl-call",
        "agi_extension": "s",
        "agi_priority": "6",
    }
    script = type("Script", (), {"path": "caller"})
    is_at = Session.is_at
    may_have_a_deadline = True

    def __init__(self) -> None:
        self.replies = Replies()
        self.gone = asyncio.Event()

    @property
    def owed_since(self) -> float | None:
        return None if self.gone.is_set() else self.replies.owed_since

    def let_go(self) -> None:
        self.gone.set()


def shown(channel: str = "PJSIP/cell-1", **more: str) -> Event:
    lines = {"Event": "CoreShowChannel", "Channel": channel, **STEP, **more}
    event = parse("".join(f"{name}: {value}\r\n" for name, value in lines.items()))
    assert isinstance(event, Event)
    return event


async def watched(ami: FakeAmi, command: str, *, beside: bool = False) -> FakeSession:
    """A session in which this command alone was sent, and never answered."""
    session = FakeSession()
    session.may_have_a_deadline = not beside

    async def answer(same: Any) -> None:
        same.replies.to(command)
        await asyncio.sleep(0.4)

    await Unanswered(ami).watched(answer)(session)  # type: ignore[arg-type]  # what it uses of both
    return session


async def test_it_goes_to_its_own_deadline_at_once() -> None:
    ami = FakeAmi(shown("PJSIP/other-2"), shown())
    session = await watched(ami, 'SET VARIABLE "TIMEOUT(absolute)" "9"')
    assert ami.redirected == [{"Channel": "PJSIP/cell-1", "Context": "wl-call", "Exten": "T", "Priority": "1"}]
    assert session.gone.is_set()


@pytest.mark.parametrize(
    "command", ['STREAM FILE "x" "0"', "WAIT FOR DIGIT 500", 'RECORD FILE "x" wav "#" 9 s=1', 'EXEC "Dial" "x"']
)
async def test_what_takes_its_time_is_waited_for(command: str) -> None:
    ami = FakeAmi(shown())
    session = await watched(ami, command)
    assert (ami.asked, session.gone.is_set()) == (0, False)


async def test_a_file_that_is_to_end_and_does_not_is_not() -> None:
    """Its own reply is late, or the NOOP that ends it; see decision 0014."""
    ami, session = FakeAmi(shown()), FakeSession()

    async def answer(same: Any) -> None:
        same.replies.to('STREAM FILE "x" "0"')
        same.replies.to("NOOP")
        await asyncio.sleep(0.4)

    await Unanswered(ami).watched(answer)(session)  # type: ignore[arg-type]  # what it uses of both
    assert len(ami.redirected) == 1


@pytest.mark.parametrize("elsewhere", [{"Context": "wl-alone"}, {"Priority": "8"}, {"Channel": "PJSIP/cell-9"}])
async def test_who_has_gone_on_already_is_left_where_they_are(elsewhere: dict[str, str]) -> None:
    """The deadline came first; somebody may be speaking to them."""
    ami = FakeAmi(shown(**elsewhere))
    session = await watched(ami, "GET VARIABLE WL_CALL")
    assert ami.redirected == []
    assert session.gone.is_set()


async def test_in_the_middle_of_another_call_it_is_let_go_and_nothing_else() -> None:
    """A Redirect would end that call; see extensions.conf, wl-staff-beside."""
    ami = FakeAmi(shown())
    session = await watched(ami, "GET VARIABLE WL_CALL", beside=True)
    assert (ami.redirected, session.gone.is_set()) == ([], True)


async def test_a_slow_machine_is_no_reason() -> None:
    """The answer is there by the time that Asterisk has answered anything."""
    ami, session = FakeAmi(shown()), FakeSession()
    ami.meanwhile = lambda: session.replies.take("200 result=1")

    async def answer(same: Any) -> None:
        same.replies.to("NOOP")
        await asyncio.sleep(0.4)

    await Unanswered(ami).watched(answer)(session)  # type: ignore[arg-type]  # what it uses of both
    assert (ami.asked, ami.redirected, session.gone.is_set()) == (1, [], False)


@pytest.mark.parametrize("ami", [FakeAmi(shown(), fails_once=True), FakeAmi(shown(), late_once=True)])
async def test_asterisk_is_asked_again_when_it_could_not_be_reached_or_was_late_itself(ami: FakeAmi) -> None:
    session = await watched(ami, "NOOP")
    assert (ami.asked, len(ami.redirected), session.gone.is_set()) == (2, 1, True)


async def test_who_hangs_up_in_that_moment_is_gone() -> None:
    session = await watched(FakeAmi(shown(), refuses=True), "NOOP")
    assert session.gone.is_set()
