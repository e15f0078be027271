"""Somebody is answered in the language that they chose, or their browser asks for, or their site speaks first."""

import re

import httpx
import pytest
from evening import SITE, a_busy_evening, an_escalation, sign_in, token_in

from models.database import Database
from models.tables import Site

WELSH = {"accept-language": "cy, en;q=0.5"}


def language_of(answer: httpx.Response) -> str:
    return str(re.findall(r'<html lang="(\w+)"', answer.text)[0])


def test_a_button_on_every_page_leads_back_to_it_in_the_other_language(browser: httpx.Client) -> None:
    page = browser.get("/sign-in?from=here")
    assert '<button class="top__button" name="language" value="cy" lang="cy">Cymraeg</button>' in page.text
    assert '<input type="hidden" name="back" value="/sign-in?from=here">' in page.text

    answer = browser.post("/language", data={"language": "cy", "back": "/sign-in?from=here"})

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?from=here"
    page = browser.get("/sign-in")
    assert language_of(page) == "cy"
    assert '<h1 class="govuk-heading-l">Mewngofnodi</h1>' in page.text
    assert ">English</button>" in page.text


def test_what_somebody_chose_goes_before_what_their_browser_asks_for(browser: httpx.Client) -> None:
    assert language_of(browser.get("/sign-in", headers=WELSH)) == "cy"

    browser.post("/language", data={"language": "en"})

    assert language_of(browser.get("/sign-in", headers=WELSH)) == "en"


def test_a_browser_that_asks_for_nothing_of_ours_gets_the_first_language_of_the_site(
    browser: httpx.Client, database: Database
) -> None:
    for first in ("en", "cy", "pl"):
        with database.transaction() as session:
            session.get_one(Site, SITE).language = first

        assert language_of(browser.get("/sign-in", headers={"accept-language": "de"})) == first.replace("pl", "en")


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere", "", "/a\nb"])
def test_it_leads_back_to_our_own_pages_alone(browser: httpx.Client, back: str) -> None:
    assert browser.post("/language", data={"language": "cy", "back": back}).headers["location"] == "/"


def test_no_other_language_can_be_chosen(browser: httpx.Client) -> None:
    browser.post("/language", data={"language": "tlh"})

    assert "wingline_language" not in browser.cookies


def test_a_form_that_has_to_be_corrected_is_not_left(browser: httpx.Client) -> None:
    """No button there: what was written would be lost."""
    answer = sign_in(browser, "nurse", "wrong")

    assert answer.status_code == 403
    assert 'action="/language"' not in answer.text


def test_the_board_of_the_night_is_in_welsh_also_when_it_changes(browser: httpx.Client, database: Database) -> None:
    a_busy_evening(database)
    an_escalation(database)
    sign_in(browser)

    page = browser.get("/", headers=WELSH).text
    with browser.stream("GET", "/live", headers=WELSH | {"accept": "text/event-stream"}) as stream:
        change = next(line for line in stream.iter_lines() if line.startswith("data: {"))

    for said in (
        "Uwchgyfeiriadau ar agor",
        "Bywyd mewn perygl nawr",
        "Cydnabod",
        "Achub bywyd yn gyntaf",
        "%(hours)s awr",
    ):
        assert said in page
    assert "Uwchgyfeiriadau ar agor" in change
    assert "uwchgyfeiriad ar agor." in change.encode().decode("unicode_escape")
    assert "Acknowledge" not in page + change


def test_what_a_form_answers_is_in_welsh(browser: httpx.Client, database: Database) -> None:
    an_escalation(database)
    sign_in(browser)
    token = token_in(browser.get("/").text)

    answer = browser.post("/escalations/escalation-one/close", data={"token": token}, headers=WELSH)

    assert answer.status_code == 422
    assert "Dywedwch a oes rhywun wedi siarad" in answer.text


def test_other_systems_are_answered_in_english(browser: httpx.Client) -> None:
    assert browser.get("/api/v1/rota", headers=WELSH).json() == browser.get("/api/v1/rota").json()
