"""A database is brought to the tables of this release, whatever it was."""

import subprocess
import sys

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from models.database import Database
from models.migrate import migrate
from models.tables import Base


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def test_a_migrated_database_has_exactly_the_tables_of_the_code(database: Database) -> None:
    assert differences(database) == []


def test_the_partial_indexes_that_decide_claims_are_there(database: Database) -> None:
    found = {
        index["name"]
        for table in ("offers", "talks", "tellings")
        for index in inspect(database.engine).get_indexes(table)
        if index["unique"] and any(key.endswith("_where") for key in index["dialect_options"])
    }

    assert found == {"one_ring_a_listener", "one_caller_a_listener", "one_listener_a_seat", "one_ring_a_staff_phone"}


def test_to_migrate_again_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    migrate(empty_url)

    database = Database(empty_url)
    assert differences(database) == []
    database.close()


def test_two_nodes_that_start_at_once_both_find_the_tables(empty_url: str) -> None:
    start = "import sys; from models.migrate import migrate; migrate(sys.argv[1])"
    nodes = [subprocess.Popen([sys.executable, "-c", start, empty_url]) for _ in range(2)]

    assert [node.wait(timeout=30) for node in nodes] == [0, 0]
    database = Database(empty_url)
    assert differences(database) == []
    database.close()
