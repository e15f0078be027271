"""The first time: a code from the command line, and what somebody will sign in with from then on.

Nothing is kept before all of it is right, so that a page may be left, or loaded again, at any step.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from sqlalchemy.orm import Session

from console import accounts, accounts_totp, passkeys, rendering
from console.accounts import SignedIn
from console.accounts_invited import invited, use_code
from console.desk import AtDesk, Desk, MaybeSession, OurSession
from console.language import _, marked
from console.passkeys import NotAccepted
from console.sessions import BrowserSession
from console.signing_in import Means, address_may_try, address_of, answered, let_in, relying, set_cookie, welcome
from models import audit
from models.clock import now
from models.errors import AskersFault
from models.tables import Account

router = APIRouter(prefix="/sign-in/first")

NO_SUCH_CODE = marked(
    "This code is not right, or it was used, or more than 24 hours have passed. Try again in two minutes, "
    "or ask for a new one: wingline accounts reset NAME"
)
WRONG_DIGITS = marked(
    "The 6 digits are not what the app shows now. Check the time of the phone, and give the next ones."
)


class NoSuchCode(AskersFault):
    def __init__(self) -> None:
        super().__init__(_(NO_SUCH_CODE))


@dataclass(frozen=True, slots=True)
class Chosen:
    """``sealed`` is what the app was given with the page before, closed with our key."""

    invitation: str
    password: str
    code: str
    sealed: str


def chosen(
    invitation: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    sealed: Annotated[str, Form()] = "",
) -> Chosen:
    return Chosen(invitation, password, code, sealed)


AChoice = Annotated[Chosen, Depends(chosen)]


@router.get("")
async def first_page(request: Request, desk: AtDesk, session: MaybeSession) -> Response:
    session = session or desk.sessions.begin()
    response = await _ask_for_code(desk, session)
    set_cookie(request, response, desk, session)
    return response


@router.post("")
async def with_a_code(request: Request, desk: AtDesk, session: OurSession, given: AChoice) -> Response:
    who = await _invited(request, desk, given)
    if who is None:
        return await _ask_for_code(desk, session, _(NO_SUCH_CODE), 403)
    return await _choose(desk, session, who, given)


@router.post("/app")
async def with_an_app(request: Request, desk: AtDesk, session: OurSession, given: AChoice) -> Response:
    who = await _invited(request, desk, given)
    if who is None:
        return await _ask_for_code(desk, session, _(NO_SUCH_CODE), 403)
    complaint = accounts.password_complaint(given.password, who.name, (await desk.site_named()).name)
    if complaint:
        return await _choose(
            desk, session, who, given, (_("Choose another: %(complaint)s.", complaint=complaint), "password")
        )
    app_secret = desk.door.seal.open(given.sealed)
    step = accounts_totp.step_of(app_secret, given.code, now()) if app_secret else None
    if step is None:
        return await _choose(desk, session, who, given, (_(WRONG_DIGITS), "code"))
    kept = await asyncio.to_thread(accounts.hash_of, given.password)

    def keep(open_: Session) -> BrowserSession:
        account = _account_of(open_, desk, given)
        account.password, account.totp, account.totp_used = kept, given.sealed, step
        audit.note(open_, who.name, "authenticator_app_set_up", None, now())
        return let_in(open_, desk, session, who)

    return welcome(request, desk, await desk.database.run(keep), who, Means.APP)


@router.post("/passkey/options")
async def passkey_options(request: Request, desk: AtDesk, session: OurSession, given: AChoice) -> Response:
    who = await _invited(request, desk, given)
    if who is None:
        raise NoSuchCode
    challenge = desk.door.challenges.make(session.mark, now())
    return Response(passkeys.options_to_make(relying(desk), who, (), challenge), media_type="application/json")


@router.post("/passkey")
async def with_a_passkey(
    request: Request, desk: AtDesk, session: OurSession, given: AChoice, answer: Annotated[str, Form()] = ""
) -> Response:
    rp = relying(desk)
    who = await _invited(request, desk, given)
    if who is None:
        return await _ask_for_code(desk, session, _(NO_SUCH_CODE), 403)
    try:
        key = passkeys.made(rp, answered(desk, session, answer))
    except NotAccepted as fault:
        return await _choose(desk, session, who, given, (f"{fault}.", ""))

    def keep(open_: Session) -> BrowserSession:
        account = _account_of(open_, desk, given)
        passkeys.add(open_, who.account, key, now())
        audit.note(open_, who.name, "passkey_added", account.id, now())
        return let_in(open_, desk, session, who)

    return welcome(request, desk, await desk.database.run(keep), who, Means.PASSKEY)


async def _invited(request: Request, desk: Desk, given: Chosen) -> SignedIn | None:
    """Nobody either for an address from which too much was wrong."""
    if not address_may_try(request, desk):
        return None
    who = await desk.database.run(lambda open_: invited(open_, desk.site, given.invitation, now()))
    if who is not None:
        desk.door.by_address.give_back(address_of(request))
    return who


def _account_of(open_: Session, desk: Desk, given: Chosen) -> Account:
    """Whose code it was, which is used now."""
    account = use_code(open_, desk.site, given.invitation, now())
    if account is None:
        raise NoSuchCode
    return account


async def _ask_for_code(
    desk: Desk, session: BrowserSession, complaint: str | None = None, status: int = 200
) -> Response:
    token = desk.sessions.token(session)
    html = rendering.page("sign_in_first.html", site=await desk.site_named(), token=token, complaint=complaint)
    return HTMLResponse(html, status)


async def _choose(
    desk: Desk, session: BrowserSession, who: SignedIn, given: Chosen, complaint: tuple[str, str] | None = None
) -> Response:
    """The same secret again after a complaint: the app has it already."""
    app_secret = desk.door.seal.open(given.sealed) or accounts_totp.new_secret()
    html = rendering.page(
        "sign_in_choose.html",
        site=await desk.site_named(),
        token=desk.sessions.token(session),
        who=who,
        invitation=given.invitation,
        sealed=given.sealed if desk.door.seal.open(given.sealed) else desk.door.seal.close(app_secret),
        picture=Markup(accounts_totp.picture(app_secret, who.name)),  # noqa: S704 - made by us, of digits
        secret=accounts_totp.in_groups(app_secret),
        shortest=accounts.SHORTEST_PASSWORD,
        passkeys=desk.door.relying is not None,
        complaint=complaint,
    )
    return HTMLResponse(html, 422 if complaint else 200)
