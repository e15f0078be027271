"""The page of figures, for coordinators and the scheme's partner, and its tables as CSV files."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from console import rendering
from console.desk import AtDesk, Desk, needs
from console.figures import wording
from console.figures.charts import charts
from console.figures.forecast import Target
from console.figures.periods import BadPeriod
from console.figures.reading import BadTarget, NothingPublished, Reading, read, target_of
from console.language import _, sentence
from console.rendering import Reader
from console.roles import Ability
from console.tables import as_csv
from models.errors import AskersFault

router = APIRouter(prefix="/figures")

AFiguresReader = Annotated[Reader, Depends(needs(Ability.SEE_FIGURES))]
Period = Annotated[str | None, Query(max_length=20)]
_FIRST = wording.TO_BEGIN_WITH


@router.get("")
async def figures_page(
    desk: AtDesk, reader: AFiguresReader, period: Period = None, within: int = _FIRST.within, share: int = _FIRST.share
) -> Response:
    try:
        target = target_of(within, share)
        found = await _read(desk, period, target)
    except NothingPublished:
        return await _page(desk, reader, None, _FIRST)
    except (BadPeriod, BadTarget) as fault:
        # What was chosen well stays.
        wrong_period = isinstance(fault, BadPeriod)
        target = target_of(within, share) if wrong_period else _FIRST
        found = await _read(desk, None if wrong_period else period, target)
        return await _page(desk, reader, found, target, complaint=f"{sentence(fault.said)}.")
    return await _page(desk, reader, found, target)


@router.get("/{table}.csv")
async def table_file(
    table: str,
    desk: AtDesk,
    _reader: AFiguresReader,
    period: Period = None,
    within: int = _FIRST.within,
    share: int = _FIRST.share,
) -> Response:
    found = (await _read(desk, period, target_of(within, share))).shown
    one = found.table(table)
    if one is None:
        raise NoTable(table)
    name = f"wingline-{table}-{found.period}.csv"
    return Response(
        as_csv(one),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


class NoTable(AskersFault):
    def __init__(self, name: str) -> None:
        super().__init__(
            _("there is no table %(name)s in this period; choose one on the page of figures", name=repr(name))
        )


async def _read(desk: Desk, period: str | None, target: Target) -> Reading:
    return await read(desk, period, target)


async def _page(
    desk: Desk, reader: Reader, found: Reading | None, target: Target, *, complaint: str | None = None
) -> Response:
    content = {"reader": reader, "site": await desk.site_named(), "target": target, "complaint": complaint}
    pictures = await _charts(desk, found, target) if found else {}
    page = await asyncio.to_thread(_made, found, pictures, content)
    return HTMLResponse(page, 400 if complaint else 200)


async def _charts(desk: Desk, found: Reading, target: Target) -> Mapping[str, Markup]:
    shown = found.shown
    key = "charts", found.periods, shown.period, target
    return await desk.remembered.of(
        key, lambda: asyncio.to_thread(charts, shown.weeks, shown.period, shown.figures, shown.needs)
    )


def _made(found: Reading | None, pictures: Mapping[str, Markup], content: dict[str, object]) -> str:
    if found is None:
        return rendering.page("figures.html", found=False, say=wording, **content)
    return rendering.page(
        "figures.html", found=True, say=wording, shown=found.shown, periods=found.periods, charts=pictures, **content
    )
