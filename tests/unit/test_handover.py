"""From one process of the line to the next: who is asked, what is given, and what happens when one of them dies."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr import happenings as h
from ivr.agi import Session
from ivr.live_call import LiveCall
from models.words import Cause, ListenerId
from tests.fakes.line import FakeLine, a_database, settled
from wingline.bench.releases import Releases
from wingline.children import Child, in_its_release
from wingline.demo.world import free_ports
from wingline.handover import LOOK_SECONDS, Dialogs, Doors, Handover, NotGiven, ask_for_doors, quiet_moment
from wingline.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def a_line(folder: Path) -> tuple[Settings, Handover]:
    agi, console = free_ports(2)
    settings = Settings(data=folder, agi_port=agi, console_port=console)
    running = Handover(folder, Doors.opened(settings))
    running.listen()
    return settings, running


async def quiet() -> None:
    """Nobody is in the middle of anything."""


async def test_without_a_line_nobody_is_asked(tmp_path: Path) -> None:
    assert await ask_for_doors(tmp_path) is None
    # What a killed one left behind is no line.
    (tmp_path / "line.sock").touch()
    assert await ask_for_doors(tmp_path) is None


async def test_who_comes_between_two_lines_waits_at_the_door_and_is_answered_by_the_next(tmp_path: Path) -> None:
    settings, before = a_line(tmp_path)
    asking = asyncio.create_task(ask_for_doors(tmp_path))
    assert await before.asked_and_given(quiet)
    next_one = await asking
    assert next_one
    letting_go = asyncio.create_task(next_one.has_let_go())
    # Neither answers in this moment.
    _, waiting = await asyncio.open_connection("127.0.0.1", settings.agi_port)
    waiting.write(b"a call")
    assert not letting_go.done()

    before.close()
    await letting_go
    after = Handover(tmp_path, next_one.doors)
    after.listen()
    accepted, _ = next_one.doors.calls.accept()

    assert accepted.recv(10) == b"a call"
    for one in (accepted, waiting):
        one.close()
    after.close()


async def test_a_next_line_that_dies_while_it_asks_leaves_the_one_that_runs_as_it_was(tmp_path: Path) -> None:
    _, running = a_line(tmp_path)
    dying = socket.socket(socket.AF_UNIX)
    dying.connect(str(tmp_path / "line.sock"))

    async def dies() -> None:
        dying.close()

    assert not await running.asked_and_given(dies)
    asking = asyncio.create_task(ask_for_doors(tmp_path))
    assert await running.asked_and_given(quiet)
    next_one = await asking
    assert next_one
    running.close()
    await next_one.has_let_go()
    next_one.doors.close()


async def test_a_line_that_dies_before_it_gives_ends_the_next_one_with_a_word(tmp_path: Path) -> None:
    _, running = a_line(tmp_path)

    async def dies() -> None:
        raise ConnectionError

    asking = asyncio.create_task(ask_for_doors(tmp_path))
    with pytest.raises(ConnectionError):
        await running.asked_and_given(dies)
    running.close()
    with pytest.raises(NotGiven, match="has not given its sockets"):
        await asking


async def test_a_line_that_ends_leaves_no_address_behind(tmp_path: Path) -> None:
    settings, running = a_line(tmp_path)
    running.close()

    assert not (tmp_path / "line.sock").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", settings.agi_port))


# ---- the moment in which it is given


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[FakeLine]:
    new = FakeLine(a_database(tmp_path), "robin")
    yield new
    await new.stop()


async def nobody_answers(session: Session) -> None:
    """No dialog of the dialplan's is open."""


def a_quiet_moment(line: FakeLine) -> asyncio.Task[None]:
    return asyncio.create_task(quiet_moment(Dialogs(nobody_answers), line.desk))


async def a_talk(line: FakeLine) -> LiveCall:
    live, _ = await line.a_caller_waits()
    await line.takes("robin")
    await settled()
    return live


def presses(live: LiveCall, keys: str) -> None:
    for key in keys:
        live.happen(h.ListenerPressed(ListenerId("listener-robin"), key))


async def has_come(moment: asyncio.Task[None]) -> bool:
    await asyncio.sleep(3 * LOOK_SECONDS)
    return moment.done()


async def test_who_agreed_and_has_had_their_say_is_not_forgotten_by_the_next_line(line: FakeLine) -> None:
    live = await a_talk(line)
    presses(live, "*21")
    await settled()
    moment = a_quiet_moment(line)
    assert not await has_come(moment)
    assert live.call.agreed_at
    live.happen(h.CallerHadTheirSay(live.call.agreed_at))

    assert await has_come(moment)
    assert [one.cause for one in line.engine.raised] == [Cause.CALLER_AGREED]


