"""Signing in and out: a name with its password and a code, or a passkey."""

import asyncio
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from console import accounts, accounts_totp, cookies, passkeys, rendering, sessions_store
from console.accounts import NOBODY, Known, SignedIn
from console.desk import AtDesk, Desk, MaybeSession, NotOurForm, OurSession
from console.language import _, marked
from console.passkeys import NotAccepted, Relying, Signed
from console.roles import first_page_of
from console.sessions import COOKIE, BrowserSession
from models import audit
from models.clock import now, steady
from models.words import AccountId

router = APIRouter()
_log = structlog.get_logger()

# The same words whatever was wrong: an answer must not say which names exist, nor that a password was right.
WRONG = marked(
    "The name, the password or the code is not right. A code can be used once: wait for the next one and try again."
)
WRONG_ALONE = marked("The name or the password is not right. Try again.")
WAIT = marked("Too many tries. Wait two minutes and try again.")
NO_CODE = marked(
    "This account has no authenticator app yet. If you have a passkey, sign in with it. "
    "If not, ask whoever looks after Wingline for a new code: wingline accounts reset NAME"
)
LONGEST_NAME = 60
# Not "cookies": that would be those of every console below the prison's domain.
FORGET = {"Clear-Site-Data": '"cache", "storage"'}


class Means(StrEnum):
    """What somebody signs in with, as the log names it."""

    PASSWORD = "password"  # noqa: S105 - a word for it
    APP = "password_and_app"
    PASSKEY = "passkey"
    DIRECTORY = "directory"


