"""What movements mean, and which rows of an office's file are right."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st

from listeners.csv_file import BadFile, Known, decoded
from listeners.movements import Homes, Movement, away_at, in_the_way, read_movements, refused_moves, to_move
from models.words import CellId, ListenerId, MovementKind

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ROBIN, WREN, OWL = ListenerId("robin"), ListenerId("wren"), ListenerId("owl")
ONE, TWO, THREE = CellId("one"), CellId("two"), CellId("three")
KNOWN = Known(
    listeners={"robin": ROBIN, "wren": WREN},
    cells={"a-1-001": ONE, "a-1-002": TWO},
    zone=ZoneInfo("Europe/London"),
)
HEADER = "code_name,kind,since,until,cell\n"


def goes(who: ListenerId, kind: MovementKind = MovementKind.COURT, **changes: object) -> Movement:
    return Movement(**{"listener": who, "kind": kind, "since": NOON} | changes)  # type: ignore[arg-type]


def moves(who: ListenerId, cell: CellId, since: datetime = NOON) -> Movement:
    return goes(who, MovementKind.CELL_MOVE, since=since, cell=cell)


def the_row(row: str) -> Movement:
    ((_, movement),) = read_movements(HEADER + row, KNOWN).right
    return movement


def wrong_with(row: str) -> str:
    (wrong,) = read_movements(HEADER + row, KNOWN).wrong
    return wrong.advice


# ---- away


@pytest.mark.parametrize(
    "kind", [kind for kind in MovementKind if kind not in {MovementKind.CELL_MOVE, MovementKind.RETURNED}]
)
def test_what_takes_a_listener_away_lasts_until_they_returned(kind: MovementKind) -> None:
    went, returned = goes(ROBIN, kind), goes(ROBIN, MovementKind.RETURNED, since=NOON + 5 * HOUR)

    assert away_at([went], NOON + 100 * HOUR) == {ROBIN}
    assert away_at([went, returned], NOON + 5 * HOUR - MINUTE) == {ROBIN}
    assert away_at([went, returned], NOON + 5 * HOUR) == frozenset()


def test_nobody_is_away_before_it_begins_or_from_its_end_on() -> None:
    court = goes(ROBIN, until=NOON + HOUR)

    assert away_at([court], NOON - MINUTE) == frozenset()
    assert away_at([court], NOON) == {ROBIN}
    assert away_at([court], NOON + HOUR) == frozenset()


def test_a_cell_move_takes_nobody_away() -> None:
    assert away_at([moves(ROBIN, TWO)], NOON) == frozenset()


def test_who_is_back_from_court_is_still_away_in_hospital() -> None:
    both = [goes(ROBIN, until=NOON + HOUR), goes(ROBIN, MovementKind.HOSPITAL, since=NOON + HOUR)]

    assert away_at(both, NOON + 2 * HOUR) == {ROBIN}


INSIDE = pytest.mark.parametrize("kind", [MovementKind.SEGREGATION, MovementKind.CONSTANT_WATCH])
OUTSIDE = pytest.mark.parametrize(
    "out", [MovementKind.COURT, MovementKind.HOSPITAL, MovementKind.TRANSFER, MovementKind.RELEASE]
)


def returns(*hours: float) -> list[Movement]:
    return [goes(ROBIN, MovementKind.RETURNED, since=NOON + hour * HOUR) for hour in hours]


@INSIDE
@OUTSIDE
def test_who_is_back_from_outside_is_still_held_inside_until_they_return_from_there(
    kind: MovementKind, out: MovementKind
) -> None:
    told = [goes(ROBIN, kind), goes(ROBIN, out, since=NOON + HOUR), *returns(2)]

    assert away_at(told, NOON + 9 * HOUR) == {ROBIN}
    assert away_at([*told, *returns(3)], NOON + 3 * HOUR - MINUTE) == {ROBIN}
    assert away_at([*told, *returns(3)], NOON + 3 * HOUR) == frozenset()


@INSIDE
def test_who_is_held_while_they_are_outside_is_so_after_they_are_back(kind: MovementKind) -> None:
    told = [goes(ROBIN, MovementKind.HOSPITAL), goes(ROBIN, kind, since=NOON + HOUR), *returns(2)]

    assert away_at(told, NOON + 9 * HOUR) == {ROBIN}


@INSIDE
@pytest.mark.parametrize("expected", [2, 4])
def test_who_is_back_from_court_sooner_or_later_than_expected_is_still_held(kind: MovementKind, expected: int) -> None:
    court = goes(ROBIN, since=NOON + HOUR, until=NOON + expected * HOUR)

    assert away_at([goes(ROBIN, kind), court, *returns(3)], NOON + 9 * HOUR) == {ROBIN}


@INSIDE
def test_a_watch_that_is_told_again_with_its_end_is_over_whatever_return_is_missing(kind: MovementKind) -> None:
    """Of the court nobody said that they returned: the one return may be from there, and leaves them held."""
    court = goes(ROBIN, since=NOON + HOUR, until=NOON + 2 * HOUR)
    told = [goes(ROBIN, kind), court, *returns(50)]
    with_its_end = [goes(ROBIN, kind, until=NOON + 50 * HOUR), court]

    assert away_at(told, NOON + 60 * HOUR) == {ROBIN}
    assert away_at(with_its_end, NOON + 50 * HOUR - MINUTE) == {ROBIN}
    assert away_at(with_its_end, NOON + 50 * HOUR) == frozenset()


@INSIDE
def test_what_was_over_before_they_were_held_has_no_part_in_their_return(kind: MovementKind) -> None:
    court = goes(ROBIN, since=NOON - 9 * HOUR, until=NOON - 5 * HOUR)
    hospital = goes(ROBIN, MovementKind.HOSPITAL, since=NOON - 4 * HOUR)
    told = [court, hospital, *returns(-3), goes(ROBIN, kind), *returns(2)]

    assert away_at(told, NOON + 2 * HOUR) == frozenset()


@INSIDE
def test_what_is_still_to_come_has_no_part_in_it_either(kind: MovementKind) -> None:
    told = [goes(ROBIN, kind), *returns(2), goes(ROBIN, since=NOON + 5 * HOUR)]

    assert away_at(told, NOON + 2 * HOUR) == frozenset()
    assert away_at(told, NOON + 5 * HOUR) == {ROBIN}


# ---- cells


def test_the_latest_cell_move_that_has_begun_counts() -> None:
    told = [moves(ROBIN, THREE, NOON + HOUR), moves(ROBIN, TWO, NOON - HOUR), moves(ROBIN, ONE, NOON - 2 * HOUR)]

    assert to_move(told, Homes({}), NOON)[ROBIN].cell == TWO


def test_of_two_told_for_the_same_moment_the_later_told_counts() -> None:
    assert to_move([moves(ROBIN, ONE), moves(ROBIN, TWO)], Homes({}), NOON)[ROBIN].cell == TWO


def test_who_has_the_phone_of_the_new_cell_has_moved() -> None:
    assert to_move([moves(ROBIN, TWO)], Homes({TWO: ROBIN}), NOON) == {}


def test_another_listener_in_the_new_cell_is_in_the_way() -> None:
    assert in_the_way([moves(ROBIN, TWO)], Homes({ONE: ROBIN, TWO: WREN}), NOON) == {ROBIN: WREN}


def test_two_listeners_may_change_places() -> None:
    told = [moves(ROBIN, TWO), moves(WREN, ONE)]

    assert in_the_way(told, Homes({ONE: ROBIN, TWO: WREN}), NOON) == {}


def test_who_follows_somebody_who_cannot_move_cannot_move_either() -> None:
    told = [moves(ROBIN, TWO), moves(WREN, THREE)]
    homes = Homes({ONE: ROBIN, TWO: WREN, THREE: OWL})

    assert in_the_way(told, homes, NOON) == {ROBIN: WREN, WREN: OWL}


@pytest.mark.parametrize("kind", [MovementKind.TRANSFER, MovementKind.RELEASE])
def test_who_is_gone_for_good_is_in_nobodys_way(kind: MovementKind) -> None:
    told = [moves(ROBIN, TWO), goes(WREN, kind, since=NOON - HOUR)]

    assert in_the_way(told, Homes({ONE: ROBIN, TWO: WREN}), NOON) == {}


def test_who_is_in_hospital_keeps_their_cell() -> None:
    told = [moves(ROBIN, TWO), goes(WREN, MovementKind.HOSPITAL, since=NOON - HOUR)]

    assert in_the_way(told, Homes({ONE: ROBIN, TWO: WREN}), NOON) == {ROBIN: WREN}


def test_who_has_left_the_scheme_is_in_nobodys_way() -> None:
    assert in_the_way([moves(ROBIN, TWO)], Homes({ONE: ROBIN, TWO: WREN}, {WREN}), NOON) == {}


def test_of_two_who_go_to_the_same_cell_the_first_has_it() -> None:
    told = [moves(WREN, THREE, NOON), moves(ROBIN, THREE, NOON - HOUR)]

    assert in_the_way(told, Homes({ONE: ROBIN, TWO: WREN}), NOON) == {WREN: ROBIN}


def test_a_move_into_a_cell_that_will_be_free_by_then_is_not_refused() -> None:
    homes = Homes({ONE: ROBIN, TWO: WREN})
    release = goes(WREN, MovementKind.RELEASE, since=NOON + HOUR)

    assert refused_moves([release], [moves(ROBIN, TWO, NOON + HOUR)], homes, now=NOON) == {}
    assert refused_moves([release], [moves(ROBIN, TWO, NOON)], homes, now=NOON) == {0: WREN}


def test_a_move_that_is_refused_leaves_its_cell_to_nobody_else() -> None:
    homes = Homes({ONE: ROBIN, TWO: WREN, THREE: OWL})
    told = [moves(ROBIN, TWO), moves(WREN, THREE)]

    assert refused_moves([], told, homes, now=NOON) == {0: WREN, 1: OWL}


NAMES = st.sampled_from([ROBIN, WREN, OWL, ListenerId("teal")])
CELLS = st.sampled_from([ONE, TWO, THREE, CellId("four")])
TIMES = st.integers(-3, 3).map(lambda hours: NOON + hours * HOUR)
ANY_MOVE = st.builds(moves, NAMES, CELLS, TIMES) | st.builds(
    goes, NAMES, st.sampled_from([MovementKind.RELEASE, MovementKind.RETURNED]), since=TIMES
)


@given(st.dictionaries(CELLS, NAMES).filter(lambda them: len(set(them.values())) == len(them)), st.lists(ANY_MOVE))
def test_no_two_listeners_ever_have_the_same_cell(homes: dict[CellId, ListenerId], told: list[Movement]) -> None:
    stuck = in_the_way(told, Homes(homes), NOON)
    move = {who: one for who, one in to_move(told, Homes(homes), NOON).items() if who not in stuck}
    gone = away_at([one for one in told if one.kind is not MovementKind.CELL_MOVE], NOON)
    stay = [cell for cell, who in homes.items() if who not in move and who not in gone]

    taken = [one.cell for one in move.values()] + stay
    assert len(taken) == len(set(taken))


@given(st.dictionaries(CELLS, NAMES).filter(lambda them: len(set(them.values())) == len(them)), st.lists(ANY_MOVE))
def test_the_order_of_a_file_does_not_decide_who_may_move(
    homes: dict[CellId, ListenerId], told: list[Movement]
) -> None:
    # Of two that are told of the same Listener for the same moment the later counts, and so their order does.
    told = list({(one.listener, one.since, one.kind): one for one in told}.values())
    forwards = refused_moves([], told, Homes(homes), now=NOON)
    backwards = refused_moves([], told[::-1], Homes(homes), now=NOON)

    assert {told[place] for place in forwards} == {told[::-1][place] for place in backwards}


# ---- the file


def test_a_row_of_each_kind_is_read() -> None:
    rows = "".join(f"Robin,{kind},2026-03-10T12:00,,{'A-1-002' if 'cell' in kind else ''}\n" for kind in MovementKind)

    read = read_movements(HEADER + rows, KNOWN)
    assert read.wrong == ()
    assert [one.kind for _, one in read.right] == list(MovementKind)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-10T12:00", datetime(2026, 1, 10, 12, tzinfo=UTC)),
        ("2026-07-10 12:00", datetime(2026, 7, 10, 11, tzinfo=UTC)),
        ("2026-07-10T12:00Z", datetime(2026, 7, 10, 12, tzinfo=UTC)),
        ("2026-07-10T12:00+02:00", datetime(2026, 7, 10, 10, tzinfo=UTC)),
        ("2026-07-10", datetime(2026, 7, 9, 23, tzinfo=UTC)),
        # It comes twice that night, and the first is meant.
        ("2026-10-25T01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        # It never comes that night.
        ("2026-03-29T01:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_is_the_prisons_own(written: str, meant: datetime) -> None:
    assert the_row(f"robin,hospital,{written},,").since == meant


def test_an_end_that_is_a_date_includes_the_day() -> None:
    assert the_row("robin,court,2026-07-10,2026-07-10,").until == datetime(2026, 7, 10, 23, tzinfo=UTC)


def test_a_location_with_the_prison_before_it_is_understood() -> None:
    assert the_row("robin,cell_move,2026-07-10,,MDI-A-1-002").cell == TWO


@pytest.mark.parametrize(
    ("row", "advice"),
    [
        ("kite,court,2026-07-10,,", "code_name: there is no Listener with this code name"),
        ("robin,holiday,2026-07-10,,", "kind: write one of transfer, release, court"),
        ("robin,court,10/07/2026 09:00,,", "since: write a time as 2026-12-01T14:30"),
        ("robin,court,,,", "since: write a time"),
        ("robin,court,0001-01-01T00:00+14:00,,", "since: write a time"),
        ("robin,court,2026-07-10,9999-12-31,", "until: write a time"),
        ("robin,court,2026-07-10,tomorrow,", "until: write a time"),
        ("robin,court,2026-07-10T10:00,2026-07-10T10:00,", "until: it must be later than since"),
        ("robin,returned,2026-07-10,2026-07-11,", "until: returned has no end"),
        ("robin,cell_move,2026-07-10,2026-07-11,A-1-002", "until: cell_move has no end"),
        ("robin,cell_move,2026-07-10,,", "cell: a cell move needs the cell"),
        ("robin,cell_move,2026-07-10,,A-9-001", "cell: there is no such cell at this site"),
        ("robin,court,2026-07-10,,A-1-002", "cell: only a cell move has a cell"),
        ("robin", "kind: write one of"),
    ],
)
def test_a_wrong_row_is_answered_with_the_column_and_what_to_write(row: str, advice: str) -> None:
    assert wrong_with(row).startswith(advice)


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    read = read_movements(HEADER + "robin,court,2026-07-10,,\n\nkite,court,2026-07-10,,\n", KNOWN)

    assert [number for number, _ in read.right] == [2]
    assert [one.row for one in read.wrong] == [4]


def test_columns_may_stand_in_any_order_and_others_are_not_read() -> None:
    read = read_movements("Since,Surname,Kind,Code_Name\n2026-07-10,Bloggs,court,robin\n", KNOWN)

    assert [one.listener for _, one in read.right] == [ROBIN]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "missing: code_name, kind, since"),
        ("code_name;kind;since\nrobin;court;2026-07-10\n", "missing: code_name, kind, since"),
        ('code_name,kind,since\n"robin,court,2026-07-10\n', "quotation mark"),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_is_missing(text: str, complaint: str) -> None:
    with pytest.raises(BadFile, match=complaint):
        read_movements(text, KNOWN)


def test_a_file_as_excel_saves_it_is_read() -> None:
    assert decoded("code_name\r\n".encode("utf-8-sig")) == "code_name\r\n"


@pytest.mark.parametrize(("raw", "complaint"), [(b"\xe9,court", "UTF-8"), (b"x" * 1_000_001, "larger than")])
def test_a_file_in_other_bytes_or_too_large_is_refused(raw: bytes, complaint: str) -> None:
    with pytest.raises(BadFile, match=complaint):
        decoded(raw)


STRANGE = st.characters(min_codepoint=0x100, exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"])


@given(st.text(STRANGE, min_size=2))
def test_whatever_stands_in_a_wrong_row_is_not_repeated(written: str) -> None:
    read = read_movements(f"{HEADER}{written},{written},{written},{written},{written}\n", KNOWN)

    assert len(read.wrong) == 1
    assert written not in read.wrong[0].advice + repr(read)
