"""Messages to staff beside their phones: what still has to leave, and what has."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped

from models.tables.columns import DAYS_90, DISCLOSED, SITE, Base, UtcDateTime, column


class Message(Base):
    """One piece of news for one contact. What it says is made when it leaves, and is kept nowhere."""

    __tablename__ = "messages"
    # The receiver sees it as well: the same at every try, so that doubles can be dropped.
    id: Mapped[str] = column(DISCLOSED, DAYS_90, String(40), primary_key=True)
    escalation_id: Mapped[str] = column(DISCLOSED, DAYS_90, ForeignKey("escalations.id"), index=True)
    contact: Mapped[str] = column(SITE, DAYS_90, String(40))
    way: Mapped[str] = column(SITE, DAYS_90, String(10))
    what: Mapped[str] = column(DISCLOSED, DAYS_90, String(16))
    step: Mapped[int] = column(DISCLOSED, DAYS_90, Integer)
    round: Mapped[int] = column(DISCLOSED, DAYS_90, Integer)
    made_at: Mapped[datetime] = column(DISCLOSED, DAYS_90, UtcDateTime)
    # The next try; empty when it has left or is no longer wanted.
    due_at: Mapped[datetime | None] = column(DISCLOSED, DAYS_90, UtcDateTime, index=True)
    tries: Mapped[int] = column(DISCLOSED, DAYS_90, Integer, default=0)
    sent_at: Mapped[datetime | None] = column(DISCLOSED, DAYS_90, UtcDateTime)
    given_up_at: Mapped[datetime | None] = column(DISCLOSED, DAYS_90, UtcDateTime)
    # One of escalation.messages.Fault, never what a server said.
    last_error: Mapped[str | None] = column(DISCLOSED, DAYS_90, String(16))
