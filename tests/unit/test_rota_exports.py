"""The rota on paper and in other programs, out and in again."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from models.words import Cover, ListenerId, ShiftId, WingId
from rota.exports import BadRotaFile, as_csv, as_spreadsheet, calendar, from_csv, from_spreadsheet, sheet
from rota.problem import Assigned, Problem
from rota.shift import Shift
from tests.unit.rotas import a_person, a_problem, nights

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def a_week() -> tuple[Problem, tuple[Assigned, ...]]:
    problem = a_problem(nights(3, first=1, backup=1), a_person("robin", name="Robin"), a_person("wren", name="Wren"))
    first, second, _ = (slot.id for slot in problem.slots)
    return problem, (
        Assigned(first, ListenerId("robin"), Cover.FIRST),
        Assigned(first, ListenerId("wren"), Cover.BACKUP),
        Assigned(second, ListenerId("wren"), Cover.FIRST),
    )


def test_a_rota_that_goes_out_as_csv_comes_in_the_same() -> None:
    problem, assigned = a_week()

    assert from_csv(problem, as_csv(problem, assigned)) == assigned


def test_a_rota_that_goes_out_as_a_spreadsheet_comes_in_the_same() -> None:
    problem, assigned = a_week()

    assert from_spreadsheet(problem, as_spreadsheet(problem, assigned)) == assigned


def test_a_row_has_local_times_and_a_code_name_and_an_empty_shift_has_its_row() -> None:
    problem, assigned = a_week()

    lines = as_csv(problem, assigned).splitlines()
    assert lines[1] == "night 2026-12-01,2026-12-01 22:00,2026-12-02 02:00,Robin,first"
    assert lines[-1] == "night 2026-12-03,2026-12-03 22:00,2026-12-04 02:00,,"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("night 2027-01-01,Robin,first", "row 2: there is no shift 'night 2027-01-01' on these days"),
        ("night 2026-12-01,Robert,first", "row 2: there is no Listener 'Robert'"),
        ("night 2026-12-01,Robin,third", "row 2: cover is 'third', and not first or backup"),
        ("night 2026-12-01,Robin,first\nnight 2026-12-01,Robin,backup", "row 3: Robin is on 'night 2026-12-01' twice"),
    ],
)
def test_a_wrong_row_is_named_with_what_is_wrong(row: str, complaint: str) -> None:
    problem, _ = a_week()

    with pytest.raises(BadRotaFile, match=complaint):
        from_csv(problem, f"slot,listener,cover\n{row}\n")


def test_a_file_without_heads_is_told_which_it_needs() -> None:
    problem, _ = a_week()

    with pytest.raises(BadRotaFile, match="slot, starts, ends, listener, cover"):
        from_csv(problem, "Robin,night\nWren,night\n")


def test_a_calendar_says_when_somebody_is_on_duty_and_nothing_else() -> None:
    shift = Shift(
        id=ShiftId("shift-1"),
        listener=ListenerId("robin"),
        cover=Cover.BACKUP,
        starts_at=NOON,
        ends_at=NOON + timedelta(hours=4),
    )

    (event,) = Calendar.from_ical(calendar([shift], stamp=NOON)).walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (NOON, NOON + timedelta(hours=4))
    assert event["summary"] == "On duty (backup)"
    assert set(event) == {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"}


def test_the_sheet_for_the_wing_names_who_is_on_and_says_where_somebody_is_wanted() -> None:
    problem, assigned = a_week()

    page = sheet(problem, assigned, title="Listeners <on>")
    assert "Listeners &lt;on&gt;" in page
    assert "Tuesday 1 December" in page
    assert "22:00 to 02:00" in page
    assert "Robin, Wren (backup)" in page
    assert page.count("1 wanted") == 1
    assert page.count("2 wanted") == 1


def test_the_sheet_of_one_wing_has_its_own_listeners_and_wants_nobody_for_seats_that_others_have() -> None:
    problem = a_problem(nights(1, first=2), a_person("robin", name="Robin"), a_person("owl", wing="B", name="Owl"))
    slot = problem.slots[0].id
    assigned = (
        Assigned(slot, ListenerId("owl"), Cover.FIRST),
        Assigned(slot, ListenerId("robin"), Cover.FIRST),
    )

    page = sheet(problem, assigned, title="A wing", wing=WingId("A"))
    assert "Robin" in page
    assert "Owl" not in page
    assert "wanted</span>" not in page
