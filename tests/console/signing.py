"""People with an authenticator app, at a console that asks for it."""

import socket
from datetime import timedelta

import httpx
import pyotp
from evening import PHRASE, SITE, token_in
from sqlalchemy import select

from console.accounts_invited import invite
from console.accounts_totp import Seal
from models.audit import Deed, read_chain
from models.clock import now
from models.database import Database
from models.tables import Account
from models.words import AccountRole
from rota.site_rota import By

SECRET = "s" * 40
APP = pyotp.TOTP("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
STEP = timedelta(seconds=30)


def a_free_port() -> int:
    """For a console that must be told beforehand how browsers reach it."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def gives_an_app(database: Database, name: str = "nurse") -> None:
    """From now on the account needs a code of ``APP``."""
    with database.transaction() as session:
        row = session.scalars(select(Account).where(Account.name == name)).one()
        row.totp = Seal(SECRET).close(APP.secret)


def code_of(steps: int = 0) -> str:
    """What the app shows now, or would with a clock that is some half minutes ahead."""
    return APP.at(now() + steps * STEP)


def enter(browser: httpx.Client, name: str = "nurse", password: str = PHRASE, code: str = "") -> httpx.Response:
    page = browser.get("/sign-in")
    fields = {"token": token_in(page.text), "name": name, "password": password, "code": code}
    return browser.post("/sign-in", data=fields)


def an_invitation(database: Database, name: str = "Dr Owen", role: AccountRole = AccountRole.STAFF) -> str:
    return database.do(lambda session: invite(session, SITE, name, role, By("root", now())))


def audited(database: Database) -> list[Deed]:
    return [entry.deed for entry in database.do(read_chain).entries]
