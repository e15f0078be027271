"""In which language somebody is answered: as they chose here, else as their browser asks, else the site's first."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from console import cookies
from console.desk import Desk
from console.language import ENGLISH, NAMES, speak
from console.store import language_of

COOKIE = "wingline_language"
_A_YEAR = timedelta(days=365)
# Other systems read these, and programs that nobody can ask.
_ENGLISH_ALONE = ("/api/", "/calendars/", "/assets/", "/healthz")

router = APIRouter()


class InTheirLanguage:
    """Plain ASGI, so that a live stream speaks it as well. The database is asked only when a browser says nothing."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asked = HTTPConnection(scope)
            speak(await self._language(asked), _address(asked) if scope["method"] == "GET" else "")
        await self._app(scope, receive, send)

    async def _language(self, asked: HTTPConnection) -> str:
        if asked.url.path.startswith(_ENGLISH_ALONE):
            return ENGLISH
        chosen = cookies.read(asked, COOKIE) or ""
        if chosen in NAMES:
            return chosen
        preferred = preferred_of(asked.headers.get("accept-language", ""))
        if preferred:
            return preferred
        return await self._first_of_site()

    async def _first_of_site(self) -> str:
        try:
            first = await self._desk.database.run(lambda session: language_of(session, self._desk.site))
        except SQLAlchemyError:
            # Whatever is asked for says so.
            return ENGLISH
        return first if first in NAMES else ENGLISH


def _address(asked: HTTPConnection) -> str:
    return f"{asked.url.path}?{asked.url.query}" if asked.url.query else asked.url.path


def preferred_of(accepted: str) -> str | None:
    """The first of ours by the weights of ``Accept-Language`` (RFC 9110, 12.5.4); None when it names none of ours."""
    weighed = []
    for one in accepted.split(","):
        name, _, weight = one.partition(";")
        language = name.strip().partition("-")[0].lower()
        if language in NAMES:
            weighed.append((_weight(weight), language))
    wanted = [pair for pair in weighed if pair[0] > 0]
    return max(wanted, key=lambda pair: pair[0])[1] if wanted else None


def _weight(written: str) -> float:
    try:
        return float(written.partition("=")[2]) if written.strip() else 1.0
    except ValueError:
        return 0.0


@router.post("/language")
async def choose(
    request: Request, language: Annotated[str, Form()] = ENGLISH, back: Annotated[str, Form()] = "/"
) -> Response:
    """Without a token: nothing is recorded, and the other language is one button away."""
    response = RedirectResponse(_ours(back), status_code=303)
    if language in NAMES:
        cookies.give(request, response, (COOKIE, language), lasts=_A_YEAR, samesite="lax")
    return response


def _ours(back: str) -> str:
    """An address of this console, and nobody else's."""
    other = not back.startswith("/") or back.startswith(("//", "/\\")) or any(ord(sign) < 33 for sign in back)
    return "/" if other else back
