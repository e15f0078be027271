"""What a live call does of the disclosure paths: staff learn how the person is, a decision is heard, Listeners rest."""

import asyncio
import wave
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from escalation.profile import PROTOCOL
from ivr import debrief, live_call
from ivr import happenings as h
from ivr.legs import Leg, LegId
from ivr.live_call import LiveCall
from ivr.whispers import Whispers
from listeners import store as listeners
from models import tables
from models.clock import now
from models.words import CallId, Cause, Condition, ListenerId, Outcome
from tests.fakes.line import FakeLine, FakeVoice, a_database, eventually, settled

pytestmark = pytest.mark.anyio
ROBIN = ListenerId("listener-robin")
# Whispers come one after the other, and a decision is looked for twice a second.
QUIET_SECONDS = 0.7


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[FakeLine]:
    new = FakeLine(a_database(tmp_path), "robin")
    yield new
    await new.stop()


async def talk(line: FakeLine) -> LiveCall:
    live, _ = await line.a_caller_waits()
    await line.takes("robin")
    await settled()
    return live


def presses(live: LiveCall, keys: str) -> None:
    for key in keys:
        live.happen(h.ListenerPressed(ROBIN, key))


async def test_how_the_person_is_goes_to_the_escalation_of_the_call(line: FakeLine) -> None:
    live = await talk(line)
    presses(live, "*313")

    assert await eventually(lambda: line.engine.learnt) == [(CallId("call-one"), Condition.NOT_BREATHING)]
    assert [one.cause for one in line.engine.raised] == [Cause.DANGER_NOW]


# ---- an attack on the Listener


async def test_an_attacked_listener_will_be_rung_and_rests_longer_and_nobody_is_told(line: FakeLine) -> None:
    live = await talk(line)
    presses(live, "*51")
    assert await eventually(lambda: line.rests("robin"))

    (row,) = line.asked(select(tables.Listener))
    welfare = line.ports.rest
    weighty = timedelta(minutes=welfare.rest_minutes + welfare.rest_weight_minutes)
    assert row.wants_debrief
    assert row.resting_until >= now() + weighty - timedelta(seconds=5)
    assert line.engine.raised == []


async def test_who_will_be_rung_hears_so_and_may_say_no(line: FakeLine) -> None:
    line.database.do(lambda session: listeners.ask_for_debrief(session, ROBIN))
    silent, says_no = FakeVoice(""), FakeVoice("1")
    await debrief.offer(silent, line.ports, ROBIN)  # type: ignore[arg-type]  # a person, not a session
    assert line.asked(select(tables.Listener.wants_debrief)) == [True]
    await debrief.offer(says_no, line.ports, ROBIN)  # type: ignore[arg-type]

    assert silent.prompts == ["after/caller-gone", "after/will-be-rung", "after/all-right"]
    assert line.asked(select(tables.Listener.wants_debrief)) == [False]


async def test_every_other_listener_is_asked(line: FakeLine) -> None:
    voice = FakeVoice("2")
    await debrief.offer(voice, line.ports, ROBIN)  # type: ignore[arg-type]

    assert voice.prompts == ["after/caller-gone", "after/debrief", "after/will-be-called"]
    assert line.asked(select(tables.Listener.wants_debrief)) == [True]


