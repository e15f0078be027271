"""Signing in by the prison's own directory: there, and back again."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from console import oidc, rendering
from console.accounts import NOBODY, SignedIn
from console.desk import AtDesk, Desk, NotOurForm
from console.oidc import DirectoryFails, Link
from console.roles import first_page_of
from console.sessions import BrowserSession
from console.signing_in import form, let_in, note_failure, set_cookie
from models.clock import now

router = APIRouter(prefix="/sign-in/directory")


@router.get("")
async def go_there(request: Request, desk: AtDesk) -> Response:
    link = _link(desk)
    try:
        where, cookie = await link.ask(now())
    except DirectoryFails as fault:
        return await _failed(request, desk, fault)
    response = RedirectResponse(where, status_code=303)
    response.set_cookie(
        oidc.COOKIE,
        cookie,
        max_age=int(oidc.LASTS.total_seconds()),
        path=router.prefix,
        httponly=True,
        # The answer comes from elsewhere, and must bring it along.
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.get("/answer")
async def come_back(
    request: Request,
    desk: AtDesk,
    state: Annotated[str, Query()] = "",
    code: Annotated[str, Query()] = "",
    asked: Annotated[str | None, Cookie(alias=oidc.COOKIE)] = None,
) -> Response:
    link = _link(desk)
    try:
        claims = await link.claims(asked, state, code, now())
        who, fresh = await desk.database.run(lambda open_: _welcome(open_, desk, link, claims))
    except DirectoryFails as fault:
        return await _failed(request, desk, fault)
    html = rendering.page("sign_in_arrived.html", site=await desk.site_named(), where=first_page_of(who.role))
    response = HTMLResponse(html)
    set_cookie(request, response, desk, fresh)
    response.delete_cookie(oidc.COOKIE, path=router.prefix)
    return response


def _welcome(open_: Session, desk: Desk, link: Link, claims: oidc.Claims) -> tuple[SignedIn, BrowserSession]:
    who = oidc.account_in(open_, desk.site, link.directory, claims)
    return who, let_in(open_, desk, desk.sessions.begin(), who)


def _link(desk: Desk) -> Link:
    if desk.door.link is None:
        raise NotOurForm
    return desk.door.link


async def _failed(request: Request, desk: Desk, fault: DirectoryFails) -> Response:
    await desk.database.run(lambda open_: note_failure(open_, NOBODY))
    session = desk.sessions.begin()
    response = await form(desk, session, complaint=f"{fault}.", status=403)
    set_cookie(request, response, desk, session)
    response.delete_cookie(oidc.COOKIE, path=router.prefix)
    return response
