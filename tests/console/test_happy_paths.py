"""Each role goes through its day on the console in a real browser, by what stands on links and buttons.

The guides in docs/guide tell the same ways, and have their pictures from here (``make guide``).
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from evening import FakeLine, SomeHeads, a_busy_evening, an_escalation, sign_in, token_in
from fastapi import FastAPI
from figures_on_console import a_published_quarter
from guide_pictures import WIDTH, Pictures
from listeners_on_console import DAY, HOUR, MINUTE, a_scheme, a_talk
from playwright.sync_api import Browser, Locator, Page, expect
from profiles_on_console import adult, people_who_sign
from real_browser import signs_in
from rota_on_console import a_rota
from sqlalchemy import delete, select, update
from watching import a_counted_quarter, a_head, machinery
from whole_console import a_whole_console

from console.ports import HeadsHeld
from listeners.store import ask_for_debrief
from models.clock import now
from models.database import Database
from models.tables import Listener, Shift, Site
from models.words import ListenerId

# Making a rota takes seconds of a processor that others use too.
PATIENT = 60_000


@pytest.fixture
def app(database: Database, line: FakeLine, tmp_path: Path) -> FastAPI:
    with database.transaction() as session:
        session.execute(update(Site).values(name="HMP Example"))
    people_who_sign(database)
    return a_whole_console(database, line, tmp_path)


@pytest.fixture
def monday(database: Database) -> date:
    """Of next week, whose rota has a gap on Tuesday; and this is a busy evening, after which Kestrel wants to talk."""
    a_scheme(database)
    a_busy_evening(database)
    with database.transaction() as session:
        # Somebody on for a day and more would leave nobody whom a rule lets onto the rota.
        session.execute(delete(Shift).where(Shift.starts_at > now()))
    found = a_rota(database)
    for name, ago, minutes in (("Kestrel", 2, 74), ("Kestrel", 17, 120), ("Linnet", 9, 95), ("Osprey", 24, 160)):
        a_talk(database, name, now() - ago * DAY, minutes * MINUTE)
    a_talk(database, "Merlin", now() - 5 * HOUR, 95 * MINUTE)
    with database.transaction() as session:
        ask_for_debrief(session, ListenerId("listener-Kestrel"))
    return found


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=address, viewport={"width": WIDTH, "height": 760}, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture
def picture(page: Page) -> Pictures:
    return Pictures(page)


def presses(page: Page, name: str) -> None:
    """The first button with this text, or with more than this."""
    page.get_by_role("button", name=name).first.click()


def goes_to(page: Page, label: str) -> None:
    page.get_by_role("navigation", name="Menu").get_by_role("link", name=label, exact=True).click()


def done(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text="Done.")


def sits_on(database: Database, day: date) -> str:
    """Somebody's code name: whom a new rota puts there depends on what day it is today."""
    with database.transaction() as session:
        that_day = Shift.slot.like(f"%{day}%")
        return session.scalars(select(Listener.code_name).join(Shift).where(that_day)).first() or "nobody"


