"""What was told to staff."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped

from models.tables.columns import (
    AS_A_COUNT,
    COUNT,
    DAYS_90,
    DISCLOSED,
    SITE,
    WHILE_IN_USE,
    Base,
    UtcDateTime,
    column,
    one_while_open,
)


class Escalation(Base):
    __tablename__ = "escalations"
    id: Mapped[str] = column(DISCLOSED, AS_A_COUNT, String(40), primary_key=True)
    site_id: Mapped[str] = column(DISCLOSED, AS_A_COUNT, ForeignKey("sites.id"))
    call_id: Mapped[str | None] = column(COUNT, DAYS_90, ForeignKey("calls.id"))
    cause: Mapped[str] = column(DISCLOSED, AS_A_COUNT, String(20))
    danger: Mapped[str | None] = column(DISCLOSED, AS_A_COUNT, String(24))
    cell_id: Mapped[str | None] = column(DISCLOSED, DAYS_90, ForeignKey("cells.id"))
    protocol: Mapped[dict[str, Any]] = column(DISCLOSED, DAYS_90, JSON)
    step: Mapped[int] = column(DISCLOSED, AS_A_COUNT, Integer, default=0)
    round: Mapped[int] = column(DISCLOSED, AS_A_COUNT, Integer, default=0)
    # The name and number of the profile that it was raised under.
    profile: Mapped[str | None] = column(DISCLOSED, AS_A_COUNT, String(60))
    prison_number: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(12))
    preferred_name: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(40))
    condition: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(16))
    # Whoever decides whether staff are told has not decided yet.
    deciding: Mapped[bool] = column(DISCLOSED, AS_A_COUNT, Boolean, default=False)
    raised_at: Mapped[datetime] = column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    # When the step is over; due_at is what comes first, of this and of the clocks of whoever is going.
    step_ends_at: Mapped[datetime | None] = column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    due_at: Mapped[datetime | None] = column(DISCLOSED, AS_A_COUNT, UtcDateTime, index=True)
    acknowledged_at: Mapped[datetime | None] = column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    acknowledged_by: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(60))
    # Posts that have acknowledged, in order.
    acknowledged_posts: Mapped[list[str]] = column(DISCLOSED, DAYS_90, JSON, default=list)
    at_door_at: Mapped[datetime | None] = column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    at_door_by: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(60))
    spoken_at: Mapped[datetime | None] = column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    spoken_by: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(60))
    closed_at: Mapped[datetime | None] = column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    closed_by: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(60))
    outcome: Mapped[str | None] = column(DISCLOSED, AS_A_COUNT, String(24))


class Telling(Base):
    """One attempt to tell one phone of staff."""

    __tablename__ = "tellings"
    id: Mapped[str] = column(DISCLOSED, DAYS_90, String(40), primary_key=True)
    escalation_id: Mapped[str] = column(DISCLOSED, DAYS_90, ForeignKey("escalations.id"), index=True)
    phone_id: Mapped[str] = column(SITE, DAYS_90, ForeignKey("phones.id"))
    # Which process rings it, so that another takes over when that one is gone.
    node_id: Mapped[str | None] = column(SITE, DAYS_90, String(40))
    post: Mapped[str] = column(DISCLOSED, DAYS_90, String(20))
    step: Mapped[int] = column(DISCLOSED, DAYS_90, Integer)
    round: Mapped[int] = column(DISCLOSED, DAYS_90, Integer)
    rang_at: Mapped[datetime] = column(DISCLOSED, DAYS_90, UtcDateTime)
    ended_at: Mapped[datetime | None] = column(DISCLOSED, DAYS_90, UtcDateTime)
    end: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(16))
    __table_args__ = (one_while_open("one_ring_a_staff_phone", "escalation_id", "phone_id"),)


class Node(Base):
    """A process of the line, and when it last said that it lives."""

    __tablename__ = "nodes"
    id: Mapped[str] = column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    seen_at: Mapped[datetime] = column(SITE, WHILE_IN_USE, UtcDateTime)
