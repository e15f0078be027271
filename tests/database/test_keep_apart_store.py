"""Keep-apart rules in the database, and who is therefore not rung for a call from a cell."""

import pytest
from builders import NOON, SITE, a_phone, a_prison_of_cells
from sqlalchemy import select
from sqlalchemy.orm import Session

from listeners.apart import Pair
from listeners.apart_store import import_keep_apart, import_rules, kept_apart_from
from listeners.movements import Movement, Source
from listeners.movements_store import record
from models import tables
from models.database import Database
from models.words import CellId, ListenerId, MovementKind, PhoneId, PhoneKind, Post, Restriction, SiteId
from rota.people import pairs_apart

PRISON = SiteId(SITE)
KEY = b"a key"
ROBIN, WREN, OWL = (ListenerId(f"listener-{name}") for name in ("robin", "wren", "owl"))
HEADER = "code_name,prison_number,location,restriction,reason,role,other_code_name\n"
TO_B3 = "robin,A1234BC,B-1-003,CELL,THREAT,VICTIM,\n"


def from_a_number(to: str = "B3", who: ListenerId = ROBIN, **changes: object) -> Pair:
    chosen = {
        "listener": who,
        "restriction": Restriction.CELL,
        "cell": CellId(f"cell-{to}"),
        "prison_number": "A1234BC",
    }
    return Pair(**chosen | changes)  # type: ignore[arg-type]


def two_listeners(restriction: Restriction = Restriction.CELL) -> Pair:
    return Pair(listener=ROBIN, restriction=restriction, other_listener=WREN)


def ruled(session: Session, *pairs: Pair, whole: bool = False) -> tuple[int, int, int]:
    done = import_rules(session, PRISON, pairs, KEY, whole=whole)
    return done.new, done.changed, done.removed


def not_rung(session: Session, caller: str, *, same_wing_too: bool = False) -> frozenset[ListenerId]:
    return kept_apart_from(session, PhoneId(f"phone-{caller}"), same_wing_too=same_wing_too)


def moves(session: Session, who: ListenerId, to: str) -> None:
    goes = Movement(listener=who, kind=MovementKind.CELL_MOVE, since=NOON, cell=CellId(f"cell-{to}"))
    record(session, PRISON, goes, source=Source.CONSOLE, now=NOON)


# ---- who is not rung


@pytest.mark.parametrize(
    ("restriction", "callers"),
    [
        (Restriction.CELL, {"B3"}),
        (Restriction.LANDING, {"B1", "B2", "B3"}),
        (Restriction.WING, {"B1", "B2", "B3", "B4"}),
    ],
)
def test_calls_from_what_the_restriction_covers_do_not_reach_them(
    database: Database, restriction: Restriction, callers: set[str]
) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        session.get_one(tables.Cell, "cell-B4").location = "B-2-004"
        session.flush()
        ruled(session, from_a_number(restriction=restriction))

        assert {cell for cell in ("A3", "B1", "B2", "B3", "B4") if ROBIN in not_rung(session, cell)} == callers
        assert not_rung(session, "B3") == {ROBIN}


def test_two_listeners_are_kept_apart_both_ways_wherever_they_live_now(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="B2")
        ruled(session, two_listeners())
        moves(session, WREN, "B4")

        assert not_rung(session, "B4") == {ROBIN, WREN}
        assert not_rung(session, "A1") == {ROBIN, WREN}
        assert not_rung(session, "B2") == frozenset()


def test_a_rule_between_two_listeners_reaches_as_far_as_it_says(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="B2")
        ruled(session, two_listeners(Restriction.WING))

        assert not_rung(session, "B4") == {ROBIN}
        assert not_rung(session, "A4") == {WREN}


def test_a_listener_in_the_callers_own_cell_is_not_rung(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")

        assert not_rung(session, "A1") == {ROBIN}


def test_the_same_wing_is_left_out_where_the_site_wants_it(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2", owl="B1")

        assert not_rung(session, "A3") == frozenset()
        assert not_rung(session, "A3", same_wing_too=True) == {ROBIN, WREN}


def test_a_phone_that_is_in_no_cell_is_kept_apart_from_nobody(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        session.add(a_phone(PhoneKind.STAFF, Post.HEALTHCARE, id="phone-nurse"))
        session.flush()

        assert not_rung(session, "nurse", same_wing_too=True) == frozenset()
        assert not_rung(session, "nobody") == frozenset()


def test_two_listeners_with_a_rule_are_apart_on_the_rota_too(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2", owl="A3")
        ruled(session, two_listeners(), from_a_number(who=OWL))

        assert pairs_apart(session, PRISON) == {frozenset({ROBIN, WREN})}


# ---- files


def test_the_same_pair_again_replaces_the_rule(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        assert ruled(session, from_a_number("B3")) == (1, 0, 0)
        assert ruled(session, from_a_number("B3")) == (0, 0, 0)
        assert ruled(session, from_a_number("B4")) == (0, 1, 0)

        assert not_rung(session, "B3") == frozenset()
        assert not_rung(session, "B4") == {ROBIN}


def test_two_people_in_one_cell_are_two_rules(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")

        assert ruled(session, from_a_number(), from_a_number(prison_number="A9999ZZ")) == (2, 0, 0)


def test_pairs_that_are_not_in_a_whole_file_are_removed(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        ruled(session, from_a_number(), two_listeners())

        assert ruled(session, from_a_number()) == (0, 0, 0)
        assert ruled(session, from_a_number(), whole=True) == (0, 0, 1)
        assert pairs_apart(session, PRISON) == frozenset()


@pytest.mark.parametrize(
    "rows", ["robin,A1234BC,B-9-999,CELL,THREAT,VICTIM,\n", "", TO_B3 + "kite,,,CELL,OTHER,UNKNOWN,robin\n"]
)
def test_a_whole_file_with_a_wrong_row_or_none_removes_nothing(database: Database, rows: str) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        ruled(session, two_listeners())

        found = import_keep_apart(session, PRISON, HEADER + rows, key=KEY, whole=True)
        assert found.removed == 0
        assert pairs_apart(session, PRISON) == {frozenset({ROBIN, WREN})}


def test_a_file_is_taken_and_neither_number_nor_reason_nor_role_is_in_the_database(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        found = import_keep_apart(session, PRISON, HEADER + TO_B3, key=KEY)

        (row,) = session.execute(select(*tables.KeepApart.__table__.columns)).all()
        assert (found.right, found.new, found.wrong) == (1, 1, ())
        assert row.other == from_a_number().mark(KEY)
        assert not {"A1234BC", "THREAT", "VICTIM"} & {str(value) for value in row}
