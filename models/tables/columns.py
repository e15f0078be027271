"""What every column must say of itself, and times that are the same on both databases.

``info={"holds": …, "kept": …}`` on a column says what it is and how long it is kept; a test reads them.
No table can hold words, and a call's row has no caller (domain.md 6, layers 3 and 7).
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Index, MetaData, TypeDecorator, text
from sqlalchemy.orm import DeclarativeBase, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out, on SQLite (which has no zones) and PostgreSQL alike."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a time without a zone was given to the database"
            raise ValueError(msg)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# What a column holds.
SITE = "site"  # the prison's own facts
LISTENER = "listener"  # about a Listener, who agreed to it
COUNT = "count"  # about a call, with nobody in it
DISCLOSED = "disclosed"  # told to staff by an escalation
SECRET = "secret"  # noqa: S105 - a class of data: what opens something
STAFF = "staff"  # about an account of the console

# How long it is kept.
WHILE_IN_USE = "while in use"
SERVING = "while serving and 12 months"
DAYS_90 = "90 days"
AS_A_COUNT = "stays when who and where have gone after 90 days"
YEARS_2 = "2 years"


def column(holds: str, kept: str, *args: Any, **options: Any) -> Any:
    return mapped_column(*args, info={"holds": holds, "kept": kept}, **options)


def one_while_open(name: str, *columns: str) -> Index:
    """At most one row with these values whose ``ended_at`` is empty: the database's own word on who has what."""
    open_only = text("ended_at IS NULL")
    return Index(name, *columns, unique=True, sqlite_where=open_only, postgresql_where=open_only)
