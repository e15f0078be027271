"""Drills and the nightly call to itself: what was asked for, and what came of it. Both are about nobody."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from models.tables.columns import DAYS_90, SITE, STAFF, Base, UtcDateTime, column


class Drill(Base):
    """A drill that somebody asked for, or that the plan of the site file made due."""

    __tablename__ = "drills"
    # A planned one is named after its site and month, so that no month has two.
    id: Mapped[str] = column(SITE, DAYS_90, String(40), primary_key=True)
    site_id: Mapped[str] = column(SITE, DAYS_90, ForeignKey("sites.id"))
    kind: Mapped[str] = column(SITE, DAYS_90, String(8))
    asked_at: Mapped[datetime] = column(SITE, DAYS_90, UtcDateTime)
    asked_by: Mapped[str] = column(STAFF, DAYS_90, String(60))
    # Empty until it has begun.
    escalation_id: Mapped[str | None] = column(SITE, DAYS_90, ForeignKey("escalations.id"))


class NightlyCall(Base):
    """One call of the line to itself. The rows of the call are gone; this says how far it came."""

    __tablename__ = "nightly_calls"
    # A planned one is named after its site and day, so that no night has two.
    id: Mapped[str] = column(SITE, DAYS_90, String(40), primary_key=True)
    site_id: Mapped[str] = column(SITE, DAYS_90, ForeignKey("sites.id"))
    kind: Mapped[str] = column(SITE, DAYS_90, String(8))
    began_at: Mapped[datetime] = column(SITE, DAYS_90, UtcDateTime)
    ended_at: Mapped[datetime | None] = column(SITE, DAYS_90, UtcDateTime)
    # The first link of the chain that did not hold (escalation.nightly.Link).
    broken: Mapped[str | None] = column(SITE, DAYS_90, String(20))
    # What the coordinator and the technicians were told with.
    escalation_id: Mapped[str | None] = column(SITE, DAYS_90, ForeignKey("escalations.id"))
