"""What every page needs: the session, the account behind it, and the proof that a form is ours."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Form, Request

from console.accounts import SignedIn, account_of
from console.board import Board, LineNow, board_for
from console.ports import LineView
from console.rendering import Reader
from console.sessions import COOKIE, BrowserSession, Sessions, Throttle
from console.store import Facts, SiteNamed, site_of
from console.watch import Watch
from models.clock import now
from models.database import Database
from models.errors import NotAllowed, UnknownName
from models.words import AccountRole, SiteId
from rota.scheme import Scheme


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
    watch: Watch
    # None where the site file has no patterns and rules for a rota.
    scheme: Scheme | None = None
    swaps_by_rule: bool = False
    throttle: Throttle = field(default_factory=Throttle)
    # One password is checked at a time: guessing many names must not take the processor away from the calls.
    checking: asyncio.Lock = field(default_factory=asyncio.Lock)
    # And one rota is made at a time, for the same reason.
    solving: asyncio.Lock = field(default_factory=asyncio.Lock)

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
    return desk.sessions.read(request.cookies.get(COOKIE))


MaybeSession = Annotated[BrowserSession | None, Depends(browser_session)]


async def reader_of(desk: AtDesk, session: MaybeSession) -> Reader:
    if session is None or session.account is None:
        raise NotSignedIn
    account = session.account
    who: SignedIn | None = await desk.database.run(lambda open_: account_of(open_, desk.site, account))
    if who is None:
        raise NotSignedIn
    return Reader(who, desk.sessions.token(session))


AReader = Annotated[Reader, Depends(reader_of)]


def our_form(desk: AtDesk, session: MaybeSession, token: Annotated[str, Form()] = "") -> BrowserSession:
    if session is None or not desk.sessions.is_our_form(session, token):
        raise NotOurForm
    return session


OurSession = Annotated[BrowserSession, Depends(our_form)]


def staff_of(reader: AReader) -> Reader:
    if reader.who.role is not AccountRole.STAFF:
        raise NotAllowed("answer an escalation", "that is for duty staff")
    return reader


AStaffReader = Annotated[Reader, Depends(staff_of)]


def only_coordinators(act: str) -> Callable[[Reader], Reader]:
    """``act`` is what others are told that they cannot do."""

    def coordinator_of(reader: AReader) -> Reader:
        if reader.who.role is not AccountRole.COORDINATOR:
            raise NotAllowed(act, "that is for coordinators")
        return reader

    return coordinator_of


ACoordinator = Annotated[Reader, Depends(only_coordinators("see who asked to talk"))]
