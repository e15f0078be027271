"""Several nodes on one database: what a node rings that was dead, slow, or stood still, and what the others do."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from builders import NOON
from escalation_world import (
    DESK,
    LEADER,
    ORDERLY,
    WARD,
    Killed,
    World,
    a_line,
    a_staffed_prison,
    after,
    do,
    raising,
    the_row,
)
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from escalation import nodes, store
from escalation.case import Acknowledged, Warn
from escalation.engine import Engine
from escalation.turn import Turn
from models import tables
from models.database import Database
from models.words import Cause, NodeId, PhoneId, TellingEnd, TellingId
from wingline.bench.private_postgres import PrivatePostgres

# Longer than a node may take from a commit to its rings without looking again.
STOOD_STILL = 1.6

T = TypeVar("T")


class StandsStill(Database):
    """A node's own way to the database: after its n-th answer from now on something happens before the node goes on.

    ``before`` happens once, before it is asked.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.answers = 0
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.before: Callable[[], Awaitable[None]] | None = None

    async def run(self, act: Callable[[Session], T]) -> T:
        before, self.before = self.before, None
        if before:
            await before()
        answer = await super().run(act)
        self.answers -= 1
        if self.answers == 0 and self.meanwhile:
            await self.meanwhile()
        return answer


@pytest.fixture
def prison(database: Database) -> Database:
    database.do(a_staffed_prison)
    return database


@pytest.fixture
def slow(own_url: str) -> Iterator[StandsStill]:
    database = StandsStill(own_url)
    yield database
    database.close()


@pytest.fixture
def world() -> World:
    return World()


def deeds(database: Database) -> list[str]:
    return database.do(lambda session: list(session.scalars(select(tables.Act.what))))


def test_a_node_that_stood_still_between_commit_and_ring_rings_nothing_that_was_taken_over(
    prison: Database, slow: StandsStill, world: World
) -> None:
    one, two = a_line(slow, world, "one"), a_line(prison, world, "two")

    async def meanwhile() -> None:
        await two.tick(after(4))
        await asyncio.sleep(STOOD_STILL)

    async def raised() -> None:
        await two.tick(NOON)
        slow.answers, slow.meanwhile = 1, meanwhile
        await one.raise_escalation(raising(), NOON)

    do(raised())

    assert sorted(world.rung) == sorted([DESK, WARD])


def test_a_node_that_was_only_slow_rings_what_is_still_its_own(
    prison: Database, slow: StandsStill, world: World
) -> None:
    one, two = a_line(slow, world, "one"), a_line(prison, world, "two")

    async def raised() -> None:
        slow.answers, slow.meanwhile = 1, lambda: asyncio.sleep(STOOD_STILL)
        await one.raise_escalation(raising(), NOON)
        await two.tick(after(2))

    do(raised())

    assert sorted(world.rung) == sorted([DESK, WARD])


def test_what_a_node_rings_whose_last_tick_is_long_ago_is_its_own(prison: Database, world: World) -> None:
    one, two = a_line(prison, world, "one"), a_line(prison, world, "two")
    do(one.tick(NOON))

    do(one.raise_escalation(raising(), after(10)))
    do(two.tick(after(11)))

    assert sorted(world.rung) == sorted([DESK, WARD])
    assert "taken over" not in deeds(prison)


def test_what_was_taken_over_while_a_node_started_again_stays_with_the_other(
    prison: Database, slow: StandsStill, world: World
) -> None:
    one, two = a_line(prison, world, "one"), a_line(prison, world, "two")
    do(two.tick(NOON))
    do(one.raise_escalation(raising(), NOON))
    world.takes_rung()

    async def restarted() -> None:
        # Its second answer is what it thinks that it has to ring again; it is back from so long ago.
        slow.answers, slow.meanwhile = 2, lambda: two.tick(after(9))
        await a_line(slow, world, "one").recover(after(1))

    do(restarted())

    assert sorted(world.rung) == sorted([DESK, WARD])


