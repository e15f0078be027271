"""What the quick checks may rely on besides."""

import sqlite3
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect

from models.migrate import migrate

_upgrade = command.upgrade


@pytest.fixture(autouse=True)
def _quick_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """All migrations run once; an empty SQLite database then gets what they made (tests/database runs them all)."""

    def upgrade(config: Config, revision: str) -> None:
        connection = config.attributes["connection"]
        if connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
            _upgrade(config, revision)
            return
        for statement in _migrated():
            connection.exec_driver_sql(statement)

    monkeypatch.setattr(command, "upgrade", upgrade)


@cache
def _migrated() -> tuple[str, ...]:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(command, "upgrade", _upgrade)
        file = Path(folder) / "migrated.db"
        migrate(f"sqlite:///{file}")
        made = sqlite3.connect(file)
        try:
            return tuple(one for one in made.iterdump() if one not in {"BEGIN TRANSACTION;", "COMMIT;"})
        finally:
            made.close()