async def test_who_agreed_and_says_no_is_not_waited_for_any_longer(line: FakeLine) -> None:
    live = await a_talk(line)
    presses(live, "*21")
    await settled()
    moment = a_quiet_moment(line)
    assert not await has_come(moment)
    live.happen(h.CallerSignalled("2"))

    assert await has_come(moment)
    assert line.engine.raised == []


async def test_a_danger_that_has_yet_to_be_named_is_waited_for(line: FakeLine) -> None:
    live = await a_talk(line)
    presses(live, "*3")
    await settled()
    moment = a_quiet_moment(line)
    assert not await has_come(moment)
    presses(live, "1")

    assert await has_come(moment)
    assert [one.cause for one in line.engine.raised] == [Cause.DANGER_NOW]


async def test_a_danger_that_the_last_listener_left_open_is_waited_for(line: FakeLine) -> None:
    live = await a_talk(line)
    presses(live, "*3")
    live.happen(h.ListenerLeft(ListenerId("listener-robin")))
    await settled()
    moment = a_quiet_moment(line)
    assert not await has_come(moment)
    live.happen(h.CallerCameBack())

    assert await has_come(moment)
    assert [one.cause for one in line.engine.raised] == [Cause.LINE_LOST]


async def test_who_pressed_0_and_can_still_say_no_is_waited_for(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    live.happen(h.CallerPressed("0"))
    await settled()
    moment = a_quiet_moment(line)
    assert not await has_come(moment)
    live.happen(h.CallerWasQuiet())

    assert await has_come(moment)
    assert [one.cause for one in line.engine.raised] == [Cause.CALLER_ASKED]


async def test_nobody_is_waited_for_for_ever(line: FakeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wingline.handover.QUIET_SECONDS", LOOK_SECONDS)
    live = await a_talk(line)
    presses(live, "*21")
    await settled()

    assert await has_come(a_quiet_moment(line))
    assert live.call.agreed_at


# ---- `wingline up`, which changes one for the other

BEGIN = """
import os, sys, time, pathlib
mark = pathlib.Path(sys.argv[1])
before = mark.read_text() if mark.exists() else ""
mark.write_text(before + "x")
"""
FIRST_ENDS_WHEN_ASKED = (
    f"{BEGIN}\nwhile not before and len(mark.read_text()) < 2: time.sleep(.02)\nbefore and time.sleep(60)"
)
SECOND_DIES = f"{BEGIN}\nbefore and sys.exit(3)\ntime.sleep(60)"


@pytest.mark.parametrize(("program", "handed"), [(FIRST_ENDS_WHEN_ASKED, True), (SECOND_DIES, False)])
async def test_a_child_is_changed_for_the_next_only_when_it_has_let_go(
    tmp_path: Path, program: str, *, handed: bool
) -> None:
    child = Child("line", [sys.executable, "-c", program, str(tmp_path / "mark")], tmp_path, {})
    keeping = asyncio.create_task(child.keep_running())
    while not (tmp_path / "mark").exists():  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.02)
    before = child.process

    assert await child.hand_over() is handed

    assert child.running
    assert (child.process is before) is not handed
    keeping.cancel()
    await child.stop()


def test_a_program_is_started_in_the_release_that_the_link_names_now(tmp_path: Path) -> None:
    for release in ("1", "2"):
        (tmp_path / release / "bin").mkdir(parents=True)
        (tmp_path / release / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "current").symlink_to(tmp_path / "1")

    before = in_its_release(f"{tmp_path}/current/bin/python")
    (tmp_path / "current").unlink()
    (tmp_path / "current").symlink_to(tmp_path / "2")

    assert before == f"{tmp_path}/1/bin/python"
    assert in_its_release(f"{tmp_path}/current/bin/python") == f"{tmp_path}/2/bin/python"
    assert in_its_release("asterisk") == "asterisk"


REMAINS = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(sys.executable); time.sleep(60)"


async def test_what_dies_after_the_next_release_was_installed_is_started_again_of_its_own(tmp_path: Path) -> None:
    releases, mark = Releases(tmp_path), tmp_path / "mark"
    for version in ("1", "2"):
        (tmp_path / "releases" / version / "bin").mkdir(parents=True)
        (tmp_path / "releases" / version / "bin" / "python").symlink_to(sys.executable)
    releases.follow("1")
    child = Child("line", [str(releases.python), "-c", REMAINS, str(mark)], tmp_path, {})

    async def started() -> str:
        while not (mark.exists() and mark.read_text()):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)
        release = Path(mark.read_text()).parts[-3]
        mark.unlink()
        return release

    await child.start()
    assert await started() == "1"
    releases.follow("2")
    await child.stop()
    await child.start()

    assert await started() == "1"
    changing = asyncio.create_task(child.hand_over())
    assert await started() == "2"
    assert child.process
    child.process.kill()
    assert await changing
    await child.stop()
    await child.start()
    assert await started() == "2"
    await child.stop()