def test_whoever_listens_to_a_node_that_lives_is_not_cut_off(prison: Database, world: World) -> None:
    one, two = a_line(prison, world, "one"), a_line(prison, world, "two")
    do(one.raise_escalation(raising(), NOON))
    do(one.tick(after(59)))
    do(two.tick(after(60)))
    listening = world.telling_at(ORDERLY)

    do(two.tick(after(63)))

    assert "taken over" in deeds(prison)
    assert world.telling_at(ORDERLY) == listening


@pytest.mark.usefixtures("prison")
def test_whoever_takes_it_is_not_cut_off_by_a_tick_that_looks_before_the_node_knows(
    slow: StandsStill, world: World
) -> None:
    line = a_line(slow, world)
    do(line.raise_escalation(raising(), NOON))
    desk = world.telling_at(DESK)

    async def takes_it() -> None:
        slow.answers, slow.meanwhile = 1, lambda: line.tick(after(5))
        assert await line.telling_ended(desk, TellingEnd.ACKNOWLEDGED, after(5))

    do(takes_it())

    assert desk in world.ringing


@pytest.mark.usefixtures("prison")
def test_whoever_takes_it_is_not_cut_off_by_a_tick_that_had_begun(slow: StandsStill, world: World) -> None:
    line = a_line(slow, world)
    do(line.raise_escalation(raising(), NOON))
    desk = world.telling_at(DESK)

    async def takes_it() -> None:
        assert await line.telling_ended(desk, TellingEnd.ACKNOWLEDGED, after(5))

    async def ticks() -> None:
        slow.before = takes_it
        await line.tick(after(5))

    do(ticks())

    assert desk in world.ringing


def test_what_could_not_be_ended_here_is_stopped_when_another_ends_it(
    prison: Database, slow: StandsStill, world: World
) -> None:
    one, two = a_line(slow, world, "one"), a_line(prison, world, "two")
    do(one.raise_escalation(raising(), NOON))
    desk = world.telling_at(DESK)

    async def fails() -> None:
        raise ConnectionError

    async def tries() -> None:
        slow.before = fails
        with pytest.raises(ConnectionError):
            await one.telling_ended(desk, TellingEnd.ACKNOWLEDGED, after(5))

    do(tries())
    do(two.telling_ended(desk, TellingEnd.CANNOT_GO, after(6)))
    do(one.tick(after(7)))

    assert desk not in world.ringing


def test_what_a_dead_node_had_ended_and_not_stopped_is_stopped_by_another(prison: Database, world: World) -> None:
    one, two = a_line(prison, world, "one"), a_line(prison, world, "two")
    do(one.raise_escalation(raising(Cause.CALLER_ASKED), NOON))
    desk = world.hangs_up(DESK)
    world.dies_in = 0
    with pytest.raises(Killed):
        do(one.telling_ended(desk, TellingEnd.ACKNOWLEDGED, after(5)))
    world.dies_in = None

    do(two.tick(after(7)))
    assert world.ringing
    do(two.tick(after(9)))
    assert not world.ringing


def test_what_came_due_while_the_line_was_dead_is_done_at_its_start(prison: Database, world: World) -> None:
    line = a_line(prison, world)
    escalation = do(line.raise_escalation(raising(), NOON))
    do(line.happened(escalation, Acknowledged("officer"), after(5)))
    world.takes_rung()

    do(a_line(prison, world).recover(after(305)))

    assert world.takes_rung() == {DESK, WARD}
    assert world.warned == [Warn.CAME_BACK]


# ---- what rings nowhere any more


