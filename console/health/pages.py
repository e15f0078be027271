"""The page of health, for technicians: what needs a look first, then each part. No person is on it (issue 6)."""

import asyncio
from importlib.metadata import version
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from console import rendering
from console.desk import AtDesk, Desk, needs
from console.health import shown
from console.health.store import read
from console.rendering import Reader
from console.roles import Ability
from console.wall_clock import WallClock
from models.clock import now

router = APIRouter(prefix="/health")


@router.get("")
async def health_page(desk: AtDesk, reader: Annotated[Reader, Depends(needs(Ability.SEE_HEALTH))]) -> Response:
    site = await desk.site_named()
    facts = await desk.database.run(lambda session: read(session, desk.site, now()))
    line = await machinery(desk)
    time = WallClock(ZoneInfo(site.zone), now())
    page = rendering.page("health.html", reader=reader, site=site, facts=facts, line=line, time=time, say=shown)
    return HTMLResponse(page)


async def machinery(desk: Desk) -> shown.Machinery:
    line = desk.line
    head = await asyncio.to_thread(line.heads.last)
    return shown.Machinery(
        line.asterisk_up, line.unreachable, line.hearing(), head, version("wingline"), line.backup_warn_after
    )