async def test_how_the_person_is_is_told_although_the_database_failed_once(
    line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, failed = line.engine.learn, []

    async def fails_once(call: CallId, condition: Condition, at: datetime) -> None:
        if not failed:
            failed.append(condition)
            raise OperationalError("", {}, Exception("database is locked"))
        await learn(call, condition, at)

    monkeypatch.setattr(line.engine, "learn", fails_once)
    monkeypatch.setattr(live_call, "RAISE_AGAIN_SECONDS", 0.05)
    live = await talk(line)
    presses(live, "*313")

    assert await eventually(lambda: line.engine.learnt) == [(CallId("call-one"), Condition.NOT_BREATHING)]
    assert failed


async def test_staff_are_told_by_the_profile_by_which_the_caller_heard_it(line: FakeLine) -> None:
    """Another version may come into force in the middle of a call."""
    live = await talk(line)
    newer = replace(live.call.rules, profile=replace(live.call.rules.profile, number=2))
    live._ports = replace(live._ports, rules=lambda: newer)
    presses(live, "*32")

    (raised,) = await eventually(lambda: line.engine.raised)
    assert raised.profile is live.call.rules.profile is not newer.profile


# ---- somebody decides first


async def undecided(line: FakeLine, live: LiveCall) -> None:
    """The Listener says that a child is at risk, and the leader is being asked."""
    protocol = live.call.rules.profile.protocol_for(Cause.PERSON_AT_RISK)
    row = tables.Escalation(
        id="escalation-0", site_id=line.ports.site, call_id="call-one", cause=Cause.PERSON_AT_RISK,
        protocol=PROTOCOL.dump_python(protocol, mode="json"), deciding=True, raised_at=now(), acknowledged_posts=[],
    )  # fmt: skip
    line.database.do(lambda session: session.add(row))
    presses(live, "*34")
    assert await eventually(lambda: line.engine.raised)


def whispers_to_the_caller(line: FakeLine, live: LiveCall) -> int:
    return line.telephony.ordered("whisper").count(live.caller.id)


def decided(line: FakeLine, **row: object) -> None:
    line.database.do(lambda session: session.execute(update(tables.Escalation).values(deciding=False, **row)))


async def test_the_caller_hears_the_decision_when_it_falls_and_not_before(line: FakeLine) -> None:
    live = await talk(line)
    await undecided(line, live)
    await asyncio.sleep(QUIET_SECONDS)
    before, told_at = whispers_to_the_caller(line, live), live.told_at
    decided(line)

    assert await eventually(lambda: whispers_to_the_caller(line, live) > before)
    assert live.told_at > told_at
    assert live.call.staff_called is False


@pytest.mark.slow
async def test_a_graver_danger_that_takes_its_place_is_no_decision(line: FakeLine) -> None:
    live = await talk(line)
    await undecided(line, live)
    await asyncio.sleep(QUIET_SECONDS)
    before = whispers_to_the_caller(line, live)
    decided(line, cause=Cause.DANGER_NOW)
    await asyncio.sleep(QUIET_SECONDS)

    assert whispers_to_the_caller(line, live) == before


async def test_nobody_waits_for_a_decision_after_the_call(line: FakeLine) -> None:
    live = await talk(line)
    await undecided(line, live)
    live.happen(h.CallerHungUp())
    await asyncio.sleep(QUIET_SECONDS)
    decided(line, closed_at=now(), outcome=Outcome.NOT_TOLD)
    await settled()

    assert not line.desk.calls


# ---- the caller first, whatever they are just being told


async def test_staff_wait_for_the_end_of_what_the_caller_hears_before_the_words_about_them(line: FakeLine) -> None:
    """No sentence but by a key stops in the middle: a Listener who is cut off does not shorten the one about the 0."""
    live = await talk(line)
    mouth = live.mouth
    assert mouth
    live.happen(h.CallerPressedStaffKey())
    presses(live, "*3")
    await settled()
    mouth.says_until = busy_until = asyncio.get_running_loop().time() + 7
    live.happen(h.ListenerLeft(ROBIN))

    (raised,) = await eventually(lambda: line.engine.raised)
    assert raised.cause is Cause.LINE_LOST
    assert live.told_at >= busy_until


# ---- a menu


@dataclass
class Ear:
    """Hears the whispers, in order."""

    heard: list[str] = field(default_factory=list)

    async def whisper(self, leg: Leg, files: Sequence[str]) -> None:
        del leg
        self.heard += [Path(file).name for file in files]


def a_prompt(folder: Path, name: str, seconds: float) -> str:
    with wave.open(str(folder / f"{name}.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(int(8000 * seconds) * 2))
    return str(folder / name)


async def test_a_menu_that_was_answered_keeps_nothing_waiting(tmp_path: Path) -> None:
    ear = Ear()
    whispers = Whispers(ear, Leg(LegId("leg"), "PJSIP/p-1"))  # type: ignore[arg-type]  # what a whisper uses of it
    whispers.offer([a_prompt(tmp_path, name, 0.1) for name in ("one", "two", "three")])
    await asyncio.sleep(0.05)
    whispers.answered()
    said_at = whispers.say([a_prompt(tmp_path, "done", 0.1)])
    await asyncio.sleep(0.5)

    assert ear.heard == ["one", "done"]
    assert said_at - asyncio.get_running_loop().time() < 0.2


async def test_what_came_after_the_menu_is_not_lost_with_it(tmp_path: Path) -> None:
    ear = Ear()
    whispers = Whispers(ear, Leg(LegId("leg"), "PJSIP/p-1"))  # type: ignore[arg-type]
    whispers.offer([a_prompt(tmp_path, name, 0.05) for name in ("one", "two")])
    whispers.say([a_prompt(tmp_path, "flag", 0.05)])
    await asyncio.sleep(0.02)
    whispers.answered()
    whispers.say([a_prompt(tmp_path, "done", 0.05)])
    await asyncio.sleep(1.0)

    assert ear.heard == ["one", "flag", "done"]
