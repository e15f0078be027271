"""Signing in by the prison's own directory: there, and back again."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from console import cookies, oidc, rendering
from console.accounts import NOBODY, SignedIn
from console.desk import AtDesk, Desk, NotOurForm
from console.oidc import DirectoryFails, Link
from console.roles import first_page_of
from console.sessions import BrowserSession
from console.signing_in import Means, failed, form, let_in, log_in, set_cookie
from models.clock import now

router = APIRouter(prefix="/sign-in/directory")

ELSEWHERE = frozenset({"cross-site", "same-site"})


@router.get("")
async def go_there(request: Request, desk: AtDesk) -> Response:
    link = _link(desk)
    # The directory may know who sits there, and ask nothing: nobody is signed in because another page sent them here.
    if request.headers.get("sec-fetch-site") in ELSEWHERE:
        return RedirectResponse("/sign-in", status_code=303)
    try:
        where, cookie = await link.ask(now())
    except DirectoryFails as fault:
        return await _failed(request, desk, fault)
    response = RedirectResponse(where, status_code=303)
    # The answer comes from elsewhere, and must bring it along.
    cookies.give(request, response, (oidc.COOKIE, cookie), lasts=oidc.LASTS, samesite="lax")
    return response


@router.get("/answer")
async def come_back(
    request: Request,
    desk: AtDesk,
    state: Annotated[str, Query()] = "",
    code: Annotated[str, Query()] = "",
) -> Response:
    link = _link(desk)
    try:
        claims = await link.claims(cookies.read(request, oidc.COOKIE), state, code, now())
        who, fresh = await desk.database.run(lambda open_: _welcome(open_, desk, link, claims))
    except DirectoryFails as fault:
        return await _failed(request, desk, fault)
    log_in(who, Means.DIRECTORY)
    html = rendering.page("sign_in_arrived.html", site=await desk.site_named(), where=first_page_of(who.role))
    response = HTMLResponse(html)
    set_cookie(request, response, desk, fresh)
    cookies.take_back(request, response, oidc.COOKIE)
    return response


def _welcome(open_: Session, desk: Desk, link: Link, claims: oidc.Claims) -> tuple[SignedIn, BrowserSession]:
    who = oidc.account_in(open_, desk.site, link.directory, claims)
    return who, let_in(open_, desk, desk.sessions.begin(), who)


def _link(desk: Desk) -> Link:
    if desk.door.link is None:
        raise NotOurForm
    return desk.door.link


async def _failed(request: Request, desk: Desk, fault: DirectoryFails) -> Response:
    await failed(desk, NOBODY, Means.DIRECTORY)
    session = desk.sessions.begin()
    response = await form(desk, session, complaint=f"{fault}.", status=403)
    set_cookie(request, response, desk, session)
    cookies.take_back(request, response, oidc.COOKIE)
    return response