def test_whom_nobody_rings_any_more_is_rung_again_and_the_others_are_left_alone(prison: Database, world: World) -> None:
    line = a_line(prison, world)
    escalation = do(line.raise_escalation(raising(), NOON))
    desk, ward = world.hangs_up(DESK), world.telling_at(WARD)
    world.takes_rung()

    do(line.lost({escalation: [desk]}, after(9)))

    assert world.takes_rung() == {DESK}
    assert world.telling_at(WARD) == ward
    assert the_row(prison, escalation).step == 0


def test_whoever_decides_and_is_rung_by_nobody_any_more_is_asked_again(prison: Database, world: World) -> None:
    line = a_line(prison, world)
    escalation = do(line.raise_escalation(raising(Cause.PERSON_AT_RISK), NOON))
    world.takes_rung()

    do(line.lost({escalation: [world.hangs_up(LEADER)]}, after(9)))

    assert world.takes_rung() == {LEADER}
    assert the_row(prison, escalation).deciding


def test_who_listened_from_an_earlier_step_is_rung_again_after_a_restart(prison: Database, world: World) -> None:
    line = a_line(prison, world)
    do(line.raise_escalation(raising(), NOON))
    do(line.tick(after(60)))
    world.takes_rung()
    world.ringing.clear()

    do(a_line(prison, world).recover(after(70)))

    assert world.takes_rung() == {DESK, WARD, ORDERLY}


def test_what_has_ended_meanwhile_was_not_lost(prison: Database, world: World) -> None:
    line = a_line(prison, world)
    escalation = do(line.raise_escalation(raising(), NOON))
    desk = world.hangs_up(DESK)
    do(line.telling_ended(desk, TellingEnd.CANNOT_GO, after(8)))
    world.takes_rung()

    do(line.lost({escalation: [desk]}, after(9)))

    assert world.takes_rung() == set()


# ---- a node whose own Asterisk is down


def no() -> bool:
    return False


def rung_by(database: Database, phone: PhoneId) -> list[str | None]:
    asked = select(tables.Telling.node_id).where(tables.Telling.phone_id == phone).order_by(tables.Telling.rang_at)
    return database.do(lambda session: list(session.scalars(asked)))


def test_what_is_due_is_left_to_a_node_that_can_ring(prison: Database, world: World) -> None:
    one, two = a_line(prison, world, "one", linked=no), a_line(prison, world, "two")
    do(two.raise_escalation(raising(), NOON))

    do(two.tick(after(59)))
    do(one.tick(after(60)))
    assert rung_by(prison, ORDERLY) == []
    do(two.tick(after(61)))
    assert rung_by(prison, ORDERLY) == ["two"]


def test_a_node_alone_does_what_is_due_without_its_asterisk_too(prison: Database, world: World) -> None:
    """Its phones ring when the link is back, and whoever is written to beside them is written to now."""
    one = a_line(prison, world, "one", linked=no)
    do(one.raise_escalation(raising(), NOON))

    do(one.tick(after(60)))

    assert rung_by(prison, ORDERLY) == ["one"]


def test_what_no_other_node_does_in_its_time_is_done_all_the_same(prison: Database, world: World) -> None:
    one, two = (a_line(prison, world, node, linked=no) for node in ("one", "two"))
    do(two.raise_escalation(raising(), NOON))

    for second in range(58, 65):
        do(two.tick(after(second)))
        do(one.tick(after(second)))
    assert rung_by(prison, ORDERLY) == []
    do(one.tick(after(66)))
    assert rung_by(prison, ORDERLY) == ["one"]


def test_what_its_asterisk_could_not_take_is_rung_by_another_within_its_next_look(
    prison: Database, world: World
) -> None:
    untaken: list[TellingId] = []
    one = a_line(prison, world, "one", linked=no, untaken=lambda: untaken)
    two = a_line(prison, world, "two")
    do(two.tick(NOON))
    do(one.raise_escalation(raising(), NOON))
    untaken += world.ringing
    world.ringing.clear()
    world.takes_rung()

    do(one.tick(after(1)))
    do(two.tick(after(2)))

    assert world.takes_rung() == {DESK, WARD}
    assert rung_by(prison, DESK)[-1] == "two"
    assert "taken over" in deeds(prison)


