"""The Listeners by API, for the prison's own systems: who they are to the scheme, and nothing of how they are."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from console.api import PREFIX, REFUSALS, answer, token_for
from console.api_tokens import Bearer, Scope
from console.desk import AtDesk
from listeners.journey_store import so_far
from models.tables import Listener
from models.words import ListenerId, SiteId, Standing

router = APIRouter(prefix=f"{PREFIX}/listeners", tags=["listeners"], responses=REFUSALS)

ForListeners = Annotated[Bearer, token_for(Scope.LISTENERS)]


class ListenerRow(BaseModel):
    """A Listener who has not left the scheme."""

    code_name: str
    standing: Standing
    certified_from: datetime | None
    certified_until: datetime | None = Field(description="The first moment in which it counts no longer.")
    languages: list[str]


class ListenersNow(BaseModel):
    listeners: list[ListenerRow]


@router.get("", responses={200: {"model": ListenersNow}})
async def listeners(desk: AtDesk, _bearer: ForListeners) -> Response:
    """Every Listener who has not left, by code name."""
    found = await desk.database.run(lambda session: _read(session, desk.site))
    return answer(ListenersNow(listeners=found), all_right=True)


def _read(session: Session, site: SiteId) -> list[ListenerRow]:
    serving = Listener.site_id == site, Listener.standing != Standing.LEFT.value
    rows = session.scalars(select(Listener).where(*serving).order_by(Listener.code_name)).all()
    come = so_far(session, rows)
    found = []
    for row in rows:
        certificate = come[ListenerId(row.id)].certificate
        found.append(
            ListenerRow(
                code_name=row.code_name,
                standing=Standing(row.standing),
                certified_from=certificate.since if certificate else None,
                certified_until=certificate.until if certificate else None,
                languages=list(row.languages),
            )
        )
    return found
