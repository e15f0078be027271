"""Which cells a keep-apart rule covers, and which rows of a file in HMPPS's shape are right."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listeners.apart import Pair, Place, Reason, Role, Rule, covers, kept_apart, read_pairs
from listeners.csv_file import Known
from models.words import CellId, ListenerId, Restriction, WingId

ROBIN, WREN = ListenerId("robin"), ListenerId("wren")
CELL = CellId("cell-b2-005")
KEY = b"a key"
KNOWN = Known(listeners={"robin": ROBIN, "wren": WREN}, cells={"b-2-005": CELL}, zone=ZoneInfo("Europe/London"))
HEADER = "code_name,prison_number,location,restriction,reason,role,other_code_name\n"
CELL_ONLY, LANDING, WING = Restriction


def at(location: str) -> Place:
    """Its wing is its first letter."""
    return Place(WingId(location[0]), CellId(location), location)


def the_row(row: str) -> Pair:
    ((_, pair),) = read_pairs(HEADER + row, KNOWN).right
    return pair


def wrong_with(row: str) -> str:
    (wrong,) = read_pairs(HEADER + row, KNOWN).wrong
    return wrong.advice


# ---- what a rule covers


@pytest.mark.parametrize(
    ("caller", "covered_by"),
    [
        ("B-2-005", {CELL_ONLY, LANDING, WING}),
        ("B-2-006", {LANDING, WING}),
        ("B-3-005", {WING}),
        ("A-2-005", set()),
    ],
)
def test_each_restriction_covers_its_own_cells(caller: str, covered_by: set[Restriction]) -> None:
    covered = {limit for limit in Restriction if covers(Rule(ROBIN, limit, at("B-2-005")), at(caller))}

    assert covered == covered_by


LOCATIONS = st.from_regex(r"\A[AB]-[12]-00[12]\Z")


@given(LOCATIONS, LOCATIONS)
def test_each_restriction_includes_those_before_it(other: str, caller: str) -> None:
    by_cell, by_landing, by_wing = (covers(Rule(ROBIN, limit, at(other)), at(caller)) for limit in Restriction)

    assert by_cell <= by_landing <= by_wing


def test_two_cells_without_a_landing_in_their_names_are_on_no_common_landing() -> None:
    assert not covers(Rule(ROBIN, LANDING, at("B5")), at("B6"))


def test_of_a_listener_without_a_cell_only_the_wing_is_known() -> None:
    nowhere = Place(WingId("B"))

    assert [covers(Rule(ROBIN, limit, nowhere), at("B-2-005")) for limit in Restriction] == [False, False, True]


def test_only_those_whose_rule_covers_the_callers_cell_are_kept_apart() -> None:
    rules = [Rule(ROBIN, LANDING, at("B-2-005")), Rule(WREN, CELL_ONLY, at("B-2-005"))]

    assert kept_apart(rules, at("B-2-006")) == {ROBIN}


# ---- the file


def test_a_row_is_read_and_its_reason_and_role_are_dropped() -> None:
    pair = the_row("Robin,a1234bc,B-2-005,landing,THREAT,VICTIM,")

    assert pair == Pair(listener=ROBIN, restriction=LANDING, cell=CELL, prison_number="A1234BC")


def test_another_listener_is_named_by_their_code_name() -> None:
    assert the_row("robin,,,WING,OTHER,UNKNOWN,Wren").other_listener == WREN


def test_every_reason_and_role_of_hmpps_is_known() -> None:
    rows = [f"robin,A{number:04}BC,B-2-005,CELL,{reason},UNKNOWN," for number, reason in enumerate(Reason)]
    rows += [f"wren,A{number:04}BC,B-2-005,CELL,OTHER,{role}," for number, role in enumerate(Role)]

    assert read_pairs(HEADER + "\n".join(rows), KNOWN).wrong == ()


@pytest.mark.parametrize(
    ("row", "advice"),
    [
        ("kite,A1234BC,B-2-005,CELL,OTHER,UNKNOWN,", "code_name: there is no Listener"),
        ("robin,1234,B-2-005,CELL,OTHER,UNKNOWN,", "prison_number: write it like A1234BC"),
        ("robin,A1234BCD,B-2-005,CELL,OTHER,UNKNOWN,", "prison_number: write it like A1234BC"),
        ("robin,,,CELL,OTHER,UNKNOWN,", "prison_number: write it like A1234BC"),
        ("robin,A1234BC,B-9-999,CELL,OTHER,UNKNOWN,", "location: there is no such cell at this site"),
        ("robin,A1234BC,B-2-005,YARD,OTHER,UNKNOWN,", "restriction: write one of CELL, LANDING, WING"),
        ("robin,A1234BC,B-2-005,CELL,DEBT,UNKNOWN,", "reason: write one of BULLYING"),
        ("robin,A1234BC,B-2-005,CELL,OTHER,BYSTANDER,", "role: write one of VICTIM"),
        ("robin,,,CELL,OTHER,UNKNOWN,kite", "other_code_name: there is no Listener"),
        ("robin,,,CELL,OTHER,UNKNOWN,robin", "other_code_name: this is the same Listener"),
    ],
)
def test_a_wrong_row_is_answered_with_the_column_and_what_to_write(row: str, advice: str) -> None:
    assert wrong_with(row).startswith(advice)


def test_a_pair_that_stands_twice_is_taken_once() -> None:
    rows = "robin,A1234BC,B-2-005,CELL,OTHER,UNKNOWN,\nrobin,a1234bc,B-2-005,WING,OTHER,UNKNOWN,\n"
    read = read_pairs(HEADER + rows, KNOWN)

    assert [number for number, _ in read.right] == [2]
    assert [(one.row, "row 2 already" in one.advice) for one in read.wrong] == [(3, True)]


# ---- who the other is stays hidden


def test_no_repr_says_whom_it_is_about() -> None:
    shown = repr(the_row("robin,A1234BC,B-2-005,CELL,OTHER,UNKNOWN,")) + repr(Rule(ROBIN, CELL_ONLY, at("B-2-005")))

    assert "A1234BC" not in shown
    assert "005" not in shown


@pytest.mark.parametrize("row", ["robin,A1234BC,B-9-999,CELL,OTHER,UNKNOWN,", "robin,A12345C,B-2-005,CELL,DEBT,X,"])
def test_what_is_said_of_a_wrong_row_has_no_prison_number(row: str) -> None:
    assert "A1234" not in wrong_with(row)


def test_the_same_other_has_the_same_mark_and_another_key_another() -> None:
    one = the_row("robin,A1234BC,B-2-005,CELL,OTHER,UNKNOWN,")
    again = the_row("robin,a1234bc,B-2-005,WING,THREAT,VICTIM,")
    other = the_row("robin,A1234BD,B-2-005,CELL,OTHER,UNKNOWN,")

    assert one.mark(KEY) == again.mark(KEY)
    assert len({one.mark(KEY), other.mark(KEY), one.mark(b"another key")}) == 3
