"""A line that is killed at any moment of running escalations: none is lost, none doubled, and none is late.

WINGLINE_KILLS=1000 makes the figures of docs/escalation-figures.md.
"""

import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import escalation_history
import pytest
from builders import SITE, a_call, a_cell, a_phone, a_site, a_wing
from killed_figures import Figures, figures
from killed_world import Evening, Node, moments
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import tables
from models.database import Database
from models.words import PhoneKind, Post
from wingline.bench.private_postgres import PrivatePostgres

KILLS = int(os.environ.get("WINGLINE_KILLS", "6"))
SEED = int(os.environ.get("WINGLINE_KILLS_SEED", str(random.randrange(10**6))))
# A tick comes every second; a machine that does other things as well is allowed another two.
LATEST = 3.0
TAKEN_OVER_WITHIN = 5.0
# A step may be due so long before the node begins it that then dies over it.
TICK = 1.0
CALLERS = {f"call-{number}": f"phone-cell-{number}" for number in range(1, 9)}


def test_a_line_that_is_killed_loses_nothing_and_doubles_nothing(database: Database, tmp_path: Path) -> None:
    with an_evening(database, tmp_path, ["line"]) as evening:
        (line,) = evening.nodes
        for lifetime, after_begun in moments(evening.chance, KILLS):
            evening.pass_until(time.time() + lifetime)
            if after_begun:
                wait_for_an_act(evening, line)
            evening.kill(line, down=evening.chance.uniform(0, 0.4))
        come_to_an_end(evening, database)
        found = figures(evening, escalation_history.read(database), alone=True)

    nothing_lost_and_nothing_doubled(evening, found)
    assert [one for one in found.late if one.seconds > LATEST] == []


@pytest.fixture
def shared(postgres: PrivatePostgres) -> Iterator[Database]:
    database = Database(postgres.create("nodes", like="migrated"))
    yield database
    database.close()
    postgres.drop("nodes")


def test_what_a_killed_or_stopped_node_rang_is_taken_over_once(shared: Database, tmp_path: Path) -> None:
    """One of two nodes is killed, or stands still and wakes up, while it rings or just after it has begun an act."""
    with an_evening(shared, tmp_path, ["one", "two"]) as evening:
        for number in range(max(2, KILLS // 5)):
            evening.pass_until(time.time() + evening.chance.uniform(0.3, 1.5))
            node = evening.chance.choice(evening.nodes)
            if evening.chance.random() < 0.5:
                wait_for_an_act(evening, node)
            else:
                evening.pass_until_it_rings(node)
            if number % 2:
                evening.stop(node, still=evening.chance.uniform(5, 10))
            else:
                evening.kill(node, down=evening.chance.choice([0.1, 1, 4.5, 5.5]))
        come_to_an_end(evening, shared)
        found = figures(evening, escalation_history.read(shared), alone=False)

    nothing_lost_and_nothing_doubled(evening, found)
    assert [one for one in found.taken_over if one > TAKEN_OVER_WITHIN] == []
    assert [one for one in found.late if one.seconds > TAKEN_OVER_WITHIN + TICK] == []


@contextmanager
def an_evening(database: Database, folder: Path, names: Sequence[str]) -> Iterator[Evening]:
    database.do(a_prison)
    escalation_history.begin(database)
    (folder / "deeds").touch()
    nodes = [Node(database.url, folder, name) for name in names]
    try:
        for node in nodes:
            node.start()
        yield Evening(folder, nodes, CALLERS, SITE, SEED)
    finally:
        for node in nodes:
            node.end()


def a_prison(session: Session) -> None:
    """Each caller in a cell of their own, for whoever shares a door shares an escalation."""
    session.add(a_site())
    session.flush()
    session.add(a_wing("B"))
    session.flush()
    session.add_all(a_cell(number, "B") for number in range(1, len(CALLERS) + 1))
    session.add_all(a_call(call.removeprefix("call-")) for call in CALLERS)
    session.flush()
    session.add_all(a_phone(PhoneKind.STAFF, post, id=f"phone-{post}") for post in Post)
    session.add_all(
        a_phone(PhoneKind.CELL, id=phone, cell_id=f"cell-B{number}") for number, phone in enumerate(CALLERS.values(), 1)
    )


def wait_for_an_act(evening: Evening, node: Node) -> None:
    """Until the node has said that it has begun one, and not much longer than one takes."""
    evening.wait_until_begun(evening.something_happens(node))
    time.sleep(evening.chance.uniform(0, 0.008))


def come_to_an_end(evening: Evening, database: Database) -> None:
    """Whatever is open is rung again, without a new danger; it is closed, and then all is silent."""
    since = time.time()

    def open_rows() -> set[str]:
        asked = select(tables.Escalation.id).where(tables.Escalation.closed_at.is_(None))
        return set(database.do(lambda session: list(session.scalars(asked))))

    def all_are_rung_again() -> bool:
        return open_rows() <= {ring.escalation for ring in evening.phones.rings if ring.at > since}

    def all_are_closed() -> bool:
        return not open_rows()

    evening.until(all_are_rung_again, 30)
    for escalation in open_rows():
        evening.close(evening.nodes[0], escalation, spoken=True)
    evening.until(all_are_closed, 10)
    time.sleep(1.2)
    evening.look()
    told = select(func.count()).select_from(tables.Telling).where(tables.Telling.ended_at.is_(None))
    assert database.do(lambda session: session.scalar(told)) == 0
    assert evening.phones.ringing == {}


def nothing_lost_and_nothing_doubled(evening: Evening, found: Figures) -> None:
    print(f"\nseed {SEED}: {found}")  # noqa: T201  the figures of docs/escalation-figures.md
    assert evening.phones.failed == []
    assert (found.lost, found.doubled, found.skipped) == ([], [], [])
