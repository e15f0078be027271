"""Figures of the line as they were published, once: a count under 5 is in no row (console/figures)."""

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped

from models.tables.columns import SITE, WHILE_IN_USE, Base, column


class PublishedFigure(Base):
    """One cell of a table of one period; without a value it is hidden.

    What is published is never made anew: two versions could be subtracted from each other. It outlives the calls.
    """

    __tablename__ = "published_figures"
    site_id: Mapped[str] = column(SITE, WHILE_IN_USE, ForeignKey("sites.id"), primary_key=True)
    # Its first Monday and how many weeks: ``2026-11-02.4``.
    period: Mapped[str] = column(SITE, WHILE_IN_USE, String(13), primary_key=True)
    figure: Mapped[str] = column(SITE, WHILE_IN_USE, String(16), primary_key=True)
    part: Mapped[str] = column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    kind: Mapped[str] = column(SITE, WHILE_IN_USE, String(16), primary_key=True)
    value: Mapped[int | None] = column(SITE, WHILE_IN_USE, Integer)
