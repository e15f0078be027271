"""A scheme on its console: somebody at each stage of the way, talks that were light and heavy, and who signs in."""

import re
from datetime import datetime, timedelta

import builders
import httpx
from evening import PHRASE, SITE, sign_in, token_in
from sqlalchemy import select, update

from console.accounts import add_account
from models import tables
from models.clock import now
from models.database import Database
from models.tables import Account, Listener
from models.words import AccountRole, Cause, PhoneKind, Seat, Standing

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
PEOPLE = {
    "Avocet": Standing.APPLIED,
    "Bittern": Standing.TRAINING,
    "Curlew": Standing.SHADOWING,
    "Dunlin": Standing.SUSPENDED,
    "Egret": Standing.LEFT,
}
OTHER_ROLES = {
    "nurse": AccountRole.STAFF,
    "gale": AccountRole.GOVERNOR,
    "bo": AccountRole.MONITORING_BOARD,
    "ted": AccountRole.TECHNICIAN,
}


def a_scheme(database: Database) -> None:
    """Beside the four of the prison who are certified: B-1-001 to 003 have phones, and Kestrel lives in the first."""
    with database.transaction() as session:
        for number in (1, 2, 3):
            session.add(builders.a_cell(number, "B"))
            session.flush()
            kind = PhoneKind.LISTENER if number == 1 else PhoneKind.CELL
            session.add(builders.a_phone(kind, id=f"phone-B{number}", cell_id=f"cell-B{number}"))
        for name, standing in PEOPLE.items():
            certified = {} if standing is Standing.SUSPENDED else {"certified_from": None, "certified_until": None}
            session.add(builders.a_listener(name, standing=standing.value, **certified))
        session.flush()
        theirs = update(Listener).where(Listener.code_name == "Kestrel")
        session.execute(theirs.values(phone_id="phone-B1", wing_id="wing-B", tags=["veteran", "lifer"]))
        done = {"done_at": now() - 20 * DAY, "valid_until": None}
        session.add_all(tables.Training(listener_id="listener-Bittern", module=f"module_{n}", **done) for n in (1, 2))
        session.add_all(
            tables.Training(listener_id="listener-Curlew", module=f"module_{n}", **done) for n in range(1, 9)
        )


def add_accounts(database: Database) -> None:
    """Pat is of the scheme's partner; the others have other business."""
    with database.transaction() as session:
        roles = OTHER_ROLES | {"pat": AccountRole.SCHEME_PARTNER}
        for name, role in roles.items():
            if not session.scalar(select(Account.id).where(Account.name == name)):
                add_account(session, SITE, name=name, password=PHRASE, role=role)


def a_talk(database: Database, name: str, began_at: datetime, lasting: timedelta, *, heavy: bool = False) -> None:
    """That ended; in a heavy one staff were told of something."""
    with database.transaction() as session:
        call = builders.a_call(f"{name}-{began_at:%d%H%M%S}", began_at=began_at, ended_at=began_at + lasting)
        session.add(call)
        session.flush()
        facts = {"call_id": call.id, "listener_id": f"listener-{name}", "seat": Seat.FIRST.value}
        session.add(tables.Talk(id=f"talk-{call.id}", began_at=began_at, ended_at=began_at + lasting, **facts))
        session.add(tables.Offer(id=f"offer-{call.id}", rang_at=began_at, ended_at=began_at, end="taken", **facts))
        if heavy:
            times = {"raised_at": began_at, "closed_at": began_at + lasting}
            told = {"site_id": SITE, "call_id": call.id, "cause": Cause.CALLER_ASKED.value, "protocol": {}}
            session.add(tables.Escalation(id=f"escalation-{call.id}", **told, **times))


def address_of(browser: httpx.Client, code_name: str, page: str = "/listeners") -> str:
    """The address of their page, as the page of all Listeners leads there."""
    found = re.search(rf'href="({page}/[0-9a-f]{{16}})">{code_name}</a>', browser.get(page).text)
    assert found, code_name
    return found[1]


def listener(database: Database, code_name: str) -> Listener:
    with database.transaction() as session:
        return session.scalars(select(Listener).where(Listener.code_name == code_name)).one()


def as_(browser: httpx.Client, name: str) -> httpx.Client:
    sign_in(browser, name)
    return browser


def sends(browser: httpx.Client, path: str, **answer: object) -> httpx.Response:
    """A form of these pages, with its token, and back to where it leads."""
    token = token_in(browser.get("/listeners").text)
    return browser.post(path, data={"token": token} | answer, follow_redirects=True)


def text_of(html: str) -> str:
    """Without tags, in single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()
