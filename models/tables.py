"""Every table, with the class and the keeping of every column.

``info={"holds": …, "kept": …}`` on a column says what it is and how long it is kept; a test reads them.
No table can hold words, and a call's row has no caller (domain.md 6, layers 3 and 7).
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


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


def _column(holds: str, kept: str, *args: Any, **options: Any) -> Any:
    return mapped_column(*args, info={"holds": holds, "kept": kept}, **options)


def _one_while_open(name: str, *columns: str) -> Index:
    """At most one row with these values whose ``ended_at`` is empty: the database's own word on who has what."""
    open_only = text("ended_at IS NULL")
    return Index(name, *columns, unique=True, sqlite_where=open_only, postgresql_where=open_only)


class Site(Base):
    __tablename__ = "sites"
    id: Mapped[str] = _column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    name: Mapped[str] = _column(SITE, WHILE_IN_USE, String(80))
    zone: Mapped[str] = _column(SITE, WHILE_IN_USE, String(40))
    short_code: Mapped[str] = _column(SITE, WHILE_IN_USE, String(8))
    language: Mapped[str] = _column(SITE, WHILE_IN_USE, String(8))
    profile: Mapped[str] = _column(SITE, WHILE_IN_USE, String(40))


class Wing(Base):
    __tablename__ = "wings"
    id: Mapped[str] = _column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    site_id: Mapped[str] = _column(SITE, WHILE_IN_USE, ForeignKey("sites.id"))
    name: Mapped[str] = _column(SITE, WHILE_IN_USE, String(40))
    letter: Mapped[str] = _column(SITE, WHILE_IN_USE, String(1))
    backup_wing_id: Mapped[str | None] = _column(SITE, WHILE_IN_USE, ForeignKey("wings.id"))


class Cell(Base):
    __tablename__ = "cells"
    id: Mapped[str] = _column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    wing_id: Mapped[str] = _column(SITE, WHILE_IN_USE, ForeignKey("wings.id"))
    location: Mapped[str] = _column(SITE, WHILE_IN_USE, String(20))


class Phone(Base):
    __tablename__ = "phones"
    id: Mapped[str] = _column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    site_id: Mapped[str] = _column(SITE, WHILE_IN_USE, ForeignKey("sites.id"))
    kind: Mapped[str] = _column(SITE, WHILE_IN_USE, String(12))
    secret: Mapped[str] = _column(SECRET, WHILE_IN_USE, String(40))
    cell_id: Mapped[str | None] = _column(SITE, WHILE_IN_USE, ForeignKey("cells.id"))
    post: Mapped[str | None] = _column(SITE, WHILE_IN_USE, String(20))


class Listener(Base):
    __tablename__ = "listeners"
    id: Mapped[str] = _column(LISTENER, SERVING, String(40), primary_key=True)
    site_id: Mapped[str] = _column(LISTENER, SERVING, ForeignKey("sites.id"))
    wing_id: Mapped[str] = _column(LISTENER, SERVING, ForeignKey("wings.id"))
    phone_id: Mapped[str | None] = _column(LISTENER, SERVING, ForeignKey("phones.id"), unique=True)
    code_name: Mapped[str] = _column(LISTENER, SERVING, String(40))
    standing: Mapped[str] = _column(LISTENER, SERVING, String(12))
    certified_from: Mapped[datetime | None] = _column(LISTENER, SERVING, UtcDateTime)
    certified_until: Mapped[datetime | None] = _column(LISTENER, SERVING, UtcDateTime)
    languages: Mapped[list[str]] = _column(LISTENER, SERVING, JSON)
    experienced: Mapped[bool] = _column(LISTENER, SERVING, Boolean, default=False)
    off_duty_since: Mapped[datetime | None] = _column(LISTENER, SERVING, UtcDateTime)
    resting_until: Mapped[datetime | None] = _column(LISTENER, SERVING, UtcDateTime)
    wants_debrief: Mapped[bool] = _column(LISTENER, SERVING, Boolean, default=False)


class Shift(Base):
    __tablename__ = "shifts"
    id: Mapped[str] = _column(LISTENER, SERVING, String(40), primary_key=True)
    site_id: Mapped[str] = _column(LISTENER, SERVING, ForeignKey("sites.id"))
    listener_id: Mapped[str] = _column(LISTENER, SERVING, ForeignKey("listeners.id"), index=True)
    cover: Mapped[str] = _column(LISTENER, SERVING, String(8))
    starts_at: Mapped[datetime] = _column(LISTENER, SERVING, UtcDateTime)
    ends_at: Mapped[datetime] = _column(LISTENER, SERVING, UtcDateTime)


class Call(Base):
    __tablename__ = "calls"
    id: Mapped[str] = _column(COUNT, DAYS_90, String(40), primary_key=True)
    site_id: Mapped[str] = _column(COUNT, DAYS_90, ForeignKey("sites.id"))
    stage: Mapped[str] = _column(COUNT, DAYS_90, String(12))
    language: Mapped[str] = _column(COUNT, DAYS_90, String(8))
    listening: Mapped[bool] = _column(COUNT, DAYS_90, Boolean, default=False)
    began_at: Mapped[datetime] = _column(COUNT, DAYS_90, UtcDateTime)
    waiting_since: Mapped[datetime | None] = _column(COUNT, DAYS_90, UtcDateTime)
    ended_at: Mapped[datetime | None] = _column(COUNT, DAYS_90, UtcDateTime)


