"""What the pages show and refuse, over HTTP."""

import re

import httpx
import pytest
from evening import CODE_NAMES, PHRASE, SITE, FakeLine, a_busy_evening, an_escalation, sign_in, token_in

from console.accounts import add_account
from console.ports import HearingNow
from listeners.store import ask_for_debrief
from models.clock import now
from models.database import Database
from models.errors import NotAllowed
from models.words import AccountRole, ListenerId


def test_nobody_sees_the_board_before_signing_in(browser: httpx.Client) -> None:
    assert browser.get("/").headers["location"] == "/sign-in"
    assert browser.get("/live").status_code == 401
    assert browser.get("/healthz").text == "ok"


def test_signing_in_leads_to_the_board_with_a_cookie_that_scripts_and_other_sites_cannot_use(
    browser: httpx.Client,
) -> None:
    answer = sign_in(browser)

    assert answer.headers["location"] == "/"
    assert {"HttpOnly", "SameSite=strict"} <= set(answer.headers["set-cookie"].split("; "))
    assert "Live board" in browser.get("/").text


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(browser: httpx.Client) -> None:
    wrong_name, wrong_password = sign_in(browser, "nobody"), sign_in(browser, "nurse", "wrong")

    assert wrong_name.status_code == wrong_password.status_code == 403
    assert _without_tokens(wrong_name.text) == _without_tokens(wrong_password.text)


def test_five_wrong_passwords_make_that_name_wait_and_no_other(browser: httpx.Client) -> None:
    for _ in range(5):
        sign_in(browser, "nurse", "wrong")

    assert sign_in(browser, "nurse").status_code == 429
    assert sign_in(browser, "sam").status_code == 303


def test_a_session_that_was_signed_out_is_over_even_for_who_kept_the_cookie(browser: httpx.Client) -> None:
    sign_in(browser)
    kept = browser.cookies["wingline"]
    browser.post("/sign-out", data={"token": token_in(browser.get("/").text)})

    browser.cookies.set("wingline", kept)
    assert browser.get("/").headers["location"] == "/sign-in"


def test_a_cookie_that_we_did_not_sign_opens_nothing(browser: httpx.Client) -> None:
    browser.cookies.set("wingline", "WyJtYXJrIiwiYWNjb3VudCJd.forged.forged")

    assert browser.get("/").headers["location"] == "/sign-in"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/escalations/escalation-one/acknowledge"])
@pytest.mark.parametrize("token", ["", "forged", "ünï"])
def test_a_form_without_our_token_is_refused(
    browser: httpx.Client, database: Database, line: FakeLine, path: str, token: str
) -> None:
    an_escalation(database)
    sign_in(browser)

    assert browser.post(path, data={"token": token, "name": "nurse", "password": PHRASE}).status_code == 403
    assert line.happenings == []


def test_staff_see_no_code_name_and_coordinators_do(browser: httpx.Client, database: Database) -> None:
    a_busy_evening(database)

    sign_in(browser, "nurse")
    staff = browser.get("/").text
    sign_in(browser, "sam")
    coordinator = browser.get("/").text
    assert not [name for name in CODE_NAMES if name in staff]
    assert not [name for name in CODE_NAMES if name not in coordinator]


def test_a_coordinator_sees_who_asked_to_talk_and_says_that_they_have(
    browser: httpx.Client, database: Database
) -> None:
    with database.transaction() as session:
        ask_for_debrief(session, ListenerId("listener-Kestrel"))
    asked = "asked to talk after a call"
    held = "/debriefs/Kestrel/held"

    sign_in(browser, "nurse")
    staff = browser.get("/").text
    assert asked not in staff
    assert browser.post(held, data={"token": token_in(staff)}).status_code == 403
    sign_in(browser, "sam")
    coordinator = browser.get("/").text
    assert asked in coordinator
    assert browser.post(held, data={"token": token_in(coordinator)}).status_code == 303
    assert asked not in browser.get("/").text


@pytest.mark.parametrize("name", ["nurse", "sam"])
def test_no_id_of_a_call_phone_cell_or_listener_is_anywhere_on_the_page(
    browser: httpx.Client, database: Database, name: str
) -> None:
    a_busy_evening(database)
    an_escalation(database)
    sign_in(browser, name)

    page = browser.get("/").text
    ours = page.replace("listeners-title", "").replace("uk-listener-adult", "")
    assert not re.findall(r"\b(?:call|cell|phone|listener|wing|talk|offer|shift|account)-[\w]+", ours)
    assert re.findall(r"<title>(.*)</title>", page) == ["Live board \N{EN DASH} Wingline"]


def test_an_empty_board_says_so(browser: httpx.Client) -> None:
    sign_in(browser)

    page = browser.get("/").text
    for words in ("No escalation is open.", "Nobody is waiting.", "Nobody is talking.", "No Listener is on duty"):
        assert words in page


def test_the_top_says_when_the_telephones_are_gone_and_since_when_nothing_listens(
    browser: httpx.Client, line: FakeLine
) -> None:
    line.asterisk_up, line.hears = False, HearingNow(listening=False, since=now())
    sign_in(browser)

    page = browser.get("/").text
    assert "The telephones are not answering Wingline" in page
    assert re.search(r"<strong>Not listening</strong> since \d\d:\d\d — calls go on without it", page)


def test_the_board_says_when_the_machine_does_not_keep_up(browser: httpx.Client, line: FakeLine) -> None:
    sign_in(browser)
    assert "It is busy" not in browser.get("/").text
    line.hears = HearingNow(listening=True, since=now(), left_out=3, unheard=12.4)

    page = browser.get("/").text
    assert "It is busy: 3 phrases were heard only once." in page
    assert "It does not keep up: 12 seconds of calls were not heard by it." in page


def test_names_are_escaped(browser: httpx.Client, database: Database) -> None:
    database.do(lambda session: add_account(session, SITE, name="<b>x</b>", password=PHRASE, role=AccountRole.STAFF))
    sign_in(browser, "<b>x</b>")

    page = browser.get("/").text
    assert "HMP &lt;Demo&gt; &amp; Sons" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>" not in page


def test_nothing_is_inline_or_from_elsewhere(browser: httpx.Client, database: Database) -> None:
    a_busy_evening(database)
    sign_in(browser)

    answer = browser.get("/")
    assert not re.search(r"<style|style=|<script(?! src=\"/)|\son\w+=|https?://", answer.text)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


def test_an_account_needs_a_long_password_and_a_name_of_its_own(database: Database) -> None:
    with pytest.raises(NotAllowed, match="fewer than 12"), database.transaction() as session:
        add_account(session, SITE, name="new", password=PHRASE[:5], role=AccountRole.STAFF)
    with pytest.raises(NotAllowed, match="another account"), database.transaction() as session:
        add_account(session, SITE, name="nurse", password=PHRASE, role=AccountRole.STAFF)


def _without_tokens(html: str) -> str:
    return re.sub(r'value="[^"]*"', "", html)
