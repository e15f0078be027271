"""What was told to staff."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped

from models.tables.columns import AS_A_COUNT, COUNT, DAYS_90, DISCLOSED, SITE, Base, UtcDateTime, column, one_while_open


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
    raised_at: Mapped[datetime] = column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    due_at: Mapped[datetime | None] = column(DISCLOSED, AS_A_COUNT, UtcDateTime, index=True)
    acknowledged_at: Mapped[datetime | None] = column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    acknowledged_by: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(60))
    closed_at: Mapped[datetime | None] = column(DISCLOSED, AS_A_COUNT, UtcDateTime)
    closed_by: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(60))
    outcome: Mapped[str | None] = column(DISCLOSED, AS_A_COUNT, String(24))


class Telling(Base):
    """One attempt to tell one phone of staff."""

    __tablename__ = "tellings"
    id: Mapped[str] = column(DISCLOSED, DAYS_90, String(40), primary_key=True)
    escalation_id: Mapped[str] = column(DISCLOSED, DAYS_90, ForeignKey("escalations.id"), index=True)
    phone_id: Mapped[str] = column(SITE, DAYS_90, ForeignKey("phones.id"))
    post: Mapped[str] = column(DISCLOSED, DAYS_90, String(20))
    step: Mapped[int] = column(DISCLOSED, DAYS_90, Integer)
    round: Mapped[int] = column(DISCLOSED, DAYS_90, Integer)
    rang_at: Mapped[datetime] = column(DISCLOSED, DAYS_90, UtcDateTime)
    ended_at: Mapped[datetime | None] = column(DISCLOSED, DAYS_90, UtcDateTime)
    end: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(16))
    __table_args__ = (one_while_open("one_ring_a_staff_phone", "escalation_id", "phone_id"),)
