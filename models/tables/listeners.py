"""Listeners: who they are to the scheme, where they are, when they can be on duty."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from models.tables.columns import LISTENER, SECRET, SERVING, STAFF, Base, UtcDateTime, column


class Listener(Base):
    __tablename__ = "listeners"
    id: Mapped[str] = column(LISTENER, SERVING, String(40), primary_key=True)
    site_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("sites.id"))
    wing_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("wings.id"))
    phone_id: Mapped[str | None] = column(LISTENER, SERVING, ForeignKey("phones.id"), unique=True)
    code_name: Mapped[str] = column(LISTENER, SERVING, String(40))
    standing: Mapped[str] = column(LISTENER, SERVING, String(12))
    certified_from: Mapped[datetime | None] = column(LISTENER, SERVING, UtcDateTime)
    certified_until: Mapped[datetime | None] = column(LISTENER, SERVING, UtcDateTime)
    languages: Mapped[list[str]] = column(LISTENER, SERVING, JSON)
    experienced: Mapped[bool] = column(LISTENER, SERVING, Boolean, default=False)
    off_duty_since: Mapped[datetime | None] = column(LISTENER, SERVING, UtcDateTime)
    resting_until: Mapped[datetime | None] = column(LISTENER, SERVING, UtcDateTime)
    wants_debrief: Mapped[bool] = column(LISTENER, SERVING, Boolean, default=False)
    # What a Listener is willing to be matched on; said by themselves, and never shown to staff.
    tags: Mapped[list[str]] = column(LISTENER, SERVING, JSON, default=list)
    shadowed: Mapped[int] = column(LISTENER, SERVING, Integer, default=0)
    weekly_minutes: Mapped[int | None] = column(LISTENER, SERVING, Integer)
    pin: Mapped[str | None] = column(SECRET, SERVING, String(200))
    wrong_pins: Mapped[int] = column(LISTENER, SERVING, Integer, default=0)
    # A hash of what opens their calendar feed.
    calendar: Mapped[str | None] = column(SECRET, SERVING, String(64))
    __table_args__ = (Index("one_listener_a_calendar", "calendar", unique=True),)


class StandingChange(Base):
    """One step of a Listener on the way from applying to leaving."""

    __tablename__ = "standing_changes"
    id: Mapped[int] = column(LISTENER, SERVING, Integer, primary_key=True, autoincrement=True)
    listener_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("listeners.id"), index=True)
    at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    who: Mapped[str] = column(STAFF, SERVING, String(60))
    why: Mapped[str] = column(LISTENER, SERVING, String(24))
    was: Mapped[str | None] = column(LISTENER, SERVING, String(12))
    became: Mapped[str] = column(LISTENER, SERVING, String(12))


class Training(Base):
    """A module that a Listener has done, and until when it counts; no last day when it need not be done again."""

    __tablename__ = "trainings"
    listener_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("listeners.id"), primary_key=True)
    module: Mapped[str] = column(LISTENER, SERVING, String(24), primary_key=True)
    done_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    valid_until: Mapped[datetime | None] = column(LISTENER, SERVING, UtcDateTime)


class Movement(Base):
    """Where a Listener goes or went: away from ``since`` until ``until``, or to another cell for good."""

    __tablename__ = "movements"
    id: Mapped[str] = column(LISTENER, SERVING, String(40), primary_key=True)
    listener_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("listeners.id"), index=True)
    kind: Mapped[str] = column(LISTENER, SERVING, String(16))
    cell_id: Mapped[str | None] = column(LISTENER, SERVING, ForeignKey("cells.id"))
    since: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    until: Mapped[datetime | None] = column(LISTENER, SERVING, UtcDateTime)
    source: Mapped[str] = column(LISTENER, SERVING, String(12))
    recorded_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)


class KeepApart(Base):
    """A Listener and somebody they must be kept apart from: another Listener, or a cell whose calls they never get.

    HMPPS's reason and role are checked when a file is read and then dropped: nothing here needs to know them.
    """

    __tablename__ = "keep_apart"
    id: Mapped[str] = column(LISTENER, SERVING, String(40), primary_key=True)
    listener_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("listeners.id"), index=True)
    other_listener_id: Mapped[str | None] = column(LISTENER, SERVING, ForeignKey("listeners.id"))
    cell_id: Mapped[str | None] = column(LISTENER, SERVING, ForeignKey("cells.id"))
    restriction: Mapped[str] = column(LISTENER, SERVING, String(8))
    # A keyed hash of the other's prison number, so that the next file finds the row again.
    other: Mapped[str] = column(SECRET, SERVING, String(64))
    __table_args__ = (Index("one_rule_a_pair", "listener_id", "other", unique=True),)


class Absence(Base):
    """A Listener cannot be on duty: leave, work, worship, an appointment."""

    __tablename__ = "absences"
    id: Mapped[str] = column(LISTENER, SERVING, String(40), primary_key=True)
    listener_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("listeners.id"), index=True)
    kind: Mapped[str] = column(LISTENER, SERVING, String(12))
    starts_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    ends_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)


class Wish(Base):
    """What a Listener likes, would rather not, or can never do in a week; local times, no weekday is every day."""

    __tablename__ = "wishes"
    id: Mapped[str] = column(LISTENER, SERVING, String(40), primary_key=True)
    listener_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("listeners.id"), index=True)
    kind: Mapped[str] = column(LISTENER, SERVING, String(12))
    weekday: Mapped[int | None] = column(LISTENER, SERVING, Integer)
    starts: Mapped[str] = column(LISTENER, SERVING, String(5))
    ends: Mapped[str] = column(LISTENER, SERVING, String(5))
