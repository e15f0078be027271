"""What the site's monitoring said of the line itself; about nobody."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from models.tables.columns import DAYS_90, SITE, Base, UtcDateTime, column, one_while_open


class HeardAlarm(Base):
    """One time that an alarm fired that is for people at once; others are not written down."""

    __tablename__ = "alarms"
    __table_args__ = (one_while_open("one_alarm_while_open", "site_id", "name", "fingerprint"),)
    id: Mapped[str] = column(SITE, DAYS_90, String(40), primary_key=True)
    site_id: Mapped[str] = column(SITE, DAYS_90, ForeignKey("sites.id"))
    # One of models.alarms.Alarm.
    name: Mapped[str] = column(SITE, DAYS_90, String(24))
    # Which of several machines or kinds of phone, as Alertmanager tells them apart.
    fingerprint: Mapped[str] = column(SITE, DAYS_90, String(16))
    # By Alertmanager's clock, and never later than by ours when it was heard.
    since: Mapped[datetime] = column(SITE, DAYS_90, UtcDateTime)
    ended_at: Mapped[datetime | None] = column(SITE, DAYS_90, UtcDateTime)
    # What people were told with.
    escalation_id: Mapped[str | None] = column(SITE, DAYS_90, ForeignKey("escalations.id"), index=True)
