"""The page of movements: where Listeners go, recorded by a coordinator, and what counts now or will."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from console import movements_wording, rendering
from console.desk import AtDesk, Desk, needs
from console.movements_shown import Outcome, shown
from console.movements_wording import KINDS
from console.rendering import Reader
from console.roles import Ability
from console.rota.days import Clock
from listeners.movements_ahead import MovementAhead, movements_ahead
from models import tables
from models.clock import now
from models.words import Standing
from rota.people import zone_of

router = APIRouter(prefix="/movements")

AMovementsReader = Annotated[Reader, Depends(needs(Ability.RECORD_MOVEMENTS))]


@dataclass(frozen=True, slots=True)
class _Facts:
    clock: Clock
    code_names: tuple[str, ...]
    ahead: tuple[MovementAhead, ...]


@router.get("")
async def movements_page(desk: AtDesk, reader: AMovementsReader) -> Response:
    return await whole_page(desk, reader, Outcome())


async def whole_page(desk: Desk, reader: Reader, outcome: Outcome, *, status: int = 200) -> Response:
    facts = await desk.database.run(lambda session: _read(session, desk))
    html = rendering.page(
        "movements.html",
        site=await desk.site_named(),
        reader=reader,
        say=movements_wording,
        outcome=outcome,
        kinds=KINDS,
        code_names=facts.code_names,
        movements=[shown(one, facts.clock) for one in facts.ahead],
        has_rota=desk.scheme is not None,
    )
    return HTMLResponse(html, status)


def _read(session: Session, desk: Desk) -> _Facts:
    at = now()
    known = tables.Listener.site_id == desk.site, tables.Listener.standing != Standing.LEFT.value
    names = session.scalars(select(tables.Listener.code_name).where(*known).order_by(tables.Listener.code_name))
    clock = Clock(zone_of(session, desk.site), at)
    return _Facts(clock, tuple(names), movements_ahead(session, desk.site, at))
