"""The folder into which offices put their files."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOON, SITE, a_prison_of_cells
from sqlalchemy import func, select
from structlog.testing import capture_logs

from models import tables
from models.database import Database
from models.words import SiteId
from wingline.drop_box import Kind, Taken, take_drops

PRISON = SiteId(SITE)
COURT = "code_name,kind,since\nrobin,court,2026-03-10T12:00\n"
HALF_WRONG = COURT + "kite,court,2026-03-10T12:00\n"
APART = "code_name,prison_number,location,restriction,reason,role\n"
B3 = "robin,A1234BC,B-1-003,CELL,THREAT,VICTIM\n"
NOWHERE = "robin,A9999ZZ,Z-9-999,CELL,THREAT,VICTIM\n"


@pytest.fixture
def prison(database: Database) -> Database:
    database.do(lambda session: a_prison_of_cells(session, robin="A1", wren="A2"))
    return database


def drops(data: Path, name: str, text: str | bytes, seconds_ago: float = 3) -> Path:
    """A file that was last written so long ago."""
    file = data / "drop" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    changed = NOON.timestamp() - seconds_ago
    os.utime(file, (changed, changed))
    return file


def look(data: Path, database: Database, later: timedelta = timedelta()) -> tuple[Taken, ...]:
    return take_drops(data, database, PRISON, NOON + later)


def lies_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def rows_of(database: Database, table: type[tables.Movement | tables.KeepApart]) -> int:
    return database.do(lambda session: session.scalar(select(func.count()).select_from(table))) or 0


def test_a_file_of_movements_is_taken_and_lies_in_done(prison: Database, tmp_path: Path) -> None:
    drops(tmp_path, "Movements today.CSV", COURT)

    (taken,) = look(tmp_path, prison)
    assert (taken.kind, taken.right, taken.wrong) == (Kind.MOVEMENTS, 1, 0)
    assert rows_of(prison, tables.Movement) == 1
    assert lies_in(tmp_path / "drop/done") == ["Movements today.CSV"]
    assert look(tmp_path, prison) == ()


@pytest.mark.parametrize("seconds_ago", [0, 1.9])
def test_a_file_that_is_still_being_written_waits(prison: Database, tmp_path: Path, seconds_ago: float) -> None:
    file = drops(tmp_path, "movements.csv", COURT, seconds_ago)

    assert look(tmp_path, prison) == ()
    assert file.exists()
    assert len(look(tmp_path, prison, timedelta(seconds=2))) == 1


def test_a_file_whose_date_lies_ahead_is_taken(prison: Database, tmp_path: Path) -> None:
    drops(tmp_path, "movements.csv", COURT, seconds_ago=-3600)

    assert len(look(tmp_path, prison)) == 1


def test_the_right_rows_of_a_wrong_file_are_taken_and_the_note_names_the_others(
    prison: Database, tmp_path: Path
) -> None:
    drops(tmp_path, "movements.csv", HALF_WRONG)

    (taken,) = look(tmp_path, prison)
    assert (taken.right, taken.wrong) == (1, 1)
    assert rows_of(prison, tables.Movement) == 1
    assert lies_in(tmp_path / "drop/refused") == ["movements.csv", "movements.csv.txt"]
    note = (tmp_path / "drop/refused/movements.csv.txt").read_text()
    assert "row 3: code_name: there is no Listener with this code name" in note


@pytest.mark.parametrize(("raw", "word"), [(b"\xff\xfe", "UTF-8"), (b"", "missing"), (b"x" * 1_000_001, "larger")])
def test_what_is_no_such_file_is_refused_with_words(prison: Database, tmp_path: Path, raw: bytes, word: str) -> None:
    drops(tmp_path, "movements.csv", raw)

    look(tmp_path, prison)
    assert word in (tmp_path / "drop/refused/movements.csv.txt").read_text()
    assert (tmp_path / "drop/refused/movements.csv").read_bytes() == raw


def test_a_corrected_file_of_the_same_name_does_not_replace_the_refused_one(prison: Database, tmp_path: Path) -> None:
    for minutes in (0, 1):
        drops(tmp_path, "movements.csv", HALF_WRONG)
        look(tmp_path, prison, timedelta(minutes=minutes))

    assert len(lies_in(tmp_path / "drop/refused")) == 4


def test_files_of_other_names_folders_and_links_are_left_alone(prison: Database, tmp_path: Path) -> None:
    secret = drops(tmp_path, "notes.csv", COURT)
    drops(tmp_path, "movements.csv.part", COURT)
    (tmp_path / "drop/movements-link.csv").symlink_to(secret)
    (tmp_path / "drop/movements-folder.csv").mkdir()

    assert look(tmp_path, prison) == ()
    assert rows_of(prison, tables.Movement) == 0


# ---- prison numbers


def test_a_keep_apart_file_that_was_taken_does_not_stay(prison: Database, tmp_path: Path) -> None:
    drops(tmp_path, "keep-apart.csv", APART + B3)

    (taken,) = look(tmp_path, prison)
    assert (taken.kind, taken.right) == (Kind.KEEP_APART, 1)
    assert rows_of(prison, tables.KeepApart) == 1
    assert lies_in(tmp_path / "drop/done") == ["keep-apart.csv.txt"]
    assert "deleted here" in (tmp_path / "drop/done/keep-apart.csv.txt").read_text()


def test_no_log_or_note_has_a_prison_number_a_name_or_the_name_of_the_file(prison: Database, tmp_path: Path) -> None:
    drops(tmp_path, "keep-apart-robin.csv", APART + B3 + NOWHERE)
    with capture_logs() as logs:
        taken = look(tmp_path, prison)

    said = repr(logs) + repr(taken) + (tmp_path / "drop/refused/keep-apart-robin.csv.txt").read_text()
    assert "row 3: location" in said
    assert not any(word in said for word in ("A1234BC", "A9999ZZ", "robin", "Z-9-999"))


def test_a_whole_file_is_named_so(prison: Database, tmp_path: Path) -> None:
    drops(tmp_path, "keep-apart.csv", APART + B3)
    look(tmp_path, prison)
    drops(tmp_path, "keep-apart-whole.csv", APART + B3.replace("A1234BC", "A9999ZZ"))
    look(tmp_path, prison)

    assert rows_of(prison, tables.KeepApart) == 1


def test_the_same_number_is_found_again_in_the_next_file(prison: Database, tmp_path: Path) -> None:
    for location in ("B-1-003", "B-1-004"):
        drops(tmp_path, "keep-apart.csv", APART + B3.replace("B-1-003", location))
        look(tmp_path, prison)

    assert rows_of(prison, tables.KeepApart) == 1


def test_what_lay_there_for_a_week_is_deleted(prison: Database, tmp_path: Path) -> None:
    drops(tmp_path, "movements.csv", COURT, seconds_ago=10_000_000)
    drops(tmp_path, "keep-apart.csv", APART + NOWHERE)
    look(tmp_path, prison)

    look(tmp_path, prison, timedelta(days=6))
    assert lies_in(tmp_path / "drop/done") == ["movements.csv"]
    look(tmp_path, prison, timedelta(days=7))
    assert lies_in(tmp_path / "drop/done") == lies_in(tmp_path / "drop/refused") == []


def test_the_folders_and_what_lies_in_them_are_the_lines_alone(prison: Database, tmp_path: Path) -> None:
    look(tmp_path, prison)
    drops(tmp_path, "movements.csv", COURT).chmod(0o666)
    look(tmp_path, prison)

    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("drop", "drop/done", "drop/refused")] == [0o700] * 3
    assert (tmp_path / "drop/done/movements.csv").stat().st_mode & 0o777 == 0o600


# ---- when it cannot be taken


def test_without_a_database_a_file_waits_and_the_log_has_only_the_kind_of_fault(tmp_path: Path) -> None:
    file = drops(tmp_path, "movements.csv", COURT)
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with capture_logs() as logs:
        assert look(tmp_path, empty) == ()
    empty.close()

    assert file.exists()
    assert logs == [{"event": "drop.waits", "kind": "movements", "error": "OperationalError", "log_level": "warning"}]
