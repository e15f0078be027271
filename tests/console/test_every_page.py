"""Every page of every role in a real browser: each width, by keyboard alone, without scripts; and every page by axe.

New pages come in by themselves: from the routes, and from the links on pages. At a page that several roles share, axe
looks as one of them sees it, with ``WINGLINE_PAGES=all`` as each does; ``WINGLINE_SCREENSHOTS`` is a folder for a
picture of each.
"""

import os
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import copy

import httpx
import pytest
from evening import FakeLine, sign_in
from every_page import Found, everything_for, routes
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from served import served
from whole_console import a_whole_console, something_everywhere

from console.language import WELSH
from console.language_asked import COOKIE as LANGUAGE
from models.database import Database
from models.words import AccountRole
from wingline.setup.paths import places

WIDTHS = (320, 1280, 1920)
NOBODY = "nobody"
NAMES = {AccountRole.STAFF: "nurse", AccountRole.COORDINATOR: "sam"}
PICTURES = os.environ.get("WINGLINE_SCREENSHOTS")
AS_EACH_SEES_IT = os.environ.get("WINGLINE_PAGES") == "all"
# Files, which pages need not lead to: styles, calendars, CSV.
A_FILE = re.compile(r"/assets/.*|.*\.[a-z]+")

LOOKS = """
() => {
  const reachable = "a[href], audio, button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";
  const own = (element, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    const outline = style.outlineColor === "rgba(0, 0, 0, 0)" || style.outlineStyle === "none" ? "" : style.outline;
    return [outline, style.boxShadow, style.backgroundColor, style.borderColor, style.borderWidth].join();
  };
  // A radio of GOV.UK is drawn before its label.
  const look = (element) => {
    const label = element.nextElementSibling;
    return own(element) + own(element, "::before") + (label ? own(label, "::before") : "");
  };
  const inItsGroup = (element) => {
    if (element.type !== "radio") return true;
    const group = [...document.getElementsByName(element.name)];
    return element === (group.find((one) => one.checked) || group[0]);
  };
  document.activeElement.blur();
  const all = [...document.querySelectorAll(reachable)].filter(
    (one) => one.checkVisibility() && one.getClientRects().length && !one.disabled && inItsGroup(one)
  );
  window.all = all.map((element) => ({ element, look: look(element) }));
  window.focusNow = () => {
    const at = window.all.findIndex((one) => one.element === document.activeElement);
    return [at, at >= 0 && look(window.all[at].element) !== window.all[at].look];
  };
  return all.map((one) => (one.type?.startsWith("date") || one.localName === "audio" ? 8 : 1));
}
"""
IS_THERE = "(at) => window.all[at].element.checkVisibility()"
NAMED = "(at) => window.all[at].element.outerHTML.slice(0, 120)"
# What a script alone can do is hidden without it: a passkey.
CONTENT = """
() => [...document.querySelectorAll("main :is(h1, h2, h3, caption, label, legend, button, a)")]
  .filter((one) => one.checkVisibility() && !one.closest("[data-passkey], [data-needs-script]"))
  .map((one) => one.textContent.trim().replace(/[0-9]+/g, "0"))
"""
# What is not said to be in another language, and not typed into a machine.
SAID_HERE = """
() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const said = [];
  while (walk.nextNode()) {
    const { data, parentElement } = walk.currentNode;
    if (!parentElement.closest("body [lang], code, pre, script, noscript")) said.push(data.trim());
  }
  return said;
}
"""
A_PHRASE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")


@dataclass(frozen=True)
class Visit:
    """Somebody's browser, with scripts and without, and what it must not say."""

    page: Page
    without_scripts: Page
    complaints: list[str]


@pytest.fixture(scope="module")
def axe() -> str:
    """Fetched by ``python -m wingline.setup browser``."""
    return (places().axe / "axe.min.js").read_text()


@pytest.fixture
def app(database: Database, line: FakeLine, tmp_path: Path) -> FastAPI:
    return a_whole_console(database, line, tmp_path)


