"""Who signs in to the console, and what was done there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped

from models.tables.columns import SECRET, SITE, STAFF, WHILE_IN_USE, YEARS_2, Base, UtcDateTime, column


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[str] = column(STAFF, WHILE_IN_USE, String(40), primary_key=True)
    site_id: Mapped[str] = column(STAFF, WHILE_IN_USE, ForeignKey("sites.id"))
    name: Mapped[str] = column(STAFF, WHILE_IN_USE, String(60), unique=True)
    password: Mapped[str] = column(SECRET, WHILE_IN_USE, String(200))
    role: Mapped[str] = column(STAFF, WHILE_IN_USE, String(12))


class Act(Base):
    """Who did what on the console and in the protocol; never about a caller who was not disclosed.

    Only ``models.audit`` writes it. Numbers have no gaps, each hash covers the one before, and triggers let rows only
    be added (migrations/versions/fourth.py).
    """

    __tablename__ = "acts"
    id: Mapped[int] = column(STAFF, YEARS_2, Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = column(STAFF, YEARS_2, UtcDateTime)
    who: Mapped[str] = column(STAFF, YEARS_2, String(60))
    what: Mapped[str] = column(STAFF, YEARS_2, String(40))
    about: Mapped[str | None] = column(STAFF, YEARS_2, String(40))
    previous: Mapped[str] = column(STAFF, YEARS_2, String(64))
    hash: Mapped[str] = column(STAFF, YEARS_2, String(64))


class AuditAnchor(Base):
    """The last act that was forgotten: its number, and its hash, from which nothing of it can be read."""

    __tablename__ = "audit_anchors"
    number: Mapped[int] = column(SITE, WHILE_IN_USE, Integer, primary_key=True, autoincrement=False)
    hash: Mapped[str] = column(SITE, WHILE_IN_USE, String(64))
