"""A caller had agreed, and could still say no, when the line was killed: they are asked again, and nothing is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ivr import happenings as h
from ivr.call import Phase
from ivr.live_call import LiveCall
from ivr.owed import Owed
from models.words import CallId, Cause, ListenerId
from tests.fakes.line import FakeLine, FakeMouth, a_database, eventually, settled

pytestmark = pytest.mark.anyio
ONE = CallId("call-one")
ROBIN = ListenerId("listener-robin")
HEARS_IT = ["caller/staff-are-told-you-agreed", "caller/press-2-to-stop"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "owed"


@pytest.fixture
async def line(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeLine]:
    # Prompts of no length: whispers follow each other at once, and what is to be said takes no time.
    monkeypatch.setattr("ivr.whispers.PAUSE_SECONDS", 0.0)
    new = FakeLine(a_database(tmp_path), "robin", "wren", owed=Owed(folder))
    yield new
    await new.stop()


def whispered_to(line: FakeLine, live: LiveCall) -> list[str]:
    return [prompt for leg, prompt in line.telephony.whispered if leg == live.caller.id]


async def agrees(line: FakeLine) -> LiveCall:
    """*2 and its 1 have been pressed, and the caller hears what will be told."""
    live, _ = await line.a_caller_waits()
    await line.takes("robin")
    await settled()
    for key in "*21":
        live.happen(h.ListenerPressed(ROBIN, key))
    assert await eventually(lambda: whispered_to(line, live)[-2:] == HEARS_IT)
    return live


async def is_over(live: LiveCall) -> None:
    """The seconds in which they can say no."""
    assert live.call.agreed_at
    live.happen(h.CallerHadTheirSay(live.call.agreed_at))
    assert await eventually(lambda: live.call.agreed_at is None)


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("*"))


async def test_what_is_written_of_an_agreement_is_the_call_alone(line: FakeLine, folder: Path) -> None:
    await agrees(line)

    assert files(folder) == ["call-one.agreed"]
    assert (folder / "call-one.agreed").read_bytes() == b""
    assert line.engine.raised == []


async def test_nothing_of_it_is_left_when_staff_are_told(line: FakeLine, folder: Path) -> None:
    await is_over(await agrees(line))

    assert await eventually(lambda: [one.cause for one in line.engine.raised] == [Cause.CALLER_AGREED])
    assert await eventually(lambda: files(folder) == [])


async def test_nothing_of_it_is_left_when_the_caller_says_no(line: FakeLine, folder: Path) -> None:
    live = await agrees(line)
    live.happen(h.CallerSignalled("2"))

    assert await eventually(lambda: files(folder) == [])
    assert line.engine.raised == []


async def test_the_caller_hears_it_again_from_the_next_line_and_then_staff_are_told(
    line: FakeLine, folder: Path
) -> None:
    await agrees(line)
    await line.is_killed()
    line.telephony.whispered.clear()
    await line.starts_again()
    live = line.desk.calls[ONE]

    assert await eventually(lambda: whispered_to(line, live) == HEARS_IT)
    assert "key/caller-can-say-no" in [prompt for _, prompt in line.telephony.whispered]
    assert line.engine.raised == []
    await is_over(live)
    assert await eventually(lambda: line.engine.raised)
    assert [(one.cause, one.phone) for one in line.engine.raised] == [(Cause.CALLER_AGREED, live.caller.phone)]
    assert await eventually(lambda: files(folder) == [])


async def test_the_caller_can_still_say_no_to_the_next_line(line: FakeLine, folder: Path) -> None:
    await agrees(line)
    await line.is_killed()
    await line.starts_again()
    live = line.desk.calls[ONE]
    assert await eventually(lambda: live.call.agreed_at)
    live.happen(h.CallerSignalled("2"))

    assert await eventually(lambda: whispered_to(line, live)[-1] == "staff-key/stopped")
    assert line.engine.raised == []
    assert files(folder) == []


async def test_who_said_no_before_the_line_was_killed_is_not_asked_again(line: FakeLine) -> None:
    live = await agrees(line)
    live.happen(h.CallerSignalled("2"))
    assert await eventually(lambda: whispered_to(line, live)[-1] == "staff-key/stopped")
    await line.is_killed()
    line.telephony.whispered.clear()
    await line.starts_again()

    assert whispered_to(line, line.desk.calls[ONE]) == []


async def test_who_waits_alone_by_then_hears_it_when_the_line_has_them_again(line: FakeLine) -> None:
    live = await agrees(line)
    robins = next(iter(live.talkers.values())).id
    await line.is_killed()
    line.telephony.hangs_up(robins)
    line.telephony.waits_alone(live.caller.id)
    await line.starts_again()
    adopted = line.desk.calls[ONE]
    assert adopted.call.phase is Phase.WAITING
    adopted.mouth = mouth = FakeMouth()  # type: ignore[assignment]  # what a call uses of it
    adopted.happen(h.LineIsBack())

    assert await eventually(lambda: mouth.said == HEARS_IT)
    await is_over(adopted)
    assert await eventually(lambda: [one.cause for one in line.engine.raised] == [Cause.CALLER_AGREED])


async def test_who_hangs_up_before_they_heard_it_again_is_told_of_as_by_a_line_that_lives(line: FakeLine) -> None:
    live = await agrees(line)
    await line.is_killed()
    line.telephony.hangs_up(next(iter(live.talkers.values())).id)
    line.telephony.waits_alone(live.caller.id)
    await line.starts_again()
    line.desk.calls[ONE].happen(h.CallerHungUp())

    assert await eventually(lambda: [one.cause for one in line.engine.raised] == [Cause.CALLER_AGREED])


async def test_who_hung_up_while_no_line_heard_a_no_is_not_told_of_and_the_log_says_so(
    line: FakeLine, folder: Path
) -> None:
    """They may have said no, and where they were is not known any more."""
    live = await agrees(line)
    await line.is_killed()
    line.telephony.loses(live.caller.id)
    with capture_logs() as logs:
        await line.starts_again()

    assert [one["call"] for one in logs if one["event"] == "agreement.not_told"] == [ONE]
    assert line.engine.raised == []
    assert files(folder) == []
