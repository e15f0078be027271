"""The figures for other systems of the prison and the scheme: the tables of the page, and nothing more."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from console.api import PREFIX, REFUSALS, ErrorSaid, Refused, answer, token_for
from console.api_tokens import Bearer, Scope
from console.desk import AtDesk
from console.figures import wording
from console.figures.reading import NothingPublished, Reading, read, target_of
from escalation.oversight import HIDDEN
from models.errors import AskersFault

router = APIRouter(prefix=f"{PREFIX}/figures", tags=["figures"], responses=REFUSALS)

ForFigures = Annotated[Bearer, token_for(Scope.FIGURES)]
_FIRST = wording.TO_BEGIN_WITH


class TableNow(BaseModel):
    """One table of the page; the first column names the row."""

    name: str
    title: str
    says: str
    headings: list[str]
    rows: list[list[str]]


class FiguresNow(BaseModel):
    """``hidden`` is written where a number is withheld."""

    period: str = Field(description="Its first Monday and how many weeks: 2026-11-02.4")
    hidden: str
    periods: list[str]
    tables: list[TableNow]


@router.get(
    "", responses={200: {"model": FiguresNow}, 404: {"model": ErrorSaid, "description": "Nothing is published yet"}}
)
async def figures(
    desk: AtDesk,
    _bearer: ForFigures,
    period: Annotated[str | None, Query(max_length=20, description="One of the periods of an answer.")] = None,
    within: Annotated[int, Query(description="Seconds of the service level.")] = _FIRST.within,
    share: Annotated[int, Query(description="Per cent of the service level.")] = _FIRST.share,
) -> Response:
    """The tables of one period; without a name, of the last four weeks that are published."""
    try:
        target = target_of(within, share)
        found = await read(desk, period, target)
    except NothingPublished as fault:
        raise Refused(404, str(fault)) from fault
    except AskersFault as fault:
        raise Refused(422, str(fault)) from fault
    return answer(_told(found), all_right=True)


def _told(found: Reading) -> FiguresNow:
    tables = [
        TableNow(
            name=one.name,
            title=one.title,
            says=one.says,
            headings=list(one.headings),
            rows=[list(row) for row in one.rows],
        )
        for one in found.shown.tables
    ]
    periods = [str(one) for one in found.periods]
    return FiguresNow(period=str(found.shown.period), hidden=HIDDEN, periods=periods, tables=tables)
