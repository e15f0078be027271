"""Everybody's own account: what they sign in with, and signing out everywhere."""

import asyncio
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from sqlalchemy.orm import Session

from console import account_browsers, accounts, accounts_totp, passkeys, rendering, sessions_store
from console.account_browsers import SignedInThere, SignInAgain, browsers_of, is_fresh
from console.desk import ABrowser, AReader, AtDesk, Desk, OurSession
from console.language import Words, _
from console.passkeys import NotAccepted
from console.rendering import Reader
from console.roles import CALLED, OWN_ACCOUNT
from console.sessions import BrowserSession
from console.signing_in import WAIT, answered, farewell, name_may_try, password_is_right, relying
from console.signing_in_first import WRONG_DIGITS
from console.wall_clock import WallClock
from models import audit
from models.clock import now
from models.errors import AskersFault, UnknownName
from models.tables import Account, Passkey
from models.words import Instant

router = APIRouter(prefix=OWN_ACCOUNT)
router.include_router(account_browsers.router)

DONE = Words(
    {
        "app": "Your authenticator app is set up. You need its code from the next time you sign in.",
        "passkey": "Your passkey is set up.",
        "removed": "The passkey opens nothing any more.",
        "browser": "You are not signed in there any more.",
        "password": "Your password is changed. Wherever else you were signed in, you are not any more.",
    }
)


class NoPasswordToChange(AskersFault):
    def __init__(self) -> None:
        super().__init__(_("cannot change the password: this account has none"))


class NoPassword(AskersFault):
    def __init__(self) -> None:
        super().__init__(
            _("cannot set up an app: this account has no password; wingline accounts reset NAME makes a new start")
        )


class OnlyWayIn(AskersFault):
    def __init__(self) -> None:
        super().__init__(_("cannot remove the passkey: it is the only way in; set up another one first"))


@dataclass(frozen=True, slots=True)
class Key:
    """One passkey, as its owner tells them apart."""

    id: str
    made_at: Instant
    used_at: Instant | None


@dataclass(frozen=True, slots=True)
class Own:
    """What the page shows of an account."""

    password: bool
    app: bool
    directory: bool
    keys: tuple[Key, ...]
    browsers: tuple[SignedInThere, ...]
    fresh: bool


@router.get("")
async def account_page(
    desk: AtDesk, reader: AReader, browser: ABrowser, done: Annotated[str, Query()] = ""
) -> Response:
    own = await desk.database.run(lambda open_: _read(open_, reader, browser))
    return await _show(desk, reader, "account.html", own=own, done=DONE.get(done, ""))


@router.get("/app")
async def app_page(desk: AtDesk, reader: AReader, browser: ABrowser) -> Response:
    await _freshly(desk, reader, browser)
    return await _app_form(desk, reader, accounts_totp.new_secret())


@router.post("/app")
async def set_up_app(
    desk: AtDesk,
    reader: AReader,
    session: OurSession,
    code: Annotated[str, Form()] = "",
    sealed: Annotated[str, Form()] = "",
) -> Response:
    own = await _freshly(desk, reader, session)
    if not own.password:
        raise NoPassword
    app_secret = desk.door.seal.open(sealed)
    step = accounts_totp.step_of(app_secret, code, now()) if app_secret else None
    if step is None:
        return await _app_form(desk, reader, app_secret or accounts_totp.new_secret(), (_(WRONG_DIGITS), "code"))

    def keep(open_: Session) -> None:
        account = open_.get_one(Account, reader.who.account)
        account.totp, account.totp_used = sealed, step
        audit.note(open_, reader.who.name, "authenticator_app_set_up", None, now())

    await desk.database.run(keep)
    return _back("app")


@router.get("/password")
async def password_page(desk: AtDesk, reader: AReader, browser: ABrowser) -> Response:
    await _with_a_password(desk, reader, browser)
    return await _password_form(desk, reader)


