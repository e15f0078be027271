"""The prison: its wings, cells and phones."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from models.tables.columns import SECRET, SITE, WHILE_IN_USE, Base, column


class Site(Base):
    __tablename__ = "sites"
    id: Mapped[str] = column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    name: Mapped[str] = column(SITE, WHILE_IN_USE, String(80))
    zone: Mapped[str] = column(SITE, WHILE_IN_USE, String(40))
    short_code: Mapped[str] = column(SITE, WHILE_IN_USE, String(8))
    language: Mapped[str] = column(SITE, WHILE_IN_USE, String(8))
    profile: Mapped[str] = column(SITE, WHILE_IN_USE, String(40))


class Wing(Base):
    __tablename__ = "wings"
    id: Mapped[str] = column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    site_id: Mapped[str] = column(SITE, WHILE_IN_USE, ForeignKey("sites.id"))
    name: Mapped[str] = column(SITE, WHILE_IN_USE, String(40))
    letter: Mapped[str] = column(SITE, WHILE_IN_USE, String(1))
    backup_wing_id: Mapped[str | None] = column(SITE, WHILE_IN_USE, ForeignKey("wings.id"))


class Cell(Base):
    __tablename__ = "cells"
    id: Mapped[str] = column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    wing_id: Mapped[str] = column(SITE, WHILE_IN_USE, ForeignKey("wings.id"))
    location: Mapped[str] = column(SITE, WHILE_IN_USE, String(20))


class Phone(Base):
    __tablename__ = "phones"
    id: Mapped[str] = column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    site_id: Mapped[str] = column(SITE, WHILE_IN_USE, ForeignKey("sites.id"))
    kind: Mapped[str] = column(SITE, WHILE_IN_USE, String(12))
    secret: Mapped[str] = column(SECRET, WHILE_IN_USE, String(40))
    cell_id: Mapped[str | None] = column(SITE, WHILE_IN_USE, ForeignKey("cells.id"))
    post: Mapped[str | None] = column(SITE, WHILE_IN_USE, String(20))
