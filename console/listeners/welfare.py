"""How Listeners are: what all of them carry side by side, and one of them for whoever supports them."""

from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console import rendering
from console.desk import AtDesk
from console.listeners import wording
from console.listeners.charts import bar_length, weeks_chart
from console.listeners.loads import middle
from console.listeners.loads_store import loads_of
from console.listeners.looking import look
from console.listeners.person_shown import SVG
from console.listeners.readers import AListener, AtAddresses, AWelfareReader

router = APIRouter(prefix="/welfare")


@router.get("")
async def welfare_page(desk: AtDesk, addresses: AtAddresses, reader: AWelfareReader) -> Response:
    looked, rules = look(desk, addresses), desk.line.welfare
    loads = await desk.database.run(lambda session: loads_of(session, looked))
    site = await desk.site_named()
    most = max((one.load.days_28.minutes for one in loads), default=0)
    html = rendering.page(
        "listeners_welfare.html",
        site=site,
        reader=reader,
        say=wording,
        loads=loads,
        zone=ZoneInfo(site.zone),
        middle=middle(loads),
        middle_x=bar_length(middle(loads), most),
        lengths={one.address: bar_length(one.load.days_28.minutes, most) for one in loads},
        svg=SVG,
        rules=rules,
    )
    return HTMLResponse(html)


@router.get("/{address}")  # noqa: FAST003 - AListener reads it
async def welfare_of_one(desk: AtDesk, addresses: AtAddresses, reader: AWelfareReader, listener: AListener) -> Response:
    """For the scheme's partner as well: nothing of standing, wing, phone or shifts (domain.md 5.3, L5)."""
    looked, cap = look(desk, addresses), desk.line.welfare.talk_minutes_week
    (load,) = await desk.database.run(lambda session: loads_of(session, looked, listener))
    site = await desk.site_named()
    html = rendering.page(
        "listeners_welfare_one.html",
        site=site,
        reader=reader,
        say=wording,
        load=load,
        zone=ZoneInfo(site.zone),
        chart=weeks_chart(load.load.weeks, cap),
        cap=cap,
        svg=SVG,
    )
    return HTMLResponse(html)