@router.get("/sign-in")
async def sign_in_page(request: Request, desk: AtDesk, session: MaybeSession) -> Response:
    session = session or desk.sessions.begin()
    response = await form(desk, session)
    set_cookie(request, response, desk, session)
    return response


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody gave."""

    name: str
    password: str
    code: str


def typed(
    name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "", code: Annotated[str, Form()] = ""
) -> Typed:
    return Typed(name, password, code)


@router.post("/sign-in")
async def sign_in(
    request: Request, desk: AtDesk, session: OurSession, given: Annotated[Typed, Depends(typed)]
) -> Response:
    name = given.name
    if not address_may_try(request, desk) or not name_may_try(desk, name):
        return await form(desk, session, complaint=_(WAIT), name=name, status=429)
    known = await desk.database.run(lambda open_: accounts.known_as(open_, desk.site, name))
    who = known.who if await password_is_right(desk, known.password, given.password) else None
    if who is None:
        return await _refused(desk, session, name, known.who)
    if known.totp is None and (desk.door.rules.second_factor or known.has_passkey):
        await failed(desk, who.name, Means.PASSWORD)
        return await form(desk, session, complaint=_(NO_CODE), name=name, status=403)
    if not await _code_is_right(desk, who, known, given.code):
        return await _refused(desk, session, name, who)
    desk.throttle.forget(name)
    desk.door.by_address.give_back(address_of(request))
    fresh = await desk.database.run(lambda open_: let_in(open_, desk, session, who))
    return welcome(request, desk, fresh, who, Means.APP if known.totp else Means.PASSWORD)


@router.post("/sign-in/passkey/options")
async def passkey_options(desk: AtDesk, session: OurSession) -> Response:
    rp = relying(desk)
    options = passkeys.options_to_sign_in(rp, desk.door.challenges.make(session.mark, now()))
    return Response(options, media_type="application/json")


@router.post("/sign-in/passkey")
async def sign_in_by_passkey(
    request: Request, desk: AtDesk, session: OurSession, answer: Annotated[str, Form()] = ""
) -> Response:
    rp = relying(desk)
    if not address_may_try(request, desk):
        return await form(desk, session, complaint=_(WAIT), status=429)

    def check(open_: Session) -> tuple[SignedIn, BrowserSession]:
        who = passkeys.signer(open_, desk.site, rp, answered(desk, session, answer), now())
        return who, let_in(open_, desk, session, who)

    try:
        who, fresh = await desk.database.run(check)
    except NotAccepted as fault:
        await failed(desk, NOBODY, Means.PASSKEY)
        return await form(desk, session, complaint=f"{fault}.", status=403)
    desk.door.by_address.give_back(address_of(request))
    return welcome(request, desk, fresh, who, Means.PASSKEY)


@router.post("/sign-out")
async def sign_out(request: Request, desk: AtDesk, session: OurSession) -> Response:
    await desk.database.run(lambda open_: sessions_store.end(open_, session, now()))
    return farewell(request)


# ---- what the other ways in use too


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def relying(desk: Desk) -> Relying:
    """No page of ours offers a passkey without it."""
    if desk.door.relying is None:
        raise NotOurForm
    return desk.door.relying


def answered(desk: Desk, session: BrowserSession, answer: str) -> Signed:
    """What a browser answered to a challenge of ours. Raises NotAccepted."""
    try:
        given = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise NotAccepted from error
    if not isinstance(given, dict):
        raise NotAccepted
    challenge = passkeys.challenge_in(given)
    if not desk.door.challenges.take(session.mark, challenge, now()):
        raise NotAccepted
    return Signed(given, challenge)


async def password_is_right(desk: Desk, stored: str, given: str) -> bool:
    if len(given) > accounts.LONGEST_PASSWORD:
        return False
    async with desk.checking:
        return await asyncio.to_thread(accounts.password_is_right, stored, given)


def let_in(open_: Session, desk: Desk, before: BrowserSession, who: SignedIn) -> BrowserSession:
    """A mark of its own for who is signed in: nobody can have put it into the browser before."""
    moment = now()
    sessions_store.end(open_, before, moment)
    fresh = desk.sessions.begin()
    sessions_store.begin(open_, who, fresh, desk.door.rules, moment)
    return fresh


def welcome(request: Request, desk: Desk, session: BrowserSession, who: SignedIn, by: Means) -> Response:
    log_in(who, by)
    response = RedirectResponse(first_page_of(who.role), status_code=303)
    set_cookie(request, response, desk, session)
    return response


def farewell(request: Request) -> Response:
    """To the page of signing in; the browser forgets the mark, and what it kept of our pages."""
    response = RedirectResponse("/sign-in", status_code=303, headers=FORGET)
    cookies.take_back(request, response, COOKIE)
    return response


def set_cookie(request: Request, response: Response, desk: Desk, session: BrowserSession) -> None:
    cookies.give(request, response, (COOKIE, desk.sessions.cookie(session)), lasts=desk.sessions.lasts)


async def form(
    desk: Desk, session: BrowserSession, *, complaint: str | None = None, name: str = "", status: int = 200
) -> Response:
    html = rendering.page(
        "sign_in.html",
        site=await desk.site_named(),
        token=desk.sessions.token(session),
        complaint=complaint,
        given=name[:LONGEST_NAME],
        codes=desk.door.rules.second_factor,
        passkeys=desk.door.relying is not None,
        directory=desk.door.link is not None,
    )
    return HTMLResponse(html, status)


def log_in(who: SignedIn, by: Means) -> None:
    _log.info("console.signed_in", account=who.account, by=by.value)


async def failed(desk: Desk, name: str, by: Means) -> None:
    """``name`` is that of an account, or NOBODY: never what was typed."""
    await desk.database.run(lambda open_: audit.note(open_, name, "sign_in_failed", None, now()))
    _log.info("console.sign_in_failed", by=by.value)


# ---- what is right and what is not


def address_may_try(request: Request, desk: Desk) -> bool:
    """Counts this try. Whoever has to wait is told so, and the log has that somebody had to: never who."""
    if desk.door.by_address.allows(address_of(request), steady()):
        return True
    _log.warning("console.too_many_tries", brake="address")
    return False


def name_may_try(desk: Desk, name: str) -> bool:
    """The same of a name, whoever tries it."""
    if desk.throttle.allows(name, steady()):
        return True
    _log.warning("console.too_many_tries", brake="name")
    return False


async def _code_is_right(desk: Desk, who: SignedIn, known: Known, code: str) -> bool:
    """True for an account without an app, where the settings let it do without."""
    if known.totp is None:
        return True
    app_secret = desk.door.seal.open(known.totp)
    step = accounts_totp.step_of(app_secret, code, now()) if app_secret else None
    if not desk.door.wrong_codes.allows(who.account, steady()):
        _log.warning("console.too_many_tries", brake="code", account=who.account)
        return False
    if step is None or not await desk.database.run(partial(_use_step, who.account, step)):
        return False
    desk.door.wrong_codes.forget(who.account)
    return True


def _use_step(account: AccountId, step: int, open_: Session) -> bool:
    return accounts_totp.use_step(open_, account, step)


async def _refused(desk: Desk, session: BrowserSession, name: str, who: SignedIn | None) -> Response:
    await failed(desk, who.name if who else NOBODY, Means.PASSWORD)
    complaint = _(WRONG if desk.door.rules.second_factor else WRONG_ALONE)
    return await form(desk, session, complaint=complaint, name=name, status=403)
