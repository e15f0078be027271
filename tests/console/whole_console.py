"""A console with every page that there is: a rota, a profile that is signed here, a line that is set up."""

from pathlib import Path

import httpx
from evening import PASSWORD_ALONE, PHRASE, SITE, FakeLine, a_busy_evening, an_escalation, sign_in, token_in
from fastapi import FastAPI
from profiles_on_console import NoticesHere, adult
from rota_on_console import SCHEME, a_rota, send
from set_up_on_console import a_set_up
from watching import a_counted_quarter, machinery

from console.accounts import add_account
from console.app import create_app
from listeners.store import ask_for_debrief
from models.database import Database
from models.words import AccountRole, Cause, ListenerId


def a_whole_console(database: Database, line: FakeLine, folder: Path) -> FastAPI:
    notices = NoticesHere(folder / "prompts")
    return create_app(
        database,
        line=line,
        secret="s" * 40,
        site=SITE,
        scheme=SCHEME,
        rules=PASSWORD_ALONE,
        apart_key=b"k" * 32,
        profiles_here=notices,
        set_up_here=a_set_up(folder, database, notices),
    )


def something_everywhere(database: Database, address: str, line: FakeLine) -> None:
    """Calls, escalations, a rota with a draft and a swap, a drill, a debrief; an account of each role by its name."""
    with database.transaction() as session:
        for role in set(AccountRole) - {AccountRole.STAFF, AccountRole.COORDINATOR}:
            add_account(session, SITE, name=role.value, password=PHRASE, role=role)
        ask_for_debrief(session, ListenerId("listener-Kestrel"))
    monday = a_rota(database)
    a_busy_evening(database)
    with httpx.Client(base_url=address, timeout=120) as browser:
        sign_in(browser, "sam")
        send(browser, f"/rota/shifts/shift-Linnet-{monday}/swap", week=str(monday))
        send(browser, "/rota/generate", week=str(monday))
        send(browser, "/drills")
        changed = {"file": ("ours.toml", adult("rest_minutes = 15", "rest_minutes = 45"))}
        browser.post("/profile/propose", data={"token": token_in(browser.get("/account").text)}, files=changed)
    told = {"prison_number": "A1234BC", "preferred_name": "Sam", "condition": "breathing"}
    an_escalation(database, **told)
    an_escalation(database, "two", cause=Cause.CALLER_AGREED, danger=None)
    a_counted_quarter(database)
    machinery(database, line)