def is_refused(page: Page, address: str, act: str, whose: str) -> None:
    """And is led to a page that they may open."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("That was not done")
    expect(page.get_by_text(re.compile(f"cannot {act}: that is for .*{whose}", re.IGNORECASE))).to_be_visible()
    page.get_by_role("link", name="Go to your first page").click()
    expect(page.get_by_role("navigation", name="Menu")).to_be_visible()


def test_a_coordinator_fills_gaps_moves_people_and_hears_who_wants_to_talk(
    page: Page, picture: Pictures, monday: date, database: Database
) -> None:
    page.goto("/sign-in")
    picture("sign-in", at_most=640)
    signs_in(page, "sam")
    expect(page.get_by_text("asked to talk after a call")).to_be_visible()
    picture("coordinator-board", at_most=1250)
    presses(page, "We have talked")
    expect(page.get_by_text("asked to talk after a call")).to_be_hidden()

    goes_to(page, "Rota")
    page.get_by_role("link", name="Next week").click()
    picture("rota-week", page.locator(".verdict"), page.locator(".rota"), at_most=650)
    page.get_by_role("link", name="Suggest somebody").first.click()
    picture("rota-suggest", page.locator("main h1"), page.get_by_role("list").filter(has_text="Osprey").last)
    presses(page, "Give it to Osprey")
    expect(done(page)).to_contain_text("The seat is given.")

    presses(page, "Make a draft")
    expect(page.get_by_role("heading", name="Draft rota")).to_be_visible(timeout=PATIENT)
    picture("rota-draft", at_most=800)
    page.get_by_role("link", name="Back to the published rota").click()
    page.get_by_label("What the draft is to favour").select_option(label="C: fairest shares")
    presses(page, "Make a draft")
    expect(page.get_by_role("heading", name="Draft rota")).to_be_visible(timeout=PATIENT)
    page.get_by_role("link", name="Compare with another draft").click()
    presses(page, "Compare")
    expect(page.get_by_role("heading", name="Where they differ")).to_be_visible()
    picture("rota-compare", page.locator("table").first, page.get_by_role("region", name="Draft C").last)
    presses(page, "Publish")
    expect(done(page)).to_contain_text("The draft is published")

    goes_to(page, "Movements")
    page.get_by_label("Listener").select_option(sits_on(database, monday))
    page.get_by_label("What").select_option(label="Court")
    page.get_by_label("From").fill(f"{monday}T08:00")
    page.get_by_label("Until").fill(f"{monday + timedelta(days=1)}T00:00")
    presses(page, "Record")
    expect(done(page)).to_contain_text("1 movement is recorded")
    picture("movements", page.locator("header"), page.get_by_role("region", name="What followed"))

    goes_to(page, "Listeners")
    picture("listeners", at_most=800)
    is_refused(page, "/oversight", "see the oversight report", "the monitoring board")


@pytest.mark.usefixtures("monday")
def test_duty_staff_answer_an_escalation_and_rehearse_it(
    page: Page, picture: Pictures, database: Database, line: FakeLine
) -> None:
    signs_in(page, "nurse")
    expect(page.get_by_text("No escalation is open.")).to_be_visible()
    picture("staff-board", at_most=1010)
    an_escalation(database, prison_number="A1234BC", preferred_name="Robin", condition="breathing")
    line.tell()
    escalation = page.get_by_role("article").filter(has_text="B-2-014")
    expect(escalation).to_be_visible()
    picture("escalation-new", page.locator("#escalations"), at_most=1100)
    presses(page, "Acknowledge: Healthcare")
    expect(escalation).to_contain_text("by nurse, Healthcare")
    presses(page, "Acknowledge: Control room")
    presses(page, "At the door")
    expect(escalation).to_contain_text("unless somebody has spoken to the person")
    picture("escalation-going", page.locator("#escalations"), at_most=1100)
    presses(page, "Spoken to the person")
    expect(escalation).to_contain_text("reminded to close it")
    page.get_by_label("What happened?").select_option(label="Healthcare attended")
    picture("escalation-close", page.locator("#escalations"), at_most=420)
    presses(page, "Close")
    expect(page.get_by_text("No escalation is open.")).to_be_visible()
    line.hang()
    expect(page.locator("#lost")).to_be_visible(timeout=PATIENT)
    picture("not-connected", at_most=420)
    line.wake()

    goes_to(page, "Drills")
    presses(page, "Start a drill now")
    expect(done(page)).to_be_visible()
    picture("drills", at_most=700)
    page.goto("/rota")
    picture("refused", at_most=420)
    is_refused(page, "/rota", "open the rota", "coordinators")


def propose_a_profile(address: str) -> None:
    """The scheme's partner gives Listeners a longer rest."""
    with httpx.Client(base_url=address, timeout=30) as browser:
        sign_in(browser, "okoro")
        file = {"file": ("ours.toml", adult("rest_minutes = 15", "rest_minutes = 45"))}
        browser.post("/profile/propose", data={"token": token_in(browser.get("/account").text)}, files=file)


