"""An audit to write to and to be at, for tests."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from models import audit
from models.audit import Chain, read_chain
from models.audit_check import broken
from models.clock import now
from models.database import Database

TODAY = now().replace(hour=12)
LONG_AGO = TODAY - timedelta(days=800)


def noting(about: str, at: datetime | None = None) -> Callable[[Session], None]:
    return lambda session: audit.note(session, "nurse", "acknowledged", about, at or TODAY)


def with_entries(database: Database, *moments: datetime) -> None:
    for number, at in enumerate(moments):
        database.do(noting(f"esc-{number}", at))


def chain(database: Database) -> Chain:
    return database.do(read_chain)


def numbers(database: Database) -> list[int]:
    return [entry.number for entry in chain(database).entries]


def said(database: Database) -> list[str]:
    return [one.sentence for one in broken(chain(database))]


def execute(database: Database, *statements: str) -> None:
    with database.transaction() as session:
        for statement in statements:
            session.execute(text(statement))


def without_triggers(database: Database) -> None:
    """What somebody does who has the file, or the database's owner's password."""
    if database.engine.dialect.name == "sqlite":
        with database.transaction() as session:
            names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
        execute(database, *(f"DROP TRIGGER {name}" for name in names))
    else:
        execute(database, *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("acts", "audit_anchors")))