@pytest.fixture(scope="module")
def prison_with_everything(prison: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, FakeLine]:
    """Made once, for a draft of the rota takes seconds to find; each test has a copy."""
    folder = tmp_path_factory.mktemp("everything")
    database = Database(f"sqlite:///{copy(prison, folder)}")
    line = FakeLine(database)
    with closing(database), served(a_whole_console(database, line, folder)) as address:
        something_everywhere(database, address, line)
    return folder / prison.name, line


@pytest.fixture
def database(prison_with_everything: tuple[Path, FakeLine], tmp_path: Path) -> Iterator[Database]:
    with closing(Database(f"sqlite:///{copy(prison_with_everything[0], tmp_path)}")) as opened:
        yield opened


@pytest.fixture
def line(prison_with_everything: tuple[Path, FakeLine], database: Database) -> FakeLine:
    own, first = FakeLine(database), prison_with_everything[1]
    own.heads.newest, own.unreachable = first.heads.newest, first.unreachable
    return own


def found_by(address: str, app: FastAPI, who: str) -> tuple[Found, str | None]:
    with httpx.Client(base_url=address, timeout=30) as browser:
        if who != NOBODY:
            sign_in(browser, NAMES.get(AccountRole(who), who))
        return everything_for(browser, app), browser.cookies.get("wingline")


def test_somebody_can_reach_every_page(address: str, app: FastAPI) -> None:
    opened = [found_by(address, app, who)[0] for who in (NOBODY, *AccountRole)]
    seen = {route for found in opened for route in found.seen}

    assert {route for route in routes(app) if not A_FILE.fullmatch(route)} - seen == set()
    assert all(found.pages for found in opened)


@pytest.mark.parametrize("who", [NOBODY, *AccountRole])
def test_every_page_is_for_everybody(who: str, chromium: Browser, address: str, app: FastAPI, axe: str) -> None:
    found, cookie = found_by(address, app, who)
    visit = a_visit(chromium, address, cookie)
    looked_at = set() if AS_EACH_SEES_IT else looked_at_before(address, app, who)
    # One refusal is like another; and who has signed in does not do so again.
    pages = {route: at for route, at in found.pages.items() if who == NOBODY or not route.startswith("/sign-in")}
    pages |= dict(list(found.refused.items())[:1])
    wrong = []
    for route, at in pages.items():
        wrong += all_that_is_wrong(visit, at, "" if route in looked_at else axe, picture_of(who, route))
    if who == AccountRole.COORDINATOR:
        # One role is enough: that every message has its Welsh is a test of its own (tests/unit/test_language.py).
        wrong += [f"{at}: {said}" for at in pages.values() for said in not_in_welsh(visit.page, at, axe)]

    assert not wrong, "\n" + "\n".join(wrong)


def looked_at_before(address: str, app: FastAPI, who: str) -> set[str]:
    """Where axe has been as somebody else: coordinators open nearly everything."""
    others = {NOBODY: [], AccountRole.COORDINATOR: [NOBODY]}.get(who, [NOBODY, AccountRole.COORDINATOR])
    return {route for other in others for route in found_by(address, app, other)[0].pages}


def not_in_welsh(page: Page, address: str, axe: str) -> Iterator[str]:
    page.goto(address)
    english = set(page.evaluate(SAID_HERE))
    page.context.add_cookies([{"name": LANGUAGE, "value": WELSH, "url": page.url}])
    page.goto(address)
    language = page.locator("html").get_attribute("lang")
    if language != WELSH:
        yield f"its language is {language}"
    yield from (
        f"{said!r} is English" for said in page.evaluate(SAID_HERE) if said in english and A_PHRASE.search(said)
    )
    page.set_viewport_size({"width": 320, "height": 800})
    needed = page.evaluate("document.documentElement.scrollWidth")
    if needed > 320:
        yield f"at 320 px it is {needed} px wide"
    yield from kept_out(page, axe)
    page.context.clear_cookies(name=LANGUAGE)