def sign_the_proposal(address: str) -> None:
    """For the scheme, as its page has it."""
    with httpx.Client(base_url=address, timeout=30) as browser:
        sign_in(browser, "okoro")
        html = browser.get("/profile").text
        version = re.findall(r'action="(/profile/versions/\d+/sign)"', html)[0]
        read = re.findall(r'name="read" value="(\w+)"', html)[0]
        browser.post(version, data={"token": token_in(html), "read": read})


@pytest.mark.usefixtures("monday")
def test_the_scheme_partner_looks_after_listeners_signs_and_turns_the_listening(
    page: Page, picture: Pictures, address: str, database: Database
) -> None:
    propose_a_profile(address)
    signs_in(page, "okoro")
    expect(page.get_by_role("heading", name="How Listeners are")).to_be_visible()
    picture("welfare", at_most=700)
    page.get_by_role("link", name="Kestrel", exact=True).click()
    expect(page.get_by_text("Wants to talk")).to_be_visible()
    picture("welfare-one", at_most=800)

    a_published_quarter(database)
    goes_to(page, "Figures")
    picture("figures", at_most=900)
    goes_to(page, "Profile")
    picture("profile-sign", page.get_by_role("region", name="Version 1"))
    presses(page, "Sign for the scheme")
    expect(done(page)).to_be_visible()
    expect(page.get_by_text("by okoro for the scheme").first).to_be_visible()

    goes_to(page, "Listening")
    page.get_by_label("Why it is turned off").select_option(label="Listeners ask for it")
    picture("listening-on", at_most=800)
    presses(page, "Turn the listening off now")
    expect(done(page)).to_contain_text("The listening is turned off.")
    picture("listening-off", at_most=800)
    page.get_by_label("Why it is turned on").select_option(label="It was looked at, and nothing was wrong")
    presses(page, "Turn the listening on")
    expect(page.get_by_text("The listening is on.")).to_be_visible()
    is_refused(page, "/listeners", "open the Listeners", "coordinators")


def test_the_governor_reads_what_would_change_signs_and_brings_it_into_force(
    page: Page, picture: Pictures, address: str
) -> None:
    propose_a_profile(address)
    sign_the_proposal(address)
    signs_in(page, "ward")
    goes_to(page, "Profile")
    presses(page, "Sign for the prison")
    expect(done(page)).to_be_visible()
    presses(page, "Bring into force")
    expect(page.get_by_text("In force since")).to_be_visible()
    picture("profile-in-force", at_most=900)
    is_refused(page, "/listening", "turn the listening off", "the scheme partner")


def test_the_monitoring_board_reads_the_report_checks_the_audit_and_sees_how_to_complain(
    page: Page, picture: Pictures, database: Database, line: FakeLine
) -> None:
    a_counted_quarter(database)
    line.heads = SomeHeads(a_head(), HeadsHeld(30, ()))
    signs_in(page, "bo")
    goes_to(page, "Oversight")
    expect(page.get_by_text("It counts what happened in three months and names nobody.")).to_be_visible()
    picture("oversight", at_most=900)
    presses(page, "Check the audit now")
    expect(page.get_by_text("Nothing is wrong with the audit.")).to_be_visible()
    picture("oversight-audit", page.locator("header"), page.locator(".verdict"))
    expect(page.get_by_role("heading", name="How to complain to somebody outside the prison")).to_be_visible()
    is_refused(page, "/welfare", "see how Listeners are", "coordinators")


def test_a_technician_sees_what_needs_a_look_and_rings_a_phone(
    page: Page, picture: Pictures, database: Database, line: FakeLine
) -> None:
    machinery(database, line)
    signs_in(page, "tech")
    expect(page.get_by_role("heading", name="Health")).to_be_visible()
    expect(page.get_by_text("Version of Wingline")).to_be_visible()
    picture("health", at_most=1000)

    goes_to(page, "Set-up")
    picture("set-up", at_most=1000)
    page.get_by_role("link", name="Test call").click()
    page.get_by_label("Which phone").select_option(index=1)
    presses(page, "Ring it")
    expect(done(page)).to_be_visible()
    picture("test-call", at_most=700)
    is_refused(page, "/profile", "see the profile", "duty staff")