class Offer(Base):
    __tablename__ = "offers"
    id: Mapped[str] = _column(COUNT, DAYS_90, String(40), primary_key=True)
    call_id: Mapped[str] = _column(COUNT, DAYS_90, ForeignKey("calls.id"), index=True)
    listener_id: Mapped[str] = _column(LISTENER, DAYS_90, ForeignKey("listeners.id"))
    seat: Mapped[str] = _column(COUNT, DAYS_90, String(8))
    rang_at: Mapped[datetime] = _column(COUNT, DAYS_90, UtcDateTime)
    ended_at: Mapped[datetime | None] = _column(COUNT, DAYS_90, UtcDateTime)
    end: Mapped[str | None] = _column(COUNT, DAYS_90, String(12))
    __table_args__ = (_one_while_open("one_ring_a_listener", "listener_id"),)


class Talk(Base):
    """A claim: this Listener has this caller. Two unique indexes make it so under any race."""

    __tablename__ = "talks"
    id: Mapped[str] = _column(COUNT, DAYS_90, String(40), primary_key=True)
    call_id: Mapped[str] = _column(COUNT, DAYS_90, ForeignKey("calls.id"))
    listener_id: Mapped[str] = _column(LISTENER, DAYS_90, ForeignKey("listeners.id"))
    seat: Mapped[str] = _column(COUNT, DAYS_90, String(8))
    began_at: Mapped[datetime] = _column(COUNT, DAYS_90, UtcDateTime)
    ended_at: Mapped[datetime | None] = _column(COUNT, DAYS_90, UtcDateTime)
    __table_args__ = (
        _one_while_open("one_caller_a_listener", "listener_id"),
        _one_while_open("one_listener_a_seat", "call_id", "seat"),
    )


class RuleCount(Base):
    """How often a rule has prompted a Listener, and what they said of it; of no call and no person."""

    __tablename__ = "rule_counts"
    site_id: Mapped[str] = _column(SITE, WHILE_IN_USE, ForeignKey("sites.id"), primary_key=True)
    rule: Mapped[str] = _column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    prompted: Mapped[int] = _column(SITE, WHILE_IN_USE, Integer, default=0)
    right: Mapped[int] = _column(SITE, WHILE_IN_USE, Integer, default=0)
    wrong: Mapped[int] = _column(SITE, WHILE_IN_USE, Integer, default=0)


class Escalation(Base):
    __tablename__ = "escalations"
    id: Mapped[str] = _column(DISCLOSED, AS_A_COUNT, String(40), primary_key=True)
    site_id: Mapped[str] = _column(DISCLOSED, AS_A_COUNT, ForeignKey("sites.id"))
    call_id: Mapped[str | None] = _column(COUNT, DAYS_90, ForeignKey("calls.id"))
    cause: Mapped[str] = _column(DISCLOSED, AS_A_COUNT, String(20))
    danger: Mapped[str | None] = _column(DISCLOSED, AS_A_COUNT, String(24))
    cell_id: Mapped[str | None] = _column(DISCLOSED, DAYS_90, ForeignKey("cells.id"))
    protocol: Mapped[dict[str, Any]] = _column(DISCLOSED, DAYS_90, JSON)
    step: Mapped[int] = _column(DISCLOSED, AS_A_COUNT, Integer, default=0)
    round: Mapped[int] = _column(DISCLOSED, AS_A_COUNT, Integer, default=0)
    raised_at: Mapped[datetime] = _column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    due_at: Mapped[datetime | None] = _column(DISCLOSED, AS_A_COUNT, UtcDateTime, index=True)
    acknowledged_at: Mapped[datetime | None] = _column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    acknowledged_by: Mapped[str | None] = _column(DISCLOSED, DAYS_90, String(60))
    closed_at: Mapped[datetime | None] = _column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    closed_by: Mapped[str | None] = _column(DISCLOSED, DAYS_90, String(60))
    outcome: Mapped[str | None] = _column(DISCLOSED, AS_A_COUNT, String(24))


class Telling(Base):
    """One attempt to tell one phone of staff."""

    __tablename__ = "tellings"
    id: Mapped[str] = _column(DISCLOSED, DAYS_90, String(40), primary_key=True)
    escalation_id: Mapped[str] = _column(DISCLOSED, DAYS_90, ForeignKey("escalations.id"), index=True)
    phone_id: Mapped[str] = _column(SITE, DAYS_90, ForeignKey("phones.id"))
    post: Mapped[str] = _column(DISCLOSED, DAYS_90, String(20))
    step: Mapped[int] = _column(DISCLOSED, DAYS_90, Integer)
    round: Mapped[int] = _column(DISCLOSED, DAYS_90, Integer)
    rang_at: Mapped[datetime] = _column(DISCLOSED, DAYS_90, UtcDateTime)
    ended_at: Mapped[datetime | None] = _column(DISCLOSED, DAYS_90, UtcDateTime)
    end: Mapped[str | None] = _column(DISCLOSED, DAYS_90, String(16))
    __table_args__ = (_one_while_open("one_ring_a_staff_phone", "escalation_id", "phone_id"),)


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[str] = _column(STAFF, WHILE_IN_USE, String(40), primary_key=True)
    site_id: Mapped[str] = _column(STAFF, WHILE_IN_USE, ForeignKey("sites.id"))
    name: Mapped[str] = _column(STAFF, WHILE_IN_USE, String(60), unique=True)
    password: Mapped[str] = _column(SECRET, WHILE_IN_USE, String(200))
    role: Mapped[str] = _column(STAFF, WHILE_IN_USE, String(12))


class Act(Base):
    """Who did what on the console and in the protocol; never about a caller who was not disclosed."""

    __tablename__ = "acts"
    id: Mapped[int] = _column(STAFF, YEARS_2, Integer, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = _column(STAFF, YEARS_2, UtcDateTime)
    who: Mapped[str] = _column(STAFF, YEARS_2, String(60))
    what: Mapped[str] = _column(STAFF, YEARS_2, String(40))
    about: Mapped[str | None] = _column(STAFF, YEARS_2, String(40))
