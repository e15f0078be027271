"""Drills over real rows: begun once by whichever node is first, never beside a crisis, and giving way to one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from functools import partial
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from builders import NOON, SITE
from escalation_world import DESK, PHONES, PROFILE, WARD, World, a_line, a_staffed_prison, raising
from sqlalchemy import select

from escalation.case import Closed
from escalation.drill_report import Finding, drill, drills_at
from escalation.drills import BY_PLAN, WITHIN, Kind, Plan, ask, begin_next
from escalation.engine import Engine
from escalation.store import Raise
from models import tables
from models.database import Database
from models.errors import NotAllowed, UnknownName
from models.words import Cause, EscalationId, Outcome, SiteId, TellingEnd

OF_SITE = SiteId(SITE)
DRILL = Raise(site=OF_SITE, cause=Cause.DRILL, profile=PROFILE)
SAFE = Closed("officer", spoken=True, outcome=Outcome.SAFE_NOW)
PLAN = Plan(10, time(12), ZoneInfo("Europe/London"))


@pytest.fixture
def prison(database: Database) -> Database:
    database.do(a_staffed_prison)
    return database


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def asked(prison: Database, seconds: float = 0) -> str:
    return prison.do(lambda session: ask(session, OF_SITE, "Sam", after(seconds)))


def tick(line: Engine, seconds: float = 0, plan: Plan | None = None) -> EscalationId | None:
    return asyncio.run(line.act(lambda turn: begin_next(turn, DRILL, plan), after(seconds)))


def escalations(prison: Database, cause: Cause = Cause.DRILL) -> list[tables.Escalation]:
    asked_for = select(tables.Escalation).where(tables.Escalation.cause == cause)
    return prison.do(lambda session: list(session.scalars(asked_for)))


def at_once(prison: Database, nodes: int, act: Callable[[Engine], object]) -> list[object]:
    """The same act by several nodes, each with phones of its own to ring, in the same moment."""
    barrier = Barrier(nodes)

    def run(number: int) -> object:
        line = a_line(prison, World(), f"node-{number}")
        barrier.wait(timeout=10)
        return act(line)

    with ThreadPoolExecutor(nodes) as threads:
        return list(threads.map(run, range(nodes)))


# ---- once


def test_a_drill_rings_the_phones_of_a_crisis_without_a_call_and_without_a_place(prison: Database) -> None:
    world = World()
    asked(prison)
    tick(a_line(prison, world))

    (row,) = escalations(prison)
    assert world.takes_rung() == {DESK, WARD}
    assert (row.call_id, row.cell_id, row.closed_at) == (None, None, None)


def test_a_drill_that_was_asked_for_begins_once(prison: Database) -> None:
    line = a_line(prison, World())
    asked(prison)

    begun = [tick(line, seconds) for seconds in range(3)]
    assert [one is not None for one in begun] == [True, False, False]


def test_of_several_nodes_in_the_same_moment_one_begins_it(prison: Database) -> None:
    for number in range(5):
        asked(prison, number)
        begun = at_once(prison, 4, lambda line, at=number: tick(line, at))  # type: ignore[misc]
        (one,) = [each for each in begun if each]
        asyncio.run(a_line(prison, World()).close(EscalationId(str(one)), SAFE, after(number)))

    assert len(escalations(prison)) == 5


def test_the_plan_of_a_month_begins_once_whoever_looks_and_however_often(prison: Database) -> None:
    for seconds in (-1, 0, 2, 3599):
        for one in at_once(prison, 4, lambda line, at=seconds: tick(line, at, PLAN)):  # type: ignore[misc]
            if one:
                asyncio.run(a_line(prison, World()).close(EscalationId(str(one)), SAFE, after(seconds)))
    next_month = timedelta(days=31).total_seconds()
    tick(a_line(prison, World()), next_month - 3600, PLAN)  # summer time has begun

    rows = prison.do(lambda session: list(session.scalars(select(tables.Drill).order_by(tables.Drill.id))))
    assert [(row.id, row.kind, row.asked_by) for row in rows] == [
        (f"drill-{SITE}-2026-03", Kind.PLANNED, BY_PLAN),
        (f"drill-{SITE}-2026-04", Kind.PLANNED, BY_PLAN),
    ]
    assert len(escalations(prison)) == 2


def test_nobody_can_ask_while_one_waits_or_runs(prison: Database) -> None:
    asked(prison)
    with pytest.raises(NotAllowed, match="asked for already"):
        asked(prison, 1)
    tick(a_line(prison, World()), 2)
    with pytest.raises(NotAllowed, match="is running"):
        asked(prison, 3)


# ---- beside a crisis


def test_while_an_escalation_is_open_a_drill_waits(prison: Database) -> None:
    line = a_line(prison, World())
    crisis = asyncio.run(line.raise_escalation(raising(), NOON))
    asked(prison)

    assert tick(line, 5) is None
    assert tick(line, 6, PLAN) is None
    asyncio.run(line.close(crisis, SAFE, after(7)))
    assert tick(line, 8) is not None


def test_what_could_not_begin_for_an_hour_does_not_begin_any_more(prison: Database) -> None:
    line = a_line(prison, World())
    crisis = asyncio.run(line.raise_escalation(raising(), NOON))
    waits = asked(prison)
    late = WITHIN.total_seconds()
    asyncio.run(line.close(crisis, SAFE, after(late)))

    assert tick(line, late) is None
    found = prison.do(lambda session: drill(session, OF_SITE, waits, after(late)))
    assert found.findings == (Finding.NOT_BEGUN,)
    assert asked(prison, late)


def test_a_real_escalation_takes_the_phones_of_a_drill(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    waits = asked(prison)
    tick(line)
    # A phone that rings twice at a time ends the test (escalation_world.RungTwice counts by escalation).
    crisis = asyncio.run(line.raise_escalation(raising(), after(5)))

    assert {(escalation, phone) for escalation, phone in world.ringing.values()} == {(crisis, DESK), (crisis, WARD)}
    (row,) = escalations(prison)
    assert row.closed_at == after(5)
    found = prison.do(lambda session: drill(session, OF_SITE, waits, after(6)))
    assert found.findings == (Finding.GAVE_WAY,)


def test_a_drill_and_a_crisis_of_the_same_moment_do_not_stay_side_by_side(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    crisis = asyncio.run(line.raise_escalation(raising(), NOON))
    asked(prison)
    # As if neither had seen the other.
    asyncio.run(line.close(crisis, SAFE, after(1)))
    tick(line, 2)
    prison.do(lambda session: setattr(session.get_one(tables.Escalation, crisis), "closed_at", None))

    tick(line, 4)
    (row,) = escalations(prison)
    assert row.closed_at == after(4)


def test_a_broken_line_makes_a_drill_wait_and_does_not_end_one(prison: Database) -> None:
    line = a_line(prison, World())
    asked(prison)
    tick(line)
    broken = Raise(site=OF_SITE, cause=Cause.LINE_BROKEN, profile=PROFILE)
    asyncio.run(line.raise_escalation(broken, after(1)))
    tick(line, 2)

    (row,) = escalations(prison)
    assert row.closed_at is None


# ---- the report


def test_the_report_is_read_from_the_rows(prison: Database) -> None:
    world = World(unreachable=set(PHONES[2:3]))
    line = a_line(prison, world)
    waits = asked(prison)
    tick(line, 2)
    acknowledging = partial(line.telling_ended, world.telling_at(WARD))

    asyncio.run(acknowledging(TellingEnd.ACKNOWLEDGED, after(12)))
    asyncio.run(line.tick(after(62)))

    found = prison.do(lambda session: drill(session, OF_SITE, waits, after(63)))
    assert found.began_at == after(2)
    assert [(one.given, one.took.seconds if one.took else None) for one in found.acknowledged] == [
        (False, None),
        (True, 10),
    ]
    assert found.findings == (Finding.UNREACHABLE,)
    assert prison.do(lambda session: drills_at(session, OF_SITE, after(63))) == [found]


def test_a_drill_of_another_site_is_not_shown(prison: Database) -> None:
    waits = asked(prison)

    with pytest.raises(UnknownName):
        prison.do(lambda session: drill(session, SiteId("another"), waits, NOON))
    assert prison.do(lambda session: drills_at(session, SiteId("another"), NOON)) == []
