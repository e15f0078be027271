"""Whether the listening of a whole site is turned off (domain.md 6, layer 8)."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from models.tables.columns import SITE, WHILE_IN_USE, Base, UtcDateTime, column


class ListeningSwitch(Base):
    """There is a row only while it is off. Who turned it, and when it was on again, is in the audit."""

    __tablename__ = "listening_switch"
    site_id: Mapped[str] = column(SITE, WHILE_IN_USE, ForeignKey("sites.id"), primary_key=True)
    off_since: Mapped[datetime] = column(SITE, WHILE_IN_USE, UtcDateTime)
    # From where, and why: words of ivr/listening_switch.py.
    off_by: Mapped[str] = column(SITE, WHILE_IN_USE, String(16))
    why: Mapped[str] = column(SITE, WHILE_IN_USE, String(24))
