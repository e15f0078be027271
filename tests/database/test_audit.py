"""The audit in the database: one chain whoever writes, which nobody may change, and what is found of who did."""

from pathlib import Path
from threading import Barrier

import pytest
from alembic import command
from alembic.config import Config
from audit_world import LONG_AGO, TODAY, chain, execute, noting, numbers, said, with_entries, without_triggers
from builders import a_small_prison
from races import at_once
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import audit, tables
from models.audit import InSavepoint
from models.database import Database
from models.migrate import migrate

# ---- one chain


def test_many_who_write_at_once_make_one_chain(database: Database) -> None:
    at_once(database, [noting(f"esc-{number}") for number in range(24)])

    assert numbers(database) == list(range(1, 25))
    assert said(database) == []


def test_several_acts_of_one_transaction_follow_each_other(database: Database) -> None:
    with database.transaction() as session:
        for what in ("raised", "acknowledged", "closed"):
            audit.note(session, "line", what, "esc-1", TODAY)

    assert [entry.deed.what for entry in chain(database).entries] == ["raised", "acknowledged", "closed"]
    assert said(database) == []


def test_what_is_taken_back_leaves_neither_entry_nor_gap(database: Database) -> None:
    with_entries(database, TODAY)

    def fails(session: Session) -> None:
        audit.note(session, "line", "raised", "esc-1", TODAY)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.do(fails)
    with_entries(database, TODAY)

    assert numbers(database) == [1, 2]
    assert said(database) == []


def test_an_act_is_not_noted_in_what_may_be_taken_back_alone(database: Database) -> None:
    with pytest.raises(InSavepoint), database.transaction() as session, session.begin_nested():
        audit.note(session, "line", "raised", "esc-1", TODAY)


def test_who_notes_first_and_who_locks_first_never_wait_for_each_other(database: Database) -> None:
    """An act that notes and then waits for a row, beside one that has the row and then notes."""
    database.do(lambda session: a_small_prison(session, "robin", "wren"))
    both = Barrier(2)
    together = database.engine.dialect.name == "postgresql"

    def change(session: Session, name: str) -> None:
        session.scalar(select(tables.Listener).where(tables.Listener.id == name).with_for_update())

    def meet() -> None:
        if together:  # SQLite lets one in at a time
            both.wait(timeout=10)

    def notes_then_locks(session: Session) -> None:
        noting("esc-1")(session)
        meet()
        change(session, "listener-robin")

    def locks_then_notes(session: Session) -> None:
        change(session, "listener-robin")
        meet()
        noting("esc-2")(session)

    for _ in range(5):
        at_once(database, [notes_then_locks, locks_then_notes])

    assert numbers(database) == list(range(1, 11))
    assert said(database) == []


def test_what_stood_before_is_chained_by_the_migration_without_gaps(empty_url: str) -> None:
    database = Database(empty_url)
    config = Config()
    config.set_main_option("script_location", "models:migrations")
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for number, about in ((3, "'esc-1'"), (7, "NULL"), (8, "'esc-2'")):
            values = f"{number}, '2026-03-10 12:00:0{number}.000000', 'nurse', 'closed', {about}"
            connection.execute(text(f"INSERT INTO acts (id, at, who, what, about) VALUES ({values})"))  # noqa: S608
    migrate(empty_url)
    database.do(noting("esc-3"))

    assert [(one.number, one.deed.about) for one in chain(database).entries] == [
        (1, "esc-1"),
        (2, None),
        (3, "esc-2"),
        (4, "esc-3"),
    ]
    assert chain(database).entries[1].deed.at.second == 7
    assert said(database) == []
    database.close()


