"""The page on which the scheme's partner turns all listening off, and on again (domain.md 6, layer 8)."""

from collections.abc import Callable, Iterable
from typing import Annotated
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from console import listening_wording, rendering
from console.desk import AtDesk, Desk, needs, our_form
from console.language import _
from console.rendering import Reader
from console.roles import Ability
from console.wall_clock import WallClock
from ivr.listening_switch import From, Hand, WhyOff, WhyOn, off_at, turn_off, turn_on
from models.clock import now
from models.errors import NotAllowed

router = APIRouter(prefix="/listening")
_log = structlog.get_logger()

AHand = Annotated[Reader, Depends(needs(Ability.KILL_SWITCH))]
Why = Annotated[str, Form()]


@router.get("")
async def listening_page(desk: AtDesk, reader: AHand, done: str = "") -> Response:
    return await _page(desk, reader, done=listening_wording.DONE.get(done))


@router.post("/off", dependencies=[Depends(our_form)])
async def off(desk: AtDesk, reader: AHand, *, why: Why = "") -> Response:
    if why not in set(WhyOff):
        return await _page(desk, reader, complaint=_(listening_wording.NO_REASON))
    hand = Hand(reader.who.name, now())
    return await _turned(
        desk, reader, "off", lambda session: turn_off(session, desk.site, From.SCHEME, WhyOff(why), hand)
    )


@router.post("/on", dependencies=[Depends(our_form)])
async def on(desk: AtDesk, reader: AHand, *, why: Why = "") -> Response:
    if why not in set(WhyOn):
        return await _page(desk, reader, complaint=_(listening_wording.NO_REASON))
    hand = Hand(reader.who.name, now())
    return await _turned(desk, reader, "on", lambda session: turn_on(session, desk.site, WhyOn(why), hand))


async def _turned(desk: Desk, reader: Reader, done: str, act: Callable[[Session], None]) -> Response:
    """The line sees it within a second: nothing else is told."""
    try:
        await desk.database.run(act)
    except NotAllowed:
        # Somebody else was quicker; the page says how it is now.
        return RedirectResponse("/listening", status_code=303)
    _log.info("console.listening", turned=done, account=reader.who.account)
    return RedirectResponse(f"/listening?done={done}", status_code=303)


async def _page(desk: Desk, reader: Reader, *, done: str | None = None, complaint: str = "") -> Response:
    site = await desk.site_named()
    is_off = await desk.database.run(lambda session: off_at(session, desk.site))
    reasons: Iterable[WhyOff | WhyOn] = WhyOn if is_off else WhyOff
    html = rendering.page(
        "listening.html",
        reader=reader,
        site=site,
        off=is_off,
        reasons=[(one.value, listening_wording.WHY[one]) for one in reasons],
        say=listening_wording,
        time=WallClock(ZoneInfo(site.zone), now()),
        done=done,
        complaint=complaint,
    )
    return HTMLResponse(html, 422 if complaint else 200)