def a_visit(chromium: Browser, address: str, cookie: str | None) -> Visit:
    complaints: list[str] = []
    page = _context(chromium, address, cookie, scripts=True).new_page()
    page.on("console", lambda message: complaints.append(_said(message)))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return Visit(page, _context(chromium, address, cookie, scripts=False).new_page(), complaints)


def all_that_is_wrong(visit: Visit, address: str, axe: str, picture: Path | None) -> list[str]:
    """Without axe, what it would say is left out."""
    visit.complaints.clear()
    page = visit.page
    page.goto(address)
    if page.locator("#board").count():
        # Its first change has come: from now on parts stay as they are.
        expect(page.locator("#said")).not_to_be_empty()
    wrong = [*named(page), *too_wide(page, picture), *lost_without_scripts(visit, address)]
    wrong += kept_out(page, axe) if axe else []
    wrong += unreachable_by_keyboard(page)
    # A refusal is an answer of 403, which chromium itself remarks on.
    said = [each for each in visit.complaints if each and "status of 403" not in each]
    return [f"{address}: {each}" for each in [*wrong, *said]]


def named(page: Page) -> Iterator[str]:
    if not re.fullmatch(r".+ \N{EN DASH} Wingline", page.title()):
        yield f"its title is {page.title()!r}"
    if page.locator("h1").count() != 1:
        yield f"it has {page.locator('h1').count()} headings of the first level"


def too_wide(page: Page, picture: Path | None) -> Iterator[str]:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1080 if width == 1920 else 800})
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            yield f"at {width} px it is {needed} px wide"
        if picture:
            page.screenshot(path=picture.with_name(f"{picture.name}-{width}.png"), full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})


def kept_out(page: Page, axe: str) -> Iterator[str]:
    page.evaluate(axe)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for violation in page.evaluate("axe.run(document).then((found) => found.violations)"):
            for node in violation["nodes"]:
                yield f"axe at {width} px, {violation['id']}: {violation['help']}: {node['html'][:200]}"


def lost_without_scripts(visit: Visit, address: str) -> Iterator[str]:
    visit.without_scripts.goto(address)
    there = set(visit.without_scripts.evaluate(CONTENT))
    yield from (f"without scripts it lacks {each!r}" for each in visit.page.evaluate(CONTENT) if each not in there)


def unreachable_by_keyboard(page: Page) -> Iterator[str]:
    stops = page.evaluate(LOOKS)
    reached: dict[int, bool] = {}
    for _ in range(sum(stops) + 10):
        page.keyboard.press("Tab")
        at, looks_different = page.evaluate("window.focusNow()")
        reached[at] = reached.get(at, False) or looks_different
        if len(reached.keys() - {-1}) == len(stops):
            break
    for at in range(len(stops)):
        if at not in reached:
            # A key press may be what it waited for, as the alarm's sound does.
            if not page.evaluate(IS_THERE, at):
                continue
            yield f"the keyboard does not reach {page.evaluate(NAMED, at)}"
        elif not reached[at]:
            yield f"nothing shows the focus on {page.evaluate(NAMED, at)}"


def picture_of(who: str, route: str) -> Path | None:
    if not PICTURES:
        return None
    Path(PICTURES).mkdir(parents=True, exist_ok=True)
    return Path(PICTURES) / f"{who}-{re.sub(r'[^a-z]+', '-', route).strip('-') or 'board'}"


def _context(chromium: Browser, address: str, cookie: str | None, *, scripts: bool) -> BrowserContext:
    context = chromium.new_context(base_url=address, java_script_enabled=scripts, locale="en-GB")
    if cookie:
        context.add_cookies([{"name": "wingline", "value": cookie, "url": address}])
    return context


def _said(message: ConsoleMessage) -> str:
    return message.text if message.type in {"error", "warning"} else ""
