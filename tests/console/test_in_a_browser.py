"""The board in a real browser: by keyboard, live, and without scripts."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from evening import PHRASE, FakeLine, a_busy_evening, an_escalation
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from real_browser import picture

from models.clock import now
from models.database import Database
from models.words import Cause, Outcome, Post


@pytest.fixture
def complaints() -> list[str]:
    """What the browser itself complained about: a blocked script, a failed request."""
    return []


@pytest.fixture
def page(chromium: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    context = chromium.new_context(base_url=address, viewport={"width": 1024, "height": 768})
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(_said(message)))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert not [said for said in complaints if said]


# Counts the tones of the alarm: a page that nobody hears looks the same.
COUNTS_TONES = """
window.tones = 0;
const made = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return made.call(this); };
"""


def test_staff_answer_an_escalation_by_keyboard_without_reloading(
    page: Page, database: Database, line: FakeLine
) -> None:
    a_busy_evening(database)
    _sign_in_by_keyboard(page)
    page.evaluate("window.sameDocument = true")
    expect(page.get_by_text("No escalation is open.")).to_be_visible()

    told = {"prison_number": "A1234BC", "preferred_name": "Sam", "condition": "breathing"}
    escalation = an_escalation(database, **told)
    line.tell()
    expect(page.get_by_role("heading", name="B-2-014")).to_be_visible()
    expect(page).to_have_title("(1) Escalation \N{EN DASH} Wingline")
    expect(page.get_by_role("alert").filter(has_text="New escalation")).to_have_text(re.compile("B-2-014"))
    assert page.evaluate("window.sameDocument")
    picture(page, "console-new")

    _answer(page, "Acknowledge: Healthcare B-2-014")
    expect(page.get_by_text("by nurse, Healthcare")).to_be_visible()
    expect(page).to_have_title("(1) Escalation \N{EN DASH} Wingline")
    _answer(page, "Acknowledge: Control room B-2-014")
    expect(page.get_by_text("by nurse, Healthcare, Control room")).to_be_visible()
    expect(page).to_have_title("Live board \N{EN DASH} Wingline")
    picture(page, "console-acknowledged")

    _answer(page, "At the door B-2-014")
    expect(page.get_by_text("unless somebody has spoken to the person")).to_be_visible()
    _answer(page, "Could not speak to them B-2-014")
    expect(page.get_by_text("nobody has spoken to the person yet")).to_be_visible()

    _answer(page, "Acknowledge: Healthcare B-2-014")
    expect(page.get_by_text("by nurse, Healthcare")).to_be_visible()
    _answer(page, "Spoken to the person B-2-014")
    expect(page.get_by_text("reminded to close it")).to_be_visible()
    picture(page, "console-spoken")
    _reach(page, "What happened?")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    _answer(page, "Close B-2-014")
    expect(page.get_by_text("No escalation is open.")).to_be_visible()
    expect(page).to_have_title("Live board \N{EN DASH} Wingline")
    assert line.closed == [
        (escalation, "nurse", False, None),
        (escalation, "nurse", True, Outcome.HEALTHCARE_ATTENDED),
    ]


def test_it_sounds_until_all_have_acknowledged_who_must(page: Page, database: Database, line: FakeLine) -> None:
    page.add_init_script(COUNTS_TONES)
    _sign_in_by_keyboard(page)
    page.get_by_role("heading", name="Live board").click(force=True)
    escalation = an_escalation(database)
    line.tell()
    _sounds(page)
    line.take(escalation, Post.HEALTHCARE)
    expect(page.get_by_text("by Healthcare")).to_be_visible()
    _sounds(page)

    line.take(escalation, Post.ORDERLY_OFFICER)
    expect(page.get_by_text("by Healthcare, Orderly officer")).to_be_visible()
    tones = page.evaluate("window.tones")
    page.evaluate("beep()")
    assert page.evaluate("window.tones") == tones
    expect(page).to_have_title("Live board \N{EN DASH} Wingline")


def test_a_change_elsewhere_keeps_what_somebody_is_choosing(page: Page, database: Database, line: FakeLine) -> None:
    first = an_escalation(database, cause=Cause.CALLER_AGREED, danger=None)
    _sign_in_by_keyboard(page)
    line.take(first, Post.HEALTHCARE)
    page.get_by_label("What happened?").select_option("emergency_services")
    page.get_by_label("What happened?").focus()

    an_escalation(database, "two", cause=Cause.CALLER_ASKED, danger=None)
    line.tell()
    expect(page.get_by_role("heading", name="Caller asked for staff")).to_be_visible()
    expect(page.get_by_label("What happened?")).to_have_value("emergency_services")
    expect(page.get_by_label("What happened?")).to_be_focused()


def test_acct_times_run_down_and_say_when_they_are_over(page: Page, database: Database) -> None:
    an_escalation(database, raised_at=now() - timedelta(minutes=59, seconds=55))
    _sign_in_by_keyboard(page)

    plan = page.locator("time[data-until]").first
    expect(plan).to_have_text(re.compile(r"^\d s left$"))
    expect(plan).to_have_text(re.compile(r"^over for \d s$"), timeout=8000)


def test_durations_tick(page: Page, database: Database) -> None:
    a_busy_evening(database)
    _sign_in_by_keyboard(page)

    waited = page.locator("#calls time").first
    expect(waited).to_have_text(re.compile(r"^1 min \d\d s$"))
    before = waited.inner_text()
    expect(waited).not_to_have_text(before)


def test_a_board_that_hears_nothing_says_so_within_five_seconds(page: Page, line: FakeLine) -> None:
    _sign_in_by_keyboard(page)
    expect(page.locator("#lost")).to_be_hidden()
    line.hang()

    expect(page.locator("#lost")).to_be_visible(timeout=7500)
    expect(page.locator("#lost")).to_contain_text("lost its connection")
    line.wake()
    expect(page.locator("#lost")).to_be_hidden(timeout=7500)


def test_signing_out_elsewhere_takes_the_board_away(page: Page, database: Database, complaints: list[str]) -> None:
    a_busy_evening(database)
    _sign_in_by_keyboard(page)
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=8000)
    assert [said for said in complaints if said] == [
        "Failed to load resource: the server responded with a status of 401 (Unauthorized)"
    ]
    complaints.clear()


@pytest.mark.parametrize("width", [320, 375, 1024, 1920])
def test_nothing_is_cut_off(page: Page, database: Database, width: int) -> None:
    a_busy_evening(database)
    an_escalation(database)
    page.set_viewport_size({"width": width, "height": 768})
    _sign_in_by_keyboard(page)

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, f"console-{width}")


def test_without_scripts_the_board_works_and_reloads_itself(
    chromium: Browser, address: str, database: Database, line: FakeLine
) -> None:
    escalation = an_escalation(database)
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    _sign_in_by_keyboard(page)

    assert page.locator("meta[http-equiv=refresh]").count() == 1
    page.get_by_role("button", name="Acknowledge: Healthcare").click()
    page.get_by_role("button", name="At the door").click()
    expect(page.get_by_text("At the door", exact=True)).to_be_visible()
    page.get_by_role("button", name="Spoken to the person B-2-014").click()
    page.get_by_label("What happened?").select_option("safe_now")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("No escalation is open.")).to_be_visible()
    assert line.closed == [(escalation, "nurse", True, Outcome.SAFE_NOW)]
    context.close()


def _sign_in_by_keyboard(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    _reach(page, "Name of the account")
    page.keyboard.type("nurse")
    page.keyboard.press("Tab")
    page.keyboard.type(PHRASE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Live board")).to_be_attached()


def _sounds(page: Page) -> None:
    """Within the time in which the alarm comes again; the page's own rules forbid to wait by a script."""
    before = page.evaluate("window.tones")
    for _ in range(60):
        if page.evaluate("window.tones") > before:
            return
        page.wait_for_timeout(100)
    pytest.fail("the alarm is not heard")


def _answer(page: Page, name: str) -> None:
    _reach(page, name)
    page.keyboard.press("Enter")


def _reach(page: Page, name: str) -> None:
    """Tabs until the element with this label or text has the focus."""
    for _ in range(25):
        focused = page.locator(":focus")
        if focused.count() and name in _names(focused.first):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {name!r}")


def _names(element: object) -> list[str]:
    return element.evaluate("e => [e.textContent.trim(), ...[...(e.labels || [])].map(l => l.textContent.trim())]")  # type: ignore[attr-defined]


def _said(message: ConsoleMessage) -> str:
    return message.text if message.type in {"error", "warning"} else ""
