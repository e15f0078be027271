"""The page of a refusal: with the navigation of whoever is signed in, what to do, and what they had written."""

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from console import cookies, rendering
from console.desk import desk_of, who_is
from console.language import Words
from console.rendering import Reader
from console.sessions import COOKIE
from models.errors import UnknownName

TITLES: Mapping[int, str] = Words(
    {
        403: "That was not done",
        404: "There is no such page",
        405: "That was not done",
        413: "That is too large",
        422: "That could not be read",
        500: "Something is wrong with Wingline",
        503: "Wingline cannot do this now",
    }
)
# What opens something, and what our own pages put into a form.
_NOT_SHOWN = frozenset({"token", "of"})
_OPENS_SOMETHING = ("/sign-in", "/account")


async def refused_page(
    request: Request, status: int, said: str, headers: Mapping[str, str] | None = None, *, keep: bool = False
) -> Response:
    """``keep``: what was written in the form that is refused stands on the page, so that it can be copied."""
    content = {
        "title": TITLES.get(status, TITLES[403]),
        "complaint": said,
        "written": await _written(request) if keep else {},
        **await _whose(request),
    }
    return HTMLResponse(rendering.page("refused.html", **content), status, dict(headers or {}))


async def _whose(request: Request) -> Mapping[str, object]:
    """Nothing for who is not signed in, and when the database cannot say who is."""
    desk = desk_of(request)
    browser = desk.sessions.read(cookies.read(request, COOKIE))
    try:
        who = await who_is(desk, browser, by_itself=True) if browser else None
        if browser is None or who is None:
            return {}
        return {"reader": Reader(who, desk.sessions.token(browser), request.url.path), "site": await desk.site_named()}
    except (SQLAlchemyError, UnknownName):
        return {}


async def _written(request: Request) -> Mapping[str, str]:
    """From a page of ours alone: nobody elsewhere can put words on this page."""
    ours = request.headers.get("sec-fetch-site") == "same-origin"
    if not ours or request.url.path.startswith(_OPENS_SOMETHING):
        return {}
    form = await request.form()
    texts = {name: value for name, value in form.items() if isinstance(value, str) and name not in _NOT_SHOWN}
    return {name: value for name, value in texts.items() if value.strip()}
