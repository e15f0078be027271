"""Where somebody is signed in: shown to themselves, and ended one by one."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from console import sessions_store
from console.accounts import SignedIn, record
from console.desk import AReader, AtDesk, OurSession
from console.language import _
from console.roles import OWN_ACCOUNT
from console.sessions import BrowserSession
from console.signing_in import farewell
from models.clock import now
from models.errors import AskersFault, UnknownName
from models.tables import SignIn
from models.words import Instant

# Below everybody's own account (accounts_page.py).
router = APIRouter()

# Who finds a screen that somebody left cannot make themselves a way in, nor shut the others out.
FRESH = timedelta(minutes=15)
# Of a hash that opens nothing: enough to tell apart where one person is signed in.
_TOLD = 16


class SignInAgain(AskersFault):
    def __init__(self) -> None:
        super().__init__(_("to change how you sign in, sign out, and in again: it has been more than 15 minutes"))


@dataclass(frozen=True, slots=True)
class SignedInThere:
    """One browser. Nothing says which it is but when somebody signed in there; no address is kept."""

    of: str
    began_at: Instant
    seen_at: Instant
    here: bool


def browsers_of(open_: Session, who: SignedIn, here: BrowserSession) -> tuple[SignedInThere, ...]:
    mine = SignIn.account_id == who.account, SignIn.ends_at > now()
    rows = open_.scalars(select(SignIn).where(*mine).order_by(SignIn.began_at))
    return tuple(SignedInThere(one.hash[:_TOLD], one.began_at, one.seen_at, one.hash == here.hash) for one in rows)


def is_fresh(open_: Session, here: BrowserSession) -> bool:
    began_at = sessions_store.began_at(open_, here)
    return began_at is not None and now() - began_at <= FRESH


@router.post("/browsers/{of}/end")
async def end_there(of: str, request: Request, desk: AtDesk, reader: AReader, session: OurSession) -> Response:
    """Raises SignInAgain, and UnknownName for what is over already or somebody else's."""

    def end(open_: Session) -> None:
        if not is_fresh(open_, session):
            raise SignInAgain
        there = SignIn.account_id == reader.who.account, func.substr(SignIn.hash, 1, _TOLD) == of
        if not open_.scalars(delete(SignIn).where(*there).returning(SignIn.hash)).all():
            raise UnknownName("browser of yours", of)
        record(open_, reader.who, "signed_out")

    await desk.database.run(end)
    if session.hash.startswith(of):
        return farewell(request)
    return RedirectResponse(f"{OWN_ACCOUNT}?done=browser", status_code=303)
