"""Movements by API: told by the prison's own systems, in the shape of the movements file."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from console.api import BODY_REFUSALS, PREFIX, REFUSALS, ErrorSaid, answer, described_as, rows_of, token_for
from console.api_shapes import FreedShift, MovementAheadNow, MovementRow, MovementsNow, MovementsTaken, wrong
from console.api_tokens import Bearer, Scope
from console.desk import AtDesk
from console.rota.store import names_of
from listeners.json_rows import read_objects
from listeners.movements import COLUMNS, OPTIONAL, Source, movement_of
from listeners.movements_ahead import movements_ahead
from listeners.movements_store import Imported, known_of, take_rows
from models import audit
from models.clock import now
from models.words import SiteId

router = APIRouter(prefix=f"{PREFIX}/movements", tags=["movements"], responses=REFUSALS)

ForMovements = Annotated[Bearer, token_for(Scope.MOVEMENTS)]
RECORDED = "movements_recorded"


@router.post(
    "",
    openapi_extra=described_as(MovementRow),
    responses=BODY_REFUSALS | {200: {"model": MovementsTaken}, 422: {"model": MovementsTaken | ErrorSaid}},
)
async def record(request: Request, desk: AtDesk, bearer: ForMovements) -> Response:
    """Record one movement or many. Told again, it is the same movement."""
    values, at = await rows_of(request), now()

    def take(session: Session) -> MovementsTaken:
        known = known_of(session, desk.site)
        read = read_objects(values, lambda row: movement_of(row, known), columns=(*COLUMNS, *OPTIONAL))
        found = take_rows(session, desk.site, read, source=Source.API, now=at)
        if found.new or found.changed:
            audit.note(session, bearer.who, RECORDED, None, at)
        return _taken(session, desk.site, found)

    taken = await desk.database.run(take)
    return answer(taken, all_right=not taken.wrong)


@router.get("", responses={200: {"model": MovementsNow}})
async def current(desk: AtDesk, _bearer: ForMovements) -> Response:
    """The movements that count now or will, whoever told of them."""
    found = await desk.database.run(lambda session: movements_ahead(session, desk.site, now()))
    some = [
        MovementAheadNow(
            code_name=one.code_name, kind=one.kind, since=one.since, until=one.until, cell=one.location or None
        )
        for one in found
    ]
    return answer(MovementsNow(movements=some), all_right=True)


def _taken(session: Session, site: SiteId, found: Imported) -> MovementsTaken:
    names, effect = names_of(session, site), found.effect
    return MovementsTaken(
        right=found.right,
        new=found.new,
        changed=found.changed,
        freed=[
            FreedShift(
                code_name=names[one.listener],
                slot=one.slot,
                cover=one.cover,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
            )
            for one in effect.freed
        ],
        moved=[names[listener] for listener in effect.moved],
        stuck=[names[listener] for listener in effect.stuck],
        wrong=wrong(found.wrong),
    )
