"""The live board on a big screen: what its role may see, in large type, with nothing to press and nobody's name.

People walk past a wall, so it says where staff are needed and not for whom.
"""

from collections.abc import Iterable, Mapping

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sse_starlette import EventSourceResponse

from console import rendering
from console.desk import ABoardReader, ABrowser, AtDesk
from console.live_board import alarms, stream
from models.clock import now

router = APIRouter()


@router.get("/wallboard")
async def wallboard_page(desk: AtDesk, reader: ABoardReader) -> Response:
    board = desk.board(await desk.watch.read(), reader)
    content = rendering.board_content(board, reader, await desk.site_named(), now())
    return HTMLResponse(rendering.page("wallboard.html", **content, alarms=alarms(board)))


@router.get("/live/wallboard")
async def live_wallboard(desk: AtDesk, reader: ABoardReader, browser: ABrowser) -> EventSourceResponse:
    return await stream(desk, reader, browser, _whole)


def _whole(_fresh: Iterable[str], content: Mapping[str, object]) -> dict[str, str]:
    return {"wall": rendering.page("part_wall.html", **content)}
