"""The sheet for a wing's board: who is on when, and the code to dial. Code names alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
from models.errors import UnknownName
from models.words import SiteId, WingId
from rota.exports import SheetDay, days_on_sheet
from rota.problem import Problem


@dataclass(frozen=True, slots=True)
class WingNamed:
    letter: str
    name: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """``wing`` is none on a sheet of the whole prison."""

    wing: WingNamed | None
    short_code: str
    days: tuple[SheetDay, ...]


@dataclass(frozen=True, slots=True)
class SheetFacts:
    problem: Problem
    wings: Sequence[WingNamed]
    short_code: str


def wings_of(session: Session, site: SiteId) -> Sequence[WingNamed]:
    rows = session.execute(
        select(tables.Wing.letter, tables.Wing.name).where(tables.Wing.site_id == site).order_by(tables.Wing.letter)
    )
    return [WingNamed(row.letter, row.name) for row in rows]


def short_code(session: Session, site: SiteId) -> str:
    return session.get_one(tables.Site, site).short_code


def sheet_of(facts: SheetFacts, letter: str) -> Sheet:
    """UnknownName when there is no such wing."""
    wing = next((one for one in facts.wings if one.letter == letter), None)
    if letter and wing is None:
        raise UnknownName("wing", letter)
    problem = facts.problem
    known = [one for one in sorted(problem.published) if one.listener in problem.person]
    days = days_on_sheet(problem, known, WingId(letter) if letter else None)
    return Sheet(wing, facts.short_code, tuple(days))
