"""While the database fails, as on a full disk, callers get on; and when it is back nothing has been lost."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import StringIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import structlog
from builders import SITE
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from escalation.profile import PROTOCOL
from escalation.store import Raise
from ivr import happenings as h
from ivr import live_call
from ivr.call import Phase
from ivr.live_call import LiveCall
from ivr.mouth import Mouth
from ivr.prompt_files import PromptFiles
from ivr.reconcile import reconcile
from models import tables
from models.clock import now
from models.database import Database
from models.errors import ActionRefused
from models.words import CallStage, Cause, EscalationId, Instant, ListenerId, OfferEnd, Outcome, PhoneId, Seat
from tests.fakes.line import FakeLine, FakeVoice, a_database, eventually, settled
from tests.fakes.telephony import FakeTelephony
from wingline.logs import set_up_logs

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def disk_is_full() -> OperationalError:
    return OperationalError("INSERT", {}, Exception("disk I/O error"))


class FailingDatabase(Database):
    fails = False

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        if self.fails:
            raise disk_is_full()
        with super().transaction() as session:
            yield session


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[FakeLine]:
    database = a_database(tmp_path)
    database.close()
    new = FakeLine(FailingDatabase(database.url), "robin", waiting={"listener_seconds": 2})
    yield new
    await new.stop()


@pytest.fixture
async def line_of_two(tmp_path: Path) -> AsyncIterator[FakeLine]:
    database = a_database(tmp_path)
    database.close()
    new = FakeLine(FailingDatabase(database.url), "robin", "wren", waiting={"listener_seconds": 4})
    yield new
    await new.stop()


def fails(line: FakeLine, *, now: bool) -> None:
    assert isinstance(line.database, FailingDatabase)
    line.database.fails = now


async def test_a_search_that_could_not_ask_the_database_asks_again(line: FakeLine) -> None:
    await line.a_caller_waits()
    fails(line, now=True)
    await asyncio.sleep(0.3)
    assert line.telephony.ordered("ring") == []
    fails(line, now=False)

    assert await line.is_rung("robin")


@pytest.mark.slow
async def test_a_search_without_a_database_ends_in_its_time_with_the_way_outside(line: FakeLine) -> None:
    live, mouth = await line.a_caller_waits()
    fails(line, now=True)

    assert await eventually(lambda: live.call.phase is Phase.OUTSIDE, within=6)
    assert "wait/outside" in mouth.said
    fails(line, now=False)


@pytest.mark.slow
async def test_a_claim_that_the_database_refused_keeps_no_caller_waiting_for_ever(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    robins = await line.is_rung("robin")
    fails(line, now=True)
    with pytest.raises(OperationalError):
        await line.answers(robins, "1")
    fails(line, now=False)

    assert await eventually(lambda: live.call.phase is Phase.OUTSIDE, within=4)


async def test_when_a_claim_was_refused_and_its_end_could_not_be_written_the_next_is_rung(
    line_of_two: FakeLine,
) -> None:
    line = line_of_two
    live, _ = await line.a_caller_waits()
    robins = await line.is_rung("robin")
    fails(line, now=True)
    with pytest.raises(OperationalError):
        await line.answers(robins, "1")
    line.telephony.hangs_up(robins)
    await settled()
    fails(line, now=False)

    assert await line.is_rung("wren")
    assert live.call.phase is Phase.WAITING


async def test_a_phone_that_waits_on_after_its_claim_was_refused_keeps_no_caller_waiting(
    line_of_two: FakeLine,
) -> None:
    """It does not hang up, so Asterisk says nothing."""
    line = line_of_two
    line.telephony.waits(PhoneId("phone-robin"))
    live, _ = await line.a_caller_waits()
    (robins,) = await eventually(lambda: live.ringing and list(live.ringing[Seat.FIRST].offers))
    found = line.desk._find_offer(robins)
    assert found
    fails(line, now=True)
    with pytest.raises(OperationalError):
        await line.desk._offered(FakeVoice("1"), *found)  # type: ignore[arg-type]  # a person, not a session
    line.telephony.waits_on(robins)
    fails(line, now=False)

    assert await line.is_rung("wren")
    assert live.call.phase is Phase.WAITING


async def test_a_phone_that_was_not_rung_is_followed_by_the_next_although_that_could_not_be_written(
    line_of_two: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = line_of_two
    rings = line.telephony.ring

    async def fails_with_the_database(phone: PhoneId, *args: Any, **options: Any) -> None:
        if phone == "phone-robin":
            fails(line, now=True)
            raise ActionRefused("Originate", "the test says so")
        await rings(phone, *args, **options)

    monkeypatch.setattr(FakeTelephony, "ring", staticmethod(fails_with_the_database))
    await line.a_caller_waits()
    assert await eventually(lambda: isinstance(line.database, FailingDatabase) and line.database.fails)
    await settled()
    fails(line, now=False)

    assert await line.is_rung("wren")


async def test_who_decided_is_heard_although_the_database_failed_while_they_were_asked(
    line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_call, "LOOK_FOR_DECISION_SECONDS", 0.02)
    live, _ = await line.a_caller_waits()
    robins = await line.takes("robin")
    line.database.do(lambda session: session.add(an_undecided_escalation(live)))
    for key in "*34":
        live.happen(h.ListenerPressed(ListenerId("listener-robin"), key))
    assert await eventually(lambda: live.escalations)
    fails(line, now=True)
    await asyncio.sleep(0.2)
    fails(line, now=False)
    no = {"deciding": False, "outcome": Outcome.NOT_TOLD, "closed_at": now(), "closed_by": "the leader"}
    line.database.do(lambda session: session.execute(update(tables.Escalation).values(**no)))

    assert await eventually(lambda: (robins, "key/samaritan-decided") in line.telephony.whispered)
    assert await eventually(lambda: (live.caller.id, "caller/staff-are-not-told") in line.telephony.whispered)


def an_undecided_escalation(live: LiveCall) -> tables.Escalation:
    """As the first that FakeEngine raises is called."""
    protocol = live.call.rules.profile.protocol_for(Cause.PERSON_AT_RISK)
    return tables.Escalation(
        id="escalation-0", site_id=SITE, call_id=live.call.id, cause=Cause.PERSON_AT_RISK, acknowledged_posts=[],
        protocol=PROTOCOL.dump_python(protocol, mode="json"), deciding=True, raised_at=now(),
    )  # fmt: skip


async def test_who_heard_that_staff_are_told_is_told_when_the_database_is_back(
    line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_call, "RAISE_AGAIN_SECONDS", 0.02)
    refusals = iter(range(3))
    raises = line.engine.raise_escalation

    async def fails_at_first(raising: Raise, now: Instant) -> EscalationId:
        if next(refusals, None) is not None:
            raise disk_is_full()
        return await raises(raising, now)

    line.engine.raise_escalation = fails_at_first  # type: ignore[method-assign]
    live, _ = await line.a_caller_waits()
    live.happen(h.CallerPressed("0"))
    live.happen(h.CallerWasQuiet())

    assert await eventually(lambda: line.engine.raised)
    await settled()
    assert [raising.cause for raising in line.engine.raised] == [Cause.CALLER_ASKED]


async def test_while_the_database_is_slow_to_take_an_escalation_the_caller_hears_what_comes_next(
    line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = asyncio.Event()
    raises = line.engine.raise_escalation

    async def slowly(raising: Raise, now: Instant) -> EscalationId:
        await taken.wait()
        return await raises(raising, now)

    monkeypatch.setattr(line.engine, "raise_escalation", slowly)
    live, mouth = await line.a_caller_waits()
    live.happen(h.CallerPressed("0"))
    live.happen(h.CallerWasQuiet())
    await settled()
    said = len(mouth.said)
    live.happen(h.CallerWasQuiet())
    await settled()

    assert line.engine.raised == []
    assert len(mouth.said) > said
    taken.set()
    assert await eventually(lambda: line.engine.raised)


async def test_a_listener_whose_leaving_could_not_be_written_is_free_again_soon(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    robins = await line.takes("robin")
    assert await eventually(lambda: live.talkers)
    fails(line, now=True)
    line.telephony.hangs_up(robins)
    await settled()
    fails(line, now=False)
    assert len(line.open_talks()) == 1
    await reconcile(line.desk)
    assert len(line.open_talks()) == 1  # it may be just being written
    await reconcile(line.desk)

    assert line.open_talks() == []
    assert line.rests("robin")


async def test_a_listener_who_is_in_a_call_keeps_it_however_often_we_look(line: FakeLine) -> None:
    await line.a_caller_waits()
    await line.takes("robin")
    for _ in range(3):
        await reconcile(line.desk)

    assert len(line.open_talks()) == 1


async def test_a_caller_for_whom_nobody_decides_any_more_is_given_back_to_the_dialplan(line: FakeLine) -> None:
    live, mouth = await line.a_caller_waits()
    live.happen(NotImplemented)  # type: ignore[arg-type]  # what no step foresees

    assert await eventually(lambda: mouth.given_up)
    assert live.call.id not in line.desk.calls


async def test_a_mouth_that_gives_up_says_nothing_more_and_does_not_say_where_to_go_on() -> None:
    went: list[Any] = []

    class Voice(FakeVoice):
        async def wait_for_key(self, wait_seconds: float, *, unless: object = None) -> str:
            del wait_seconds, unless
            await asyncio.sleep(0.01)
            return ""

        async def go_on_to(self, following: str) -> None:
            went.append(following)

    mouth = Mouth(Voice(), PromptFiles(Path("prompts")), went.append)  # type: ignore[arg-type]
    speaking = asyncio.create_task(mouth.run())
    await asyncio.sleep(0.05)
    mouth.give_up()
    await asyncio.wait_for(speaking, 2)

    assert went == []


def test_a_log_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(StringIO):
        def write(self, text: str) -> int:
            raise OSError(27, f"File too large for {len(text)} more")

        def flush(self) -> None:
            raise OSError(27, "File too large")

    set_up_logs()
    monkeypatch.setattr(sys, "stderr", Full())
    try:
        structlog.get_logger().warning("call.dialled", call="call-1")
    finally:
        structlog.reset_defaults()


async def test_while_somebody_holds_the_database_a_caller_goes_on_hearing_us(line: FakeLine) -> None:
    live, mouth = await line.a_caller_waits()
    assert await eventually(lambda: "wait/ringing" in mouth.said)
    held = Event()
    holding = asyncio.create_task(line.database.aside(held.wait))
    await settled()
    live.happen(h.NobodyCame(Seat.FIRST))

    assert await eventually(lambda: "wait/outside" in mouth.said, within=1)
    held.set()
    await holding
    assert await eventually(lambda: line.asked(select(tables.Call.stage)) == [CallStage.OUTSIDE])


@asynccontextmanager
async def somebody_holds(database: Database) -> AsyncIterator[None]:
    held = Event()
    holding = asyncio.create_task(database.aside(held.wait))
    await settled()
    try:
        yield
    finally:
        held.set()
        await holding


async def test_while_somebody_holds_the_database_a_listener_who_joins_hears_the_caller(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    robins = await line.is_rung("robin")
    assert (await line.answers(robins, "1")).took
    async with somebody_holds(line.database):
        line.telephony.joins(robins)

        assert await eventually(lambda: line.telephony.ordered("join_talk") == [live.caller.id], within=1)


async def test_while_somebody_holds_the_database_a_caller_who_comes_back_is_spoken_to(line: FakeLine) -> None:
    live, mouth = await line.a_caller_waits()
    robins = await line.takes("robin")
    await settled()
    async with somebody_holds(line.database):
        line.telephony.hangs_up(robins)
        live.happen(h.CallerCameBack())

        assert await eventually(lambda: "talk/listener-gone" in mouth.said, within=1)


async def test_while_somebody_holds_the_database_whoever_is_rung_hears_that_the_caller_has_gone(
    line: FakeLine,
) -> None:
    live, _ = await line.a_caller_waits()
    robins = await line.is_rung("robin")
    async with somebody_holds(line.database):
        line.telephony.hangs_up(live.caller.id)

        # What the machine heard is forgotten after the phones were silenced.
        assert await eventually(lambda: line.ears.forgotten, within=1)
        assert line.telephony.ordered("drop") == [robins]
    assert await eventually(lambda: line.offers() == [("robin", OfferEnd.CALLER_GONE)])


async def test_who_joins_while_the_end_of_the_call_is_being_written_is_not_left_alone(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    robins = await line.is_rung("robin")
    assert (await line.answers(robins, "1")).took
    async with somebody_holds(line.database):
        line.telephony.hangs_up(live.caller.id)
        assert await eventually(lambda: line.ears.forgotten)
        line.telephony.joins(robins)

        assert await eventually(lambda: line.telephony.ordered("send_away") == [robins], within=1)
    assert await eventually(lambda: not line.open_talks())
