"""The page of drills: start one, what the last ones took, and how far the nightly call to itself came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from console import drills_wording, rendering
from console.desk import AtDesk, Desk, needs, our_form
from console.language import _, in_words, marked
from console.rendering import Reader
from console.roles import Ability
from console.wall_clock import WallClock
from escalation.drill_report import DrillReport, drill, drills_at
from escalation.drills import ask
from escalation.nightly import Nightly, latest
from models.clock import now
from models.errors import NotAllowed

router = APIRouter(prefix="/drills")

ADrillReader = Annotated[Reader, Depends(needs(Ability.START_DRILL))]

NIGHTS = 7
ASKED = marked("A drill begins within seconds, or when no escalation is open.")


@dataclass(frozen=True, slots=True)
class _Facts:
    drills: Sequence[DrillReport]
    shown: DrillReport | None
    nights: Sequence[Nightly]


@router.get("")
async def drills_page(desk: AtDesk, reader: ADrillReader, asked: Annotated[bool, Query()] = False) -> Response:  # noqa: FBT002 - a query
    return await _page(desk, reader, done=_(ASKED) if asked else None)


@router.get("/{one}")
async def drill_page(one: str, desk: AtDesk, reader: ADrillReader) -> Response:
    return await _page(desk, reader, one)


@router.post("", dependencies=[Depends(our_form)])
async def start(desk: AtDesk, reader: ADrillReader) -> Response:
    name = reader.who.name
    try:
        await desk.database.run(lambda session: ask(session, desk.site, name, now()))
    except NotAllowed as fault:
        return await _page(desk, reader, complaint=f"{in_words(fault.said)}.")
    return RedirectResponse("/drills?asked=true", status_code=303)


async def _page(
    desk: Desk,
    reader: Reader,
    one: str | None = None,
    *,
    done: str | None = None,
    complaint: str | None = None,
) -> Response:
    facts = await desk.database.run(lambda session: _read(session, desk, one))
    site = await desk.site_named()
    content = {"reader": reader, "site": site, "say": drills_wording, "done": done, "complaint": complaint}
    time = WallClock(ZoneInfo(site.zone), now())
    return HTMLResponse(rendering.page("drills.html", facts=facts, time=time, **content), 409 if complaint else 200)


def _read(session: Session, desk: Desk, one: str | None) -> _Facts:
    """The one that is asked for, or else the last."""
    moment = now()
    drills = drills_at(session, desk.site, moment)
    shown = drill(session, desk.site, one, moment) if one else next(iter(drills), None)
    return _Facts(drills, shown, latest(session, desk.site, NIGHTS))
