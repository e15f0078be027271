"""Whoever has heard that staff are told is told: written down before the database is asked, and gone when it has it."""

import json
import os
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from escalation.store import Raise
from ivr import happenings as h
from ivr.orders import Escalate
from ivr.owed import Owed, settle
from models.words import Cause, EscalationId, Instant
from tests.fakes.line import CALLERS_PHONE, FakeEngine, FakeLine, a_database, eventually, settled

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "owed"


@pytest.fixture
async def line(tmp_path: Path, folder: Path) -> AsyncIterator[FakeLine]:
    new = FakeLine(a_database(tmp_path), "robin", owed=Owed(folder))
    yield new
    await new.stop()


class AwayAtFirst(FakeEngine):
    """The database cannot be asked, so often."""

    def __init__(self, refusals: int) -> None:
        super().__init__()
        self.refusals = refusals

    async def raise_escalation(self, raising: Raise, now: Instant) -> EscalationId:
        self.refusals -= 1
        if self.refusals >= 0:
            raise OperationalError("INSERT", {}, Exception("the connection was lost"))
        return await super().raise_escalation(raising, now)


async def asks_for_staff(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    live.happen(h.CallerPressed("0"))
    live.happen(h.CallerWasQuiet())
    await settled()


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*"))


async def test_it_is_written_before_the_database_is_asked_and_gone_when_it_has_it(
    line: FakeLine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    when_asked: list[dict[str, str]] = []
    raises = line.engine.raise_escalation

    async def looks(raising: Raise, now: Instant) -> EscalationId:
        when_asked.extend(json.loads(file.read_text()) for file in files(folder))
        assert all(file.stat().st_mode & 0o777 == 0o600 for file in files(folder))
        return await raises(raising, now)

    monkeypatch.setattr(line.engine, "raise_escalation", looks)
    await asks_for_staff(line)
    assert await eventually(lambda: line.engine.raised)
    await settled()

    assert when_asked == [{"call": "call-one", "cause": "caller_asked", "danger": None, "phone": CALLERS_PHONE}]
    assert files(folder) == []


@pytest.mark.slow
async def test_a_line_that_dies_while_the_database_is_away_leaves_it_to_the_next(line: FakeLine, folder: Path) -> None:
    line.engine.raise_escalation = AwayAtFirst(1000).raise_escalation  # type: ignore[method-assign]
    await asks_for_staff(line)
    assert await eventually(lambda: files(folder))
    await line.is_killed()
    nexts = AwayAtFirst(0)
    await settle(Owed(folder), nexts, line.ports.site, line.ports.profile)  # type: ignore[arg-type]  # what it uses of it

    assert [(one.call, one.cause, one.phone) for one in nexts.raised] == [
        ("call-one", Cause.CALLER_ASKED, CALLERS_PHONE)
    ]
    assert files(folder) == []


async def test_it_asks_until_the_database_is_back(
    line: FakeLine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.owed.AGAIN_SECONDS", 0.01)
    owed, engine = Owed(folder), AwayAtFirst(3)
    await owed.is_owed(a_raise(line))
    await settle(owed, engine, line.ports.site, line.ports.profile)  # type: ignore[arg-type]

    assert len(engine.raised) == 1
    assert files(folder) == []


async def test_where_the_caller_is_is_not_written_if_the_rule_does_not_tell_it(line: FakeLine, folder: Path) -> None:
    raising = a_raise(line)
    silent = {cause: replace(one, tells=frozenset()) for cause, one in raising.profile.disclosures.items()}
    await Owed(folder).is_owed(replace(raising, profile=replace(raising.profile, disclosures=silent)))

    (file,) = files(folder)
    assert json.loads(file.read_text())["phone"] is None


async def test_nothing_is_written_while_somebody_decides_whether_staff_are_told(
    line: FakeLine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, _ = await line.a_caller_waits()
    monkeypatch.setattr(line.engine, "raise_escalation", AwayAtFirst(1000).raise_escalation)
    await live._try(Escalate(Cause.PERSON_AT_RISK, asks_first=True))

    assert files(folder) == []
    await live._try(Escalate(Cause.CALLER_ASKED))
    assert len(files(folder)) == 1


@pytest.fixture
def takes_nothing(folder: Path) -> None:
    folder.write_text("a file where the folder would be")


@pytest.fixture
def half_written(folder: Path) -> str:
    folder.mkdir()
    file = folder / "call-two.caller_asked.json"
    file.write_text('{"call": "call-two"')
    return file.name


@pytest.mark.usefixtures("takes_nothing")
async def test_a_disk_that_takes_nothing_keeps_nobody_from_being_told(line: FakeLine) -> None:
    await asks_for_staff(line)

    assert await eventually(lambda: line.engine.raised)


async def test_what_a_hanging_disk_writes_when_it_is_paid_already_does_not_stay(
    line: FakeLine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.owed._WRITTEN_WITHIN_SECONDS", 0.05)
    hangs, syncs = threading.Event(), os.fsync

    def slow(descriptor: int) -> None:
        hangs.wait(5)
        syncs(descriptor)

    monkeypatch.setattr("os.fsync", slow)
    owed, raising = Owed(folder), a_raise(line)
    await owed.is_owed(raising)
    await owed.is_paid(raising)
    hangs.set()

    assert await eventually(lambda: files(folder) == [])


async def test_a_file_that_cannot_be_read_stays_and_is_named(line: FakeLine, folder: Path, half_written: str) -> None:
    engine = AwayAtFirst(0)
    with capture_logs() as logs:
        await settle(Owed(folder), engine, line.ports.site, line.ports.profile)  # type: ignore[arg-type]

    assert [(one["event"], one["file"]) for one in logs] == [("owed.cannot_be_raised", half_written)]
    assert len(files(folder)) == 1
    assert engine.raised == []


def a_raise(line: FakeLine) -> Raise:
    ports = line.ports
    call = line.telephony.dials(CALLERS_PHONE)
    return Raise(site=ports.site, cause=Cause.CALLER_ASKED, profile=ports.profile, call="call-three", phone=call.phone)  # type: ignore[arg-type]
