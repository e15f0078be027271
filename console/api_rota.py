"""The published rota for other systems: who is on duty when, for the wing's roll or an office's calendar. No drafts."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from console.api import PREFIX, REFUSALS, Refused, answer, token_for
from console.api_tokens import Bearer, Scope
from console.desk import AtDesk
from console.rota.desk import YEARS
from console.rota.store import names_of
from models.clock import now
from models.words import Cover, SiteId
from rota.local_time import instant
from rota.people import zone_of
from rota.store import shifts_between

router = APIRouter(prefix=f"{PREFIX}/rota", tags=["rota"], responses=REFUSALS)

ForRota = Annotated[Bearer, token_for(Scope.ROTA)]
# A year's rota at once would hold up the calls' database.
MOST_DAYS = 92
TO_BEGIN_WITH = 7


class ShiftNow(BaseModel):
    """One Listener's place on the published rota."""

    code_name: str
    cover: Cover
    starts_at: datetime
    ends_at: datetime
    slot: str | None = Field(description="Which shift of which day it fills; null when it was written by hand.")


class RotaNow(BaseModel):
    """Every shift with a moment in these local days, the first to begin first."""

    since: date
    days: int
    zone: str
    shifts: list[ShiftNow]


@router.get("", responses={200: {"model": RotaNow}})
async def rota(
    desk: AtDesk,
    _bearer: ForRota,
    since: Annotated[date | None, Query(description="The first local day; today without it.")] = None,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = TO_BEGIN_WITH,
) -> Response:
    """The published shifts of some local days."""
    if since is not None and since.year not in YEARS:
        raise Refused(422, f"since: write a day of the years {YEARS[0]} to {YEARS[-1]}")
    found = await desk.database.run(lambda session: _read(session, desk.site, since, days))
    return answer(found, all_right=True)


def _read(session: Session, site: SiteId, since: date | None, days: int) -> RotaNow:
    zone = zone_of(session, site)
    first = since or now().astimezone(zone).date()
    begins, ends = instant(first, time(), zone), instant(first + timedelta(days=days), time(), zone)
    names = names_of(session, site)
    some = sorted(
        (one.starts_at, one.cover is Cover.BACKUP, names[one.listener], one)
        for one in shifts_between(session, site, since=begins, until=ends)
    )
    shifts = [
        ShiftNow(code_name=name, cover=one.cover, starts_at=one.starts_at, ends_at=one.ends_at, slot=one.slot)
        for *_, name, one in some
    ]
    return RotaNow(since=first, days=days, zone=zone.key, shifts=shifts)