def test_what_its_asterisk_has_taken_stays_with_a_node_that_lives(prison: Database, world: World) -> None:
    """The link alone may be down: the phones ring, and whoever answers is told."""
    one, two = a_line(prison, world, "one", linked=no), a_line(prison, world, "two")
    do(two.tick(NOON))
    do(one.raise_escalation(raising(), NOON))

    do(one.tick(after(1)))
    do(two.tick(after(2)))

    assert "taken over" not in deeds(prison)


def test_whoever_decides_is_rung_by_another_when_the_node_of_the_call_does_not(prison: Database, world: World) -> None:
    """It alone knows where the caller is, which is told when it was decided; who decides hears no place."""
    prison.do(lambda session: session.execute(update(tables.Call).values(node_id="one")))
    one, two = a_line(prison, world, "one", linked=no), a_line(prison, world, "two")
    do(two.tick(NOON))
    escalation = do(one.raise_escalation(raising(Cause.PERSON_AT_RISK), NOON))
    do(one.telling_ended(world.hangs_up(LEADER), TellingEnd.NO_ANSWER, after(1)))
    due = the_row(prison, escalation).due_at
    assert due
    late = (due - NOON).total_seconds()
    do(two.tick(after(late - 1)))
    do(one.tick(after(late)))
    do(two.tick(after(late)))
    assert rung_by(prison, LEADER) == ["one"]

    for more in (1, 2, 3, 4):
        do(one.tick(after(late + more)))
        do(two.tick(after(late + more)))
    assert rung_by(prison, LEADER) == ["one", "two"]
    do(two.telling_ended(world.telling_at(LEADER), TellingEnd.ACKNOWLEDGED, after(late + 5)))
    assert the_row(prison, escalation).cell_id is None
    do(one.tick(after(late + 6)))
    assert the_row(prison, escalation).cell_id == "cell-B1"


# ---- PostgreSQL alone: SQLite has one process


@pytest.fixture
def server(postgres: PrivatePostgres) -> Iterator[Database]:
    database = Database(postgres.create("still", like="migrated"))
    database.do(a_staffed_prison)
    yield database
    database.close()
    postgres.drop("still")


def test_a_node_that_stands_still_in_a_transaction_holds_up_nobody_and_does_it_again(
    server: Database, world: World
) -> None:
    line = a_line(server, world)
    escalation = do(line.raise_escalation(raising(), NOON))
    tries: list[float] = []

    def lock_and_stand_still(turn: Turn) -> None:
        tries.append(time.monotonic())
        store.lock(turn.session, escalation)
        if len(tries) == 1:
            time.sleep(nodes.STANDS_STILL_AT_MOST.total_seconds() + 1)
        store.lock(turn.session, escalation)

    async def both() -> float:
        still = asyncio.create_task(line.act(lock_and_stand_still, after(1)))
        await asyncio.sleep(0.5)
        began = time.monotonic()
        await a_line(server, world, "two").happened(escalation, Acknowledged("officer"), after(1))
        waited = time.monotonic() - began
        await still
        return waited

    assert 1 < do(both()) < nodes.SILENT_FOR.total_seconds()
    assert len(tries) == 2


def test_a_node_that_stands_still_while_it_starts_does_start(server: Database, world: World) -> None:
    looks: list[float] = []

    def standing_still_once() -> frozenset[PhoneId]:
        """Asked inside each transaction: of stopping what still rings, and then of the look at what is due."""
        looks.append(time.monotonic())
        if len(looks) == 2:
            time.sleep(nodes.STANDS_STILL_AT_MOST.total_seconds() + 1)
        return frozenset()

    line = Engine(server, world, console=world, people=world, unreachable=standing_still_once, node=NodeId("one"))

    do(line.recover(NOON))

    assert len(looks) == 3
