"""Signing in and out."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console import accounts, rendering
from console.desk import AtDesk, Desk, MaybeSession, OurSession
from console.sessions import COOKIE, LIFETIME, BrowserSession
from models.clock import now

router = APIRouter()
_log = structlog.get_logger()

# The same words for a wrong name and a wrong password: an answer must not say which names exist.
WRONG = "The name or the password is not right. Try again."
WAIT = "Too many tries with this name. Wait two minutes and try again."


@router.get("/sign-in")
async def sign_in_page(request: Request, desk: AtDesk, session: MaybeSession) -> Response:
    if session is None or session.account is not None:
        session = desk.sessions.begin()
    response = await _form(desk, session)
    _set_cookie(request, response, desk, session)
    return response


@router.post("/sign-in")
async def sign_in(
    request: Request,
    desk: AtDesk,
    session: OurSession,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    if not desk.throttle.allows(name, now()):
        return await _form(desk, session, complaint=WAIT, status=429)
    who, stored = await desk.database.run(lambda session: accounts.stored_password(session, desk.site, name))
    async with desk.checking:
        right = await asyncio.to_thread(accounts.password_is_right, stored, password)
    if who is None or not right:
        return await _form(desk, session, complaint=WRONG, status=403)
    desk.throttle.forget(name)
    await desk.database.run(lambda session: accounts.record(session, who, "signed_in"))
    _log.info("console.signed_in", account=who.account)
    response = RedirectResponse("/", status_code=303)
    _set_cookie(request, response, desk, desk.sessions.begin(who.account))
    return response


@router.post("/sign-out")
async def sign_out(desk: AtDesk, session: OurSession) -> Response:
    desk.sessions.end(session)
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(COOKIE)
    return response


async def _form(desk: Desk, session: BrowserSession, *, complaint: str | None = None, status: int = 200) -> Response:
    site = await desk.site_named()
    html = rendering.page("sign_in.html", site=site, token=desk.sessions.token(session), complaint=complaint)
    return HTMLResponse(html, status)


def _set_cookie(request: Request, response: Response, desk: Desk, session: BrowserSession) -> None:
    response.set_cookie(
        COOKIE,
        desk.sessions.cookie(session),
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="strict",
        # The site's own network may serve plain HTTP on loopback; over TLS the cookie stays there.
        secure=request.url.scheme == "https",
    )
