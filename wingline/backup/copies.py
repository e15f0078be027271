"""A database as it is in one moment, while others write: SQLite's online backup, or PostgreSQL's own programs.

A copy is only ever in memory, or in a pipe: on a disk it would lie unsealed.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, Engine, create_engine, inspect, make_url, text

from wingline.backup.errors import NoTool, ToolFailed

# What a restore on PostgreSQL moved aside.
ASIDE = "replaced_"


def dialect_of(url: str) -> str:
    return make_url(url).get_backend_name()


def sqlite_file(url: str) -> Path:
    return Path(make_url(url).database or "")


def revision_of(url: str) -> str:
    """Of its tables; nothing when it has none."""
    with _engine(url) as engine, engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def has_tables(url: str) -> bool:
    if dialect_of(url) == "sqlite":
        return sqlite_file(url).exists()
    with _engine(url) as engine:
        return bool(inspect(engine).get_table_names())


def copy_of(url: str) -> bytes:
    return _sqlite_copy(sqlite_file(url)) if dialect_of(url) == "sqlite" else _postgres_copy(make_url(url))


def _sqlite_copy(file: Path) -> bytes:
    with closing(sqlite3.connect(file)) as live, closing(sqlite3.connect(":memory:")) as copy:
        live.backup(copy)
        # Pages that nobody uses may still hold what was forgotten (Database.sweep).
        copy.execute("VACUUM")
        return copy.serialize()


def _postgres_copy(url: URL) -> bytes:
    arguments = ("--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={ASIDE}*")
    return _run("pg_dump", url, arguments)


@contextmanager
def put_into_postgres(url: str, copied: bytes, aside: str) -> Iterator[None]:
    """The tables that are there go into a schema ``aside``, and come back when anything inside fails."""
    move_aside = has_tables(url)
    if move_aside:
        _execute(url, f"ALTER SCHEMA public RENAME TO {aside}", "CREATE SCHEMA public")
    try:
        arguments = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        _run("pg_restore", make_url(url), arguments, copied)
        yield
    except BaseException:
        _execute(
            url,
            "DROP SCHEMA public CASCADE",
            f"ALTER SCHEMA {aside} RENAME TO public" if move_aside else "CREATE SCHEMA public",
        )
        raise


def left_aside(url: str) -> list[str]:
    """Schemas that a restore moved aside, and that nobody has deleted yet."""
    if dialect_of(url) != "postgresql":
        return []
    with _engine(url) as engine:
        return [name for name in inspect(engine).get_schema_names() if name.startswith(ASIDE)]


def missing_tool(url: str) -> str | None:
    """The program without which this database cannot be copied here."""
    if dialect_of(url) == "sqlite":
        return None
    return next((tool for tool in ("pg_dump", "pg_restore") if shutil.which(tool) is None), None)


def _execute(url: str, *statements: str) -> None:
    with _engine(url) as engine, engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _run(tool: str, url: URL, arguments: tuple[str, ...], fed: bytes | None = None) -> bytes:
    program = shutil.which(tool)
    if program is None:
        raise NoTool(tool)
    # The password goes by the environment: everybody on the machine can read arguments.
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    command = (program, *arguments, f"--dbname={address}")
    ended = subprocess.run(command, input=fed, capture_output=True, env=environment, check=False)
    if ended.returncode:
        raise ToolFailed(tool, ended.stderr.decode(errors="replace"))
    return ended.stdout
