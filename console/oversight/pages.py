"""The page of oversight: reports of whole quarters with their files, the audit's last head, and its check.

All numbers come hidden from ``escalation.oversight``; nothing is counted here.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from console import complaints, rendering
from console.desk import AtDesk, Desk, needs, our_form
from console.language import _, sentence
from console.oversight import wording
from console.oversight.checking import Checked, check
from console.oversight.pdf import as_pdf
from console.rendering import Reader
from console.roles import Ability
from console.tables import as_csv
from console.wall_clock import WallClock
from escalation.oversight import HIDDEN, BadQuarter, Figures, Quarter, Report, quarter_named, report
from escalation.oversight_store import figures_of, reportable
from models.clock import now
from models.errors import AskersFault
from models.words import SiteId

router = APIRouter(prefix="/oversight")

AnOverseer = Annotated[Reader, Depends(needs(Ability.SEE_OVERSIGHT))]
AnAuditor = Annotated[Reader, Depends(needs(Ability.VERIFY_AUDIT))]


class NoTable(AskersFault):
    def __init__(self, name: str) -> None:
        super().__init__(
            _("there is no table %(name)s in a report; choose one on the page of oversight", name=repr(name))
        )


@dataclass(frozen=True, slots=True)
class _Reports:
    """``made`` is None when no quarter can be reported yet."""

    quarters: tuple[Quarter, ...]
    made: Report | None


@router.get("")
async def oversight_page(
    desk: AtDesk, reader: AnOverseer, quarter: Annotated[str | None, Query(max_length=20)] = None
) -> Response:
    try:
        return await _page(desk, reader, quarter)
    except BadQuarter as fault:
        return await _page(desk, reader, None, complaint=f"{sentence(fault.said)}.")


@router.get("/{quarter}.pdf")
async def report_as_pdf(quarter: str, desk: AtDesk, _reader: AnOverseer) -> Response:
    made = await _report(desk, quarter)
    site = await desk.site_named()
    today = now().astimezone(ZoneInfo(site.zone)).date()
    return _file(await asyncio.to_thread(as_pdf, made, today), f"oversight-{made.quarter}.pdf", "application/pdf")


@router.get("/{quarter}/{table}.csv")
async def table_as_csv(quarter: str, table: str, desk: AtDesk, _reader: AnOverseer) -> Response:
    made = await _report(desk, quarter)
    one = next((one for one in made.tables if one.name == table), None)
    if one is None:
        raise NoTable(table)
    return _file(
        as_csv(wording.in_words(one)).encode(), f"oversight-{made.quarter}-{table}.csv", "text/csv; charset=utf-8"
    )


@router.post("/audit", dependencies=[Depends(our_form)])
async def check_audit(desk: AtDesk, reader: AnAuditor) -> Response:
    return await _page(desk, reader, None, checked=await check(desk))


async def _report(desk: Desk, quarter: str) -> Report:
    named, site = quarter_named(quarter), await desk.site_named()
    figures = await desk.database.run(lambda session: _counted(session, desk.site, named))
    return await _made(desk, site.name, figures)


async def _made(desk: Desk, name: str, figures: Figures) -> Report:
    """What must be hidden takes a solver a second: not in the database's thread, and once for the same figures."""
    return await desk.remembered.of((name, repr(figures)), lambda: asyncio.to_thread(report, name, figures))


def _counted(session: Session, site: SiteId, quarter: Quarter) -> Figures:
    """BadQuarter for what the page does not offer: not over yet, or from before the line."""
    figures = figures_of(session, site, quarter, now())
    if quarter not in reportable(session, site, now()):
        raise BadQuarter(str(quarter), _("nothing was counted before the line began; choose one from the list"))
    return figures


def _chosen(session: Session, site: SiteId, quarter: str | None) -> tuple[tuple[Quarter, ...], Figures | None]:
    """Of the one that was asked for, or the newest."""
    quarters = tuple(reportable(session, site, now()))
    chosen = quarter_named(quarter) if quarter else next(iter(quarters), None)
    return quarters, _counted(session, site, chosen) if chosen else None


async def _page(
    desk: Desk,
    reader: Reader,
    quarter: str | None,
    *,
    checked: Checked | None = None,
    complaint: str | None = None,
) -> Response:
    site = await desk.site_named()
    quarters, figures = await desk.database.run(lambda session: _chosen(session, desk.site, quarter))
    found = _Reports(quarters, await _made(desk, site.name, figures) if figures else None)
    head = await asyncio.to_thread(desk.line.heads.last)
    content = {"reader": reader, "site": site, "say": wording, "hidden": HIDDEN, "complaints": complaints}
    content |= {"complain_to": desk.complain_to}
    time = WallClock(ZoneInfo(site.zone), now())
    page = rendering.page(
        "oversight.html", found=found, head=head, checked=checked, complaint=complaint, time=time, **content
    )
    return HTMLResponse(page, 400 if complaint else 200)


def _file(content: bytes, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="wingline-{name}"'}
    return Response(content, media_type=media_type, headers=headers)
