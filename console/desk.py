"""What every page needs: the session, the account behind it, and the proof that a form is ours."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import structlog
from fastapi import Depends, Form, Request
from sqlalchemy.orm import Session

from console import cookies, sessions_store, texts
from console.accounts import SignedIn
from console.board import Board, LineNow, board_for
from console.complaints import Reached
from console.ports import LineView
from console.remembered import Remembered
from console.rendering import Reader
from console.roles import Ability, may, refusal
from console.sessions import COOKIE, BrowserSession, Sessions, Throttle
from console.signing_in_door import Door
from console.store import Facts, SiteNamed, site_of
from console.watch import Watch
from models.clock import now
from models.database import Database
from models.errors import UnknownName
from models.words import SiteId
from rota.scheme import Scheme

_log = structlog.get_logger()


class NotSignedIn(Exception):
    """Nobody is signed in on this browser, or not any more."""


class NotOurForm(Exception):
    """A form came without the token that only our own page has."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One site's console and what it works with."""

    database: Database
    line: LineView
    site: SiteId
    sessions: Sessions
    door: Door
    watch: Watch
    # None where the site file has no patterns and rules for a rota.
    scheme: Scheme | None = None
    swaps_by_rule: bool = False
    # Empty until the site file says it.
    complain_to: Sequence[Reached] = ()
    throttle: Throttle = field(default_factory=Throttle)
    # One password is checked at a time: guessing many names must not take the processor away from the calls.
    checking: asyncio.Lock = field(default_factory=asyncio.Lock)
    # And one rota is made at a time, for the same reason.
    solving: asyncio.Lock = field(default_factory=asyncio.Lock)
    # And the audit is checked once at a time.
    verifying: asyncio.Lock = field(default_factory=asyncio.Lock)
    # Reports and figures that are published, and do not change.
    remembered: Remembered = field(default_factory=Remembered)

    async def site_named(self) -> SiteNamed:
        found = await self.database.run(lambda session: site_of(session, self.site))
        if found is None:
            raise UnknownName("site", self.site)
        return found

    def board(self, facts: Facts, reader: Reader) -> Board:
        line = LineNow(asterisk_up=self.line.asterisk_up, hearing=self.line.hearing())
        return board_for(reader.who.role, facts, line, now())


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]


def browser_session(request: Request, desk: AtDesk) -> BrowserSession | None:
    return desk.sessions.read(cookies.read(request, COOKIE))


MaybeSession = Annotated[BrowserSession | None, Depends(browser_session)]


def marked_browser(session: MaybeSession) -> BrowserSession:
    if session is None:
        raise NotSignedIn
    return session


ABrowser = Annotated[BrowserSession, Depends(marked_browser)]


async def reader_of(request: Request, desk: AtDesk, session: ABrowser) -> Reader:
    # A page that goes on by itself keeps nobody signed in.
    by_itself = request.headers.get("accept") == "text/event-stream"
    who = await who_is(desk, session, by_itself=by_itself)
    if who is None:
        raise NotSignedIn
    return Reader(who, desk.sessions.token(session), request.url.path)


async def who_is(desk: Desk, browser: BrowserSession, *, by_itself: bool = False) -> SignedIn | None:
    """Who is signed in there, as it stands in the database now."""

    def look(session: Session) -> SignedIn | None:
        moment = now()
        who = sessions_store.whose(session, desk.site, browser, desk.door.rules, moment)
        if who is not None and not by_itself:
            sessions_store.seen(session, browser, moment)
        return who

    return await desk.database.run(look)


AReader = Annotated[Reader, Depends(reader_of)]


async def our_form(
    request: Request, desk: AtDesk, session: MaybeSession, token: Annotated[str, Form()] = ""
) -> BrowserSession:
    texts.check(value for value in (await request.form()).values() if isinstance(value, str))
    if session is None or not desk.sessions.is_our_form(session, token):
        raise NotOurForm
    return session


OurSession = Annotated[BrowserSession, Depends(our_form)]


def needs(ability: Ability) -> Callable[[Reader], Reader]:
    """A reader whose role may do this (console/roles.py); all others are told for whom it is."""

    def able(reader: AReader) -> Reader:
        if not may(reader.who.role, ability):
            _log.warning("console.not_allowed", account=reader.who.account, ability=ability.name)
            raise refusal(ability)
        return reader

    return able


AStaffReader = Annotated[Reader, Depends(needs(Ability.ANSWER_ESCALATIONS))]
ABoardReader = Annotated[Reader, Depends(needs(Ability.SEE_BOARD))]
ACoordinator = Annotated[Reader, Depends(needs(Ability.HOLD_DEBRIEFS))]
