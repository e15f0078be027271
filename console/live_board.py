"""The board, whole and then part by part as it changes."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from console import rendering, wording
from console.board import Board
from console.desk import ABoardReader, ABrowser, AReader, AtDesk, Desk, who_is
from console.rendering import Reader
from console.roles import Ability, first_page_of, may
from console.sessions import BrowserSession
from console.store import SiteNamed
from models.clock import now

router = APIRouter()

# A board reconnects by itself, and then we look again who it is.
READINGS_PER_CONNECTION = 300
RECONNECT_MS = 500
# Who was signed out elsewhere sees a live board no longer than this.
LOOK_AGAIN = timedelta(seconds=3)

# The markup of what changed, by the id of its element.
Shown = Callable[[Iterable[str], Mapping[str, object]], dict[str, str]]


@router.get("/")
async def board_page(desk: AtDesk, reader: AReader) -> Response:
    """For who has no board, this address is the way to their first page."""
    if not may(reader.who.role, Ability.SEE_BOARD):
        return RedirectResponse(first_page_of(reader.who.role), status_code=303)
    return await whole_board(desk, reader)


async def whole_board(desk: Desk, reader: Reader, *, complaint: str | None = None, status: int = 200) -> Response:
    board = desk.board(await desk.watch.read(), reader)
    content = rendering.board_content(board, reader, await desk.site_named(), now())
    html = rendering.page("board.html", **content, complaint=complaint, alarms=alarms(board))
    return HTMLResponse(html, status)


@router.get("/live")
async def live(desk: AtDesk, reader: ABoardReader, browser: ABrowser) -> EventSourceResponse:
    return await stream(desk, reader, browser, _in_parts)


async def stream(desk: Desk, reader: Reader, browser: BrowserSession, shown: Shown) -> EventSourceResponse:
    changes = _changes(desk, reader, await desk.site_named(), shown)
    return EventSourceResponse(_while_signed_in(changes, desk, browser))


def alarms(board: Board) -> dict[str, str]:
    """What must be heard until all have acknowledged it who must; one that becomes graver is a new alarm."""
    return {
        f"{each.id}/{each.told.cause}": f"{wording.category(each.told)}. {wording.location(each.told)}."
        for each in (escalation.open for escalation in board.escalations.open)
        if not each.case.settled
    }


def _in_parts(fresh: Iterable[str], content: Mapping[str, object]) -> dict[str, str]:
    return {name: rendering.page(f"part_{name}.html", **content) for name in fresh}


async def _changes(desk: Desk, reader: Reader, site: SiteNamed, shown: Shown) -> AsyncIterator[ServerSentEvent]:
    last: dict[str, object] = {}
    left = READINGS_PER_CONNECTION
    async for facts in desk.watch.readings():
        board = desk.board(facts, reader)
        fresh = {name: part for name, part in rendering.parts(board).items() if last.get(name) != part}
        last |= fresh
        parts = shown(fresh, rendering.board_content(board, reader, site, now())) if fresh else {}
        yield _event(board, parts)
        left -= 1
        if left == 0:
            return


async def _while_signed_in(
    changes: AsyncIterator[ServerSentEvent], desk: Desk, browser: BrowserSession
) -> AsyncIterator[ServerSentEvent]:
    look_again = now() + LOOK_AGAIN
    async for change in changes:
        if now() >= look_again:
            if await who_is(desk, browser, by_itself=True) is None:
                return
            look_again = now() + LOOK_AGAIN
        yield change


def _event(board: Board, parts: dict[str, str]) -> ServerSentEvent:
    if not parts:
        # Says that the board is still true; a board that hears nothing for five seconds says that it is not.
        return ServerSentEvent(event="same", data=now().isoformat(), retry=RECONNECT_MS)
    change = {
        "now": now().isoformat(),
        "parts": parts,
        "alarms": alarms(board),
        "sentence": wording.in_one_sentence(board),
    }
    return ServerSentEvent(event="change", data=json.dumps(change), retry=RECONNECT_MS)