@router.post("/password")
async def change_password(
    desk: AtDesk,
    reader: AReader,
    session: OurSession,
    before: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Whoever is signed in elsewhere with this account is so no more: the one before may be known to others."""
    await _with_a_password(desk, reader, session)
    if not name_may_try(desk, reader.who.name):
        return await _password_form(desk, reader, (_(WAIT), "before"), 429)
    known = await desk.database.run(lambda open_: accounts.known_as(open_, desk.site, reader.who.name))
    if not await password_is_right(desk, known.password, before):
        return await _password_form(desk, reader, (_("That is not your password now."), "before"))
    desk.throttle.forget(reader.who.name)
    complaint = accounts.password_complaint(password, reader.who.name, (await desk.site_named()).name)
    if complaint:
        return await _password_form(
            desk, reader, (_("Choose another: %(complaint)s.", complaint=complaint), "password")
        )
    kept = await asyncio.to_thread(accounts.hash_of, password)

    def keep(open_: Session) -> None:
        open_.get_one(Account, reader.who.account).password = kept
        sessions_store.end_elsewhere(open_, reader.who, session)
        accounts.record(open_, reader.who, "password_changed")

    await desk.database.run(keep)
    return _back("password")


@router.post("/passkeys/options")
async def passkey_options(desk: AtDesk, reader: AReader, session: OurSession) -> Response:
    await _freshly(desk, reader, session)
    known = await desk.database.run(lambda open_: passkeys.passkeys_of(open_, reader.who.account))
    challenge = desk.door.challenges.make(session.mark, now())
    options = passkeys.options_to_make(relying(desk), reader.who, tuple(one.credential for one in known), challenge)
    return Response(options, media_type="application/json")


@router.post("/passkeys")
async def add_passkey(
    desk: AtDesk, reader: AReader, session: OurSession, answer: Annotated[str, Form()] = ""
) -> Response:
    rp = relying(desk)
    own = await _freshly(desk, reader, session)
    try:
        key = passkeys.made(rp, answered(desk, session, answer))
    except NotAccepted as fault:
        return await _show(desk, reader, "account.html", status=422, own=own, done="", complaint=f"{fault}.")

    def keep(open_: Session) -> None:
        passkeys.add(open_, reader.who.account, key, now())
        audit.note(open_, reader.who.name, "passkey_added", None, now())

    await desk.database.run(keep)
    return _back("passkey")


@router.post("/passkeys/{key}/remove")
async def remove_passkey(key: str, desk: AtDesk, reader: AReader, session: OurSession) -> Response:
    own = await _freshly(desk, reader, session)
    if not (own.app or own.directory or len(own.keys) > 1):
        raise OnlyWayIn

    def forget(open_: Session) -> None:
        row = open_.get(Passkey, key)
        if row is None or row.account_id != reader.who.account:
            raise UnknownName("passkey of yours", key)
        open_.delete(row)
        audit.note(open_, reader.who.name, "passkey_removed", key, now())

    await desk.database.run(forget)
    return _back("removed")


@router.post("/sign-out-everywhere")
async def sign_out_everywhere(request: Request, desk: AtDesk, reader: AReader, session: OurSession) -> Response:
    del session
    await desk.database.run(lambda open_: sessions_store.end_everywhere(open_, reader.who, now()))
    return farewell(request)


async def _freshly(desk: Desk, reader: Reader, browser: BrowserSession) -> Own:
    own = await desk.database.run(lambda open_: _read(open_, reader, browser))
    if not own.fresh:
        raise SignInAgain
    return own


async def _with_a_password(desk: Desk, reader: Reader, browser: BrowserSession) -> None:
    own = await _freshly(desk, reader, browser)
    if not own.password:
        raise NoPasswordToChange


def _read(open_: Session, reader: Reader, browser: BrowserSession) -> Own:
    account = open_.get_one(Account, reader.who.account)
    return Own(
        password=account.password is not None,
        app=account.totp is not None,
        directory=account.directory is not None,
        keys=tuple(Key(one.id, one.made_at, one.used_at) for one in passkeys.passkeys_of(open_, reader.who.account)),
        browsers=browsers_of(open_, reader.who, browser),
        fresh=is_fresh(open_, browser),
    )


async def _app_form(desk: Desk, reader: Reader, app_secret: str, complaint: tuple[str, str] | None = None) -> Response:
    return await _show(
        desk,
        reader,
        "account_app_page.html",
        status=422 if complaint else 200,
        sealed=desk.door.seal.close(app_secret),
        picture=Markup(accounts_totp.picture(app_secret, reader.who.name)),  # noqa: S704 - made by us, of digits
        secret=accounts_totp.in_groups(app_secret),
        complaint=complaint,
    )


async def _password_form(
    desk: Desk, reader: Reader, complaint: tuple[str, str] | None = None, status: int = 422
) -> Response:
    return await _show(
        desk,
        reader,
        "account_password.html",
        status=status if complaint else 200,
        shortest=accounts.SHORTEST_PASSWORD,
        complaint=complaint,
    )


async def _show(desk: Desk, reader: Reader, name: str, *, status: int = 200, **content: object) -> Response:
    site = await desk.site_named()
    time = WallClock(ZoneInfo(site.zone), now())
    given = {"complaint": None, "role": CALLED[reader.who.role], "passkeys": desk.door.relying is not None} | content
    return HTMLResponse(rendering.page(name, site=site, reader=reader, time=time, **given), status)


def _back(done: str) -> Response:
    return RedirectResponse(f"{OWN_ACCOUNT}?done={done}", status_code=303)
