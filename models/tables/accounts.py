"""Who signs in to the console, and what was done there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped

from models.tables.columns import SECRET, STAFF, WHILE_IN_USE, YEARS_2, Base, UtcDateTime, column


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[str] = column(STAFF, WHILE_IN_USE, String(40), primary_key=True)
    site_id: Mapped[str] = column(STAFF, WHILE_IN_USE, ForeignKey("sites.id"))
    name: Mapped[str] = column(STAFF, WHILE_IN_USE, String(60), unique=True)
    password: Mapped[str] = column(SECRET, WHILE_IN_USE, String(200))
    role: Mapped[str] = column(STAFF, WHILE_IN_USE, String(12))


class Act(Base):
    """Who did what on the console and in the protocol; never about a caller who was not disclosed."""

    __tablename__ = "acts"
    id: Mapped[int] = column(STAFF, YEARS_2, Integer, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = column(STAFF, YEARS_2, UtcDateTime)
    who: Mapped[str] = column(STAFF, YEARS_2, String(60))
    what: Mapped[str] = column(STAFF, YEARS_2, String(40))
    about: Mapped[str | None] = column(STAFF, YEARS_2, String(40))