# ---- what the database refuses


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE acts SET who = 'robin' WHERE id = 2",
        "UPDATE acts SET id = 9 WHERE id = 2",
        "DELETE FROM acts",
        "DELETE FROM acts WHERE id = 2",
        "INSERT INTO acts SELECT 9, at, who, what, about, previous, hash FROM acts WHERE id = 2",
        "INSERT INTO acts SELECT 0, at, who, what, about, previous, hash FROM acts WHERE id = 2",
        "UPDATE audit_anchors SET hash = 'ab'",
        "DELETE FROM audit_anchors",
        "INSERT INTO audit_anchors SELECT number - 1, hash FROM audit_anchors",
    ],
)
def test_the_database_refuses(statement: str, database: Database) -> None:
    with_entries(database, LONG_AGO)
    database.do(lambda session: audit.forget_before(session, TODAY - audit.KEPT))
    with_entries(database, TODAY, TODAY)
    with pytest.raises(IntegrityError, match="only_grow"):
        execute(database, statement)

    assert numbers(database) == [2, 3]
    assert said(database) == []


def test_sqlite_refuses_to_replace(migrated_file: Path, tmp_path: Path) -> None:
    """Its REPLACE deletes without asking the trigger that refuses to delete."""
    (tmp_path / "own.db").write_bytes(migrated_file.read_bytes())
    database = Database(f"sqlite:///{tmp_path / 'own.db'}")
    with_entries(database, TODAY, TODAY)
    with pytest.raises(IntegrityError, match="acts_only_grow"):
        execute(database, "INSERT OR REPLACE INTO acts SELECT 1, at, who, what, about, previous, hash FROM acts")
    database.close()


@pytest.mark.parametrize("own_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", ["acts", "audit_anchors"])
def test_postgres_refuses_to_empty(table: str, database: Database) -> None:
    with_entries(database, TODAY)
    with pytest.raises(IntegrityError, match="only_grow"):
        execute(database, f"TRUNCATE {table}")

    assert numbers(database) == [1]


def test_even_an_old_entry_goes_only_when_an_anchor_keeps_its_place(database: Database) -> None:
    with_entries(database, LONG_AGO, LONG_AGO)
    with pytest.raises(IntegrityError, match="acts_only_grow"):
        execute(database, "DELETE FROM acts WHERE id = 1")


# ---- what is found when somebody did it all the same


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["UPDATE acts SET who = 'robin' WHERE id = 2"], ["entry 2 was changed"]),
        (["UPDATE acts SET about = NULL WHERE id = 3"], ["entry 3 was changed"]),
        (["UPDATE acts SET at = '2026-03-10 12:00:00.000000' WHERE id = 4"], ["entry 4 was changed"]),
        (["DELETE FROM acts WHERE id IN (2, 3)"], ["entries 2 to 3 were taken out"]),
        (
            [
                "DELETE FROM acts WHERE id = 2",
                "UPDATE acts SET id = id - 1 WHERE id = 3",
                "UPDATE acts SET id = 3 WHERE id = 4",
            ],
            ["entry 2 was taken out", "entries 2 to 3 were moved: made as 3 and onwards"],
        ),
        (
            [
                "UPDATE acts SET id = -1 WHERE id = 2",
                "UPDATE acts SET id = 2 WHERE id = 3",
                "UPDATE acts SET id = 3 WHERE id = -1",
            ],
            ["entry 2 was moved: made as 3", "entry 3 was moved: made as 2"],
        ),
        (
            ["INSERT INTO acts SELECT 5, at, who, what, about, previous, hash FROM acts WHERE id = 2"],
            ["entry 5 was put in"],
        ),
        (["INSERT INTO audit_anchors VALUES (1, 'ab')"], ["entry 1 was put in", "the anchor"]),
    ],
)
def test_what_somebody_with_the_database_did_is_found_and_named(
    statements: list[str], found: list[str], database: Database
) -> None:
    with_entries(database, *[TODAY] * 4)
    without_triggers(database)
    execute(database, *statements)

    told = said(database)
    assert len(told) == len(found)
    assert all(any(expected in one for one in told) for expected in found)


@pytest.mark.parametrize("own_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("put", ["at = 'yesterday'", "at = x'00ff'", "who = x'00ff'", "about = x''", "hash = x'00'"])
def test_what_only_sqlite_would_store_is_a_changed_entry(put: str, database: Database) -> None:
    with_entries(database, TODAY, TODAY)
    without_triggers(database)
    execute(database, f"UPDATE acts SET {put} WHERE id = 1")  # noqa: S608

    assert "entry 1 was changed" in said(database)
