"""Calls, without a caller."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped

from models.tables.columns import (
    COUNT,
    DAYS_90,
    LISTENER,
    SITE,
    WHILE_IN_USE,
    Base,
    UtcDateTime,
    column,
    one_while_open,
)

_OPEN = text("ended_at IS NULL")


class Call(Base):
    __tablename__ = "calls"
    id: Mapped[str] = column(COUNT, DAYS_90, String(40), primary_key=True)
    site_id: Mapped[str] = column(COUNT, DAYS_90, ForeignKey("sites.id"))
    stage: Mapped[str] = column(COUNT, DAYS_90, String(12))
    language: Mapped[str] = column(COUNT, DAYS_90, String(8))
    # The process of the line whose Asterisk has its channel, when there are several.
    node_id: Mapped[str | None] = column(SITE, DAYS_90, String(40))
    listening: Mapped[bool] = column(COUNT, DAYS_90, Boolean, default=False)
    began_at: Mapped[datetime] = column(COUNT, DAYS_90, UtcDateTime)
    waiting_since: Mapped[datetime | None] = column(COUNT, DAYS_90, UtcDateTime)
    # For the figures: when it first waited for a Listener, and when it last went on to somebody else.
    first_waiting_at: Mapped[datetime | None] = column(COUNT, DAYS_90, UtcDateTime)
    outside_at: Mapped[datetime | None] = column(COUNT, DAYS_90, UtcDateTime)
    duty_office_at: Mapped[datetime | None] = column(COUNT, DAYS_90, UtcDateTime)
    ended_at: Mapped[datetime | None] = column(COUNT, DAYS_90, UtcDateTime)
    __table_args__ = (
        Index("calls_by_beginning", "began_at"),
        # The board looks every second which calls go on.
        Index("open_calls", "began_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )


class Offer(Base):
    __tablename__ = "offers"
    id: Mapped[str] = column(COUNT, DAYS_90, String(40), primary_key=True)
    call_id: Mapped[str] = column(COUNT, DAYS_90, ForeignKey("calls.id"), index=True)
    listener_id: Mapped[str] = column(LISTENER, DAYS_90, ForeignKey("listeners.id"))
    seat: Mapped[str] = column(COUNT, DAYS_90, String(8))
    rang_at: Mapped[datetime] = column(COUNT, DAYS_90, UtcDateTime)
    ended_at: Mapped[datetime | None] = column(COUNT, DAYS_90, UtcDateTime)
    end: Mapped[str | None] = column(COUNT, DAYS_90, String(12))
    __table_args__ = (
        one_while_open("one_ring_a_listener", "listener_id"),
        Index("offers_of_a_listener", "listener_id", "rang_at"),
    )


class Talk(Base):
    """A claim: this Listener has this caller. Two unique indexes make it so under any race."""

    __tablename__ = "talks"
    id: Mapped[str] = column(COUNT, DAYS_90, String(40), primary_key=True)
    call_id: Mapped[str] = column(COUNT, DAYS_90, ForeignKey("calls.id"))
    listener_id: Mapped[str] = column(LISTENER, DAYS_90, ForeignKey("listeners.id"))
    seat: Mapped[str] = column(COUNT, DAYS_90, String(8))
    began_at: Mapped[datetime] = column(COUNT, DAYS_90, UtcDateTime)
    ended_at: Mapped[datetime | None] = column(COUNT, DAYS_90, UtcDateTime)
    # Until when the Listener was not to be rung after it.
    rest_until: Mapped[datetime | None] = column(COUNT, DAYS_90, UtcDateTime)
    __table_args__ = (
        one_while_open("one_caller_a_listener", "listener_id"),
        one_while_open("one_listener_a_seat", "call_id", "seat"),
    )


class RuleCount(Base):
    """How often a rule has prompted a Listener in a month, and what they said of it; of no call and no person.

    ``month``: as models/months.py says it; ``0000-00`` is all that was counted before months were.
    """

    __tablename__ = "rule_counts"
    site_id: Mapped[str] = column(SITE, WHILE_IN_USE, ForeignKey("sites.id"), primary_key=True)
    month: Mapped[str] = column(SITE, WHILE_IN_USE, String(7), primary_key=True)
    rule: Mapped[str] = column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    prompted: Mapped[int] = column(SITE, WHILE_IN_USE, Integer, default=0)
    right: Mapped[int] = column(SITE, WHILE_IN_USE, Integer, default=0)
    wrong: Mapped[int] = column(SITE, WHILE_IN_USE, Integer, default=0)


class CallCount(Base):
    """How many calls of a month have been forgotten, and in how many of them a machine listened; of no call."""

    __tablename__ = "call_counts"
    site_id: Mapped[str] = column(SITE, WHILE_IN_USE, ForeignKey("sites.id"), primary_key=True)
    month: Mapped[str] = column(SITE, WHILE_IN_USE, String(7), primary_key=True)
    calls: Mapped[int] = column(SITE, WHILE_IN_USE, Integer, default=0)
    listened: Mapped[int] = column(SITE, WHILE_IN_USE, Integer, default=0)
