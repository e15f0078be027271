"""A look at a file of Listeners changes nothing, and says what taking it would change."""

from collections.abc import Iterator

import pytest
from builders import NOON, SITE, a_prison_of_cells, a_welfare
from sqlalchemy import select
from sqlalchemy.orm import Session

from console.listeners.preview import Preview, preview
from listeners.entry_store import Import, snapshot
from listeners.import_store import import_listeners
from models import tables
from models.database import Database
from models.tables import Base
from models.words import ListenerId, SiteId

HERE = SiteId(SITE)
HOW = Import("ann", NOON, a_welfare())
HEADER = "code_name,cell,languages,standing,certified_from,certified_until,experienced,why"
ROBIN_MOVES = "robin,A-1-003,en,certified,2025-11-30T12:00,2026-11-30T12:00,no,"
WREN_LEAVES = "wren,,en,left,,,no,released"
# Its time runs from the first certificate that is given.
FIRST_TRAINED = {"Trainings": "recurring training (30 November 2025)"}
KITE = "Kite,B-1-001,en,applied,,,no,"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        yield session


def looked(session: Session, *rows: str) -> Preview:
    return preview(session, HERE, "\n".join([HEADER, *rows]), HOW)


def everything(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as the database has it."""
    return {
        table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }


def test_a_look_leaves_every_table_as_it_was(session: Session) -> None:
    before = everything(session)
    looked(session, ROBIN_MOVES, WREN_LEAVES, KITE, "Hobby,X-9,en,applied,,,no,")

    assert everything(session) == before


def test_it_says_what_taking_the_file_does(session: Session) -> None:
    found = looked(session, ROBIN_MOVES, WREN_LEAVES, KITE)

    said = {row.code_name: (row.row, row.new, {one.what: one.after for one in row.differences}) for row in found.rows}
    assert said == {
        "robin": (2, False, {"Cell": "A-1-003"} | FIRST_TRAINED),
        "wren": (3, False, {"Standing": "Left"} | FIRST_TRAINED),
        "Kite": (4, True, {"Standing": "Applied", "Cell": "B-1-001", "Languages": "en", "Experienced": "no"}),
    }
    taken = import_listeners(session, HERE, f"{HEADER}\n{ROBIN_MOVES}\n{WREN_LEAVES}\n{KITE}", HOW)
    assert (taken.new, taken.changed) == (1, 2)
    moved = snapshot(session, [ListenerId("listener-robin")])[ListenerId("listener-robin")]
    phone = session.scalar(select(tables.Phone.id).where(tables.Phone.cell_id == "cell-A3"))
    assert moved.phone == phone


def test_who_is_as_they_were_is_counted_and_who_is_wrong_is_named(session: Session) -> None:
    robin = ROBIN_MOVES.replace("A-1-003", "A-1-001")
    import_listeners(session, HERE, f"{HEADER}\n{robin}", HOW)
    found = looked(session, robin, "Hobby,X-9,en,applied,,,no,", KITE)

    assert [row.code_name for row in found.rows] == ["Kite"]
    assert (found.same, found.right) == (1, 2)
    assert [(one.row, one.column) for one in found.wrong] == [(3, "cell")]
