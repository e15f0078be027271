"""What the board says of an escalation, to whom, and what staff can answer; over HTTP, as without scripts."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from evening import FakeLine, an_escalation, sign_in, token_in

from console import wording
from escalation.acct import Duty
from escalation.case import Acknowledged, AtDoor, HandedOver, Spoken
from models.clock import now
from models.dangers import Danger
from models.database import Database
from models.tables import Escalation
from models.words import STAFF_OUTCOMES, Cause, Condition, EmergencyCode, EscalationId, Outcome, Post, TellingEnd

HEALTHCARE, CONTROL = Post.HEALTHCARE, Post.CONTROL_ROOM


def post(browser: httpx.Client, escalation: str, act: str, **answer: str) -> httpx.Response:
    token = token_in(board(browser))
    return browser.post(f"/escalations/{escalation}/{act}", data={"token": token} | answer)


def board(browser: httpx.Client, who: str = "nurse") -> str:
    """As they see it."""
    if "wingline" not in browser.cookies:
        sign_in(browser, who)
    return browser.get("/").text


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def buttons(html: str) -> list[str]:
    """What can be answered, by the ids of the buttons."""
    answers = html.split('class="answers"')[1].partition("</article>")[0]
    return re.findall(r'id="escalation-one-([a-z_-]+)">', answers)


def row(database: Database, escalation: str) -> Escalation:
    return database.do(lambda session: session.get_one(Escalation, escalation))


# ---- who sees it


def test_staff_see_where_to_go_and_coordinators_only_that_something_is_open(
    browser: httpx.Client, database: Database
) -> None:
    an_escalation(database)

    sign_in(browser, "nurse")
    staff = browser.get("/").text
    sign_in(browser, "sam")
    coordinator = browser.get("/").text
    assert "B-2-014" in staff
    assert "Danger to life now: risk of suicide, with a plan or a means" in staff
    assert "Preserve life first" in staff
    assert "B-2-014" not in coordinator
    assert "Danger" not in coordinator
    assert "1 not acknowledged yet" in coordinator


@pytest.mark.parametrize("who", ["nurse", "sam"])
def test_before_it_is_decided_nobody_sees_that_there_is_anything(
    browser: httpx.Client, database: Database, who: str
) -> None:
    an_escalation(database, cause=Cause.PERSON_AT_RISK, danger=None)

    page = board(browser, who)
    assert "No escalation is open." in page
    assert "escalation-one" not in page


def test_the_place_of_a_person_at_risk_is_not_on_a_screen_that_a_wing_can_see(
    browser: httpx.Client, database: Database
) -> None:
    told = {"prison_number": "A1234BC", "preferred_name": "Sam", "deciding": False}
    an_escalation(database, cause=Cause.PERSON_AT_RISK, danger=None, **told)

    page = board(browser)
    assert "The place is told by phone alone" in page
    assert not [fact for fact in ("B-2-014", "A1234BC", "Sam") if fact in page]


ACTS = ["acknowledge", "at-door", "spoken", "hand-over", "close"]


@pytest.mark.parametrize("act", ACTS)
def test_a_coordinator_cannot_answer_an_escalation(
    browser: httpx.Client, database: Database, line: FakeLine, act: str
) -> None:
    escalation = an_escalation(database)
    board(browser, "sam")

    assert post(browser, escalation, act, spoken="yes", outcome="safe_now").status_code == 403
    assert (line.happenings, line.closed) == ([], [])


@pytest.mark.parametrize("act", ACTS)
def test_an_answer_without_our_token_is_refused(
    browser: httpx.Client, database: Database, line: FakeLine, act: str
) -> None:
    escalation = an_escalation(database)
    board(browser)

    answer = {"token": "forged", "spoken": "no"}
    assert browser.post(f"/escalations/{escalation}/{act}", data=answer).status_code == 403
    assert (line.happenings, line.closed) == ([], [])


# ---- what it says


def test_one_look_says_code_place_person_condition_line_first_action_and_profile(
    browser: httpx.Client, database: Database
) -> None:
    told: dict[str, Any] = {"prison_number": "A1234BC", "preferred_name": "Sam", "condition": Condition.NOT_BREATHING}
    an_escalation(database, profile="uk-listener-adult 3", **told)

    page = plain(board(browser))
    first, later = page.split("Do first:")
    assert re.search(r"Code blue B-2-014 Danger to life now: .* A1234BC, Sam Not breathing\. Not on the line", first)
    assert later.strip().startswith("Call your emergency code")
    assert "The caller The person was told that you know" in later
    assert "Profile uk-listener-adult, version 3" in later


def test_a_profile_that_nobody_has_signed_is_said_to_be_so(browser: httpx.Client, database: Database) -> None:
    an_escalation(database)

    assert "Profile uk-listener-adult, not signed here" in plain(board(browser))


def test_the_clocks_of_its_life_run_from_raised_to_spoken(browser: httpx.Client, database: Database) -> None:
    times = {"acknowledged_at": 4, "at_door_at": 3, "spoken_at": 2}
    said = {column: now() - timedelta(minutes=ago) for column, ago in times.items()}
    who = {"acknowledged_by": "healthcare", "acknowledged_posts": ["healthcare"], "at_door_by": "nurse"}
    an_escalation(database, raised_at=now() - timedelta(minutes=5), spoken_by="control_room", **said, **who)

    page = board(browser)
    clocks = page.split('<ol class="stages">')[1].split("</ol>")[0]
    assert re.findall(r"data-since>(\d min) \d\d s<", clocks) == ["5 min", "4 min", "3 min", "2 min"]
    assert re.findall(r"by ([A-Za-z ]+) <", re.sub(r"\s+", " ", clocks)) == ["Healthcare", "nurse", "Control room"]
    assert plain(clocks).strip().endswith("Closed not yet")


def test_who_is_still_wanted_is_said_until_they_go(browser: httpx.Client, database: Database, line: FakeLine) -> None:
    escalation = an_escalation(database)
    everybody = "Still wanted Control room or Orderly officer or Duty office, and Healthcare"

    assert everybody in plain(board(browser))
    line.take(escalation, HEALTHCARE)
    assert "Still wanted Control room or Orderly officer or Duty office Next" in plain(board(browser))
    line.take(escalation, CONTROL)
    assert "Still wanted" not in plain(board(browser))


def test_a_self_harm_concern_shows_the_acct_times_and_what_wingline_does_not_do(
    browser: httpx.Client, database: Database
) -> None:
    an_escalation(database, raised_at=now() - timedelta(minutes=30))

    page = board(browser)
    left = re.findall(r"data-until>([^<]*)<", page)
    assert re.fullmatch(r"29 min \d\d s left", left[0])
    assert left[1:] == ["23 h 29 min left"] * 2
    assert "Wingline does not open an ACCT and writes to no prison record." in page


def test_an_acct_time_that_is_over_says_since_when(browser: httpx.Client, database: Database) -> None:
    an_escalation(database, raised_at=now() - timedelta(hours=1, minutes=2))

    assert re.search(r"data-until>over for 2 min \d\d s<", board(browser))


def test_other_concerns_have_no_acct_times(browser: httpx.Client, database: Database) -> None:
    an_escalation(database, cause=Cause.CALLER_AGREED, danger=None)

    assert "ACCT times" not in board(browser)


def test_everything_that_can_be_shown_has_words() -> None:
    for words, kinds in (
        (wording.CAUSES, Cause),
        (wording.AGREED, Cause),
        (wording.DO_FIRST, Cause),
        (wording.DANGERS, Danger),
        (wording.POSTS, Post),
        (wording.CONDITIONS, Condition),
        (wording.CODES, EmergencyCode),
        (wording.ACCT, Duty),
        (wording.OUTCOMES, STAFF_OUTCOMES),
        (wording.TELLINGS, (None, *TellingEnd)),
    ):
        assert set(words) == set(kinds)


# ---- what staff answer


def test_at_first_they_can_go_and_nothing_else(browser: httpx.Client, database: Database) -> None:
    an_escalation(database)

    assert buttons(board(browser)) == [
        *("acknowledge-control_room", "acknowledge-orderly_officer", "acknowledge-duty_office"),
        "acknowledge-healthcare",
    ]


def test_where_anybody_is_enough_there_is_one_button(browser: httpx.Client, database: Database) -> None:
    an_escalation(database, cause=Cause.CALLER_ASKED, danger=None)

    assert buttons(board(browser)) == ["acknowledge"]


def test_each_step_offers_what_comes_next(browser: httpx.Client, database: Database) -> None:
    escalation = an_escalation(database, cause=Cause.CALLER_ASKED, danger=None)
    going = ["at-door", "spoken", "not-spoken", "hand-over", "close"]

    post(browser, escalation, "acknowledge")
    assert buttons(board(browser)) == going
    post(browser, escalation, "at-door")
    assert buttons(board(browser)) == going[1:]
    post(browser, escalation, "spoken")
    assert buttons(board(browser)) == going[4:]


def test_acknowledging_counts_for_the_post_of_the_button_and_says_who_did(
    browser: httpx.Client, database: Database, line: FakeLine
) -> None:
    escalation = an_escalation(database)

    post(browser, escalation, "acknowledge", post="healthcare")

    assert line.happenings == [(escalation, Acknowledged("nurse", HEALTHCARE))]
    assert "by nurse, Healthcare" in plain(board(browser))
    assert "acknowledge-healthcare" not in buttons(board(browser))
    assert "acknowledge-control_room" in buttons(board(browser))


def test_being_at_the_door_does_not_count_for_others_who_are_wanted(browser: httpx.Client, database: Database) -> None:
    escalation = an_escalation(database)
    post(browser, escalation, "acknowledge", post="healthcare")
    at_the_door = re.search(r'at-door">.*?name="post" value="(\w+)"', board(browser), re.DOTALL)
    assert at_the_door

    post(browser, escalation, "at-door", post=at_the_door[1])

    assert row(database, escalation).acknowledged_posts == ["healthcare"]
    assert row(database, escalation).at_door_by == "nurse"


def test_a_late_at_the_door_counts_for_its_own_post_alone(browser: httpx.Client, database: Database) -> None:
    """It came back while the page was open."""
    escalation = an_escalation(database)

    post(browser, escalation, "at-door", post="healthcare")

    assert row(database, escalation).acknowledged_posts == ["healthcare"]


def test_what_they_do_reaches_the_line_under_their_name(
    browser: httpx.Client, database: Database, line: FakeLine
) -> None:
    escalation = an_escalation(database, cause=Cause.CALLER_ASKED, danger=None)

    for act in ("acknowledge", "hand-over", "acknowledge", "at-door", "spoken"):
        assert post(browser, escalation, act).headers["location"] == "/"

    assert [event for _, event in line.happenings] == [
        *(Acknowledged("nurse"), HandedOver("nurse"), Acknowledged("nurse"), AtDoor("nurse"), Spoken("nurse")),
    ]


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({}, "Say whether somebody has spoken"),
        ({"spoken": "", "outcome": "safe_now"}, "Say whether somebody has spoken"),
        ({"spoken": "yes", "outcome": ""}, "Say also what happened"),
        ({"spoken": "yes", "outcome": "not_told"}, "Say also what happened"),
    ],
)
def test_closing_needs_an_explicit_yes_or_no_and_an_outcome_of_the_list(
    browser: httpx.Client, database: Database, line: FakeLine, answer: dict[str, str], complaint: str
) -> None:
    escalation = acknowledged(browser, database)
    page = post(browser, escalation, "close", **answer)

    assert page.status_code == 422
    assert complaint in page.text
    # A page that asks for a correction must not reload itself.
    assert "http-equiv" not in page.text
    assert line.closed == []


def test_the_list_has_nothing_chosen_and_only_what_staff_can_say(browser: httpx.Client, database: Database) -> None:
    acknowledged(browser, database)

    page = board(browser)
    assert re.findall(r'<option value="(\w*)"', page) == ["", *STAFF_OUTCOMES]
    assert "selected" not in page


def test_could_not_speak_to_them_climbs_again_and_closing_closes(
    browser: httpx.Client, database: Database, line: FakeLine
) -> None:
    escalation = acknowledged(browser, database)
    post(browser, escalation, "close", spoken="no", outcome="safe_now")
    climbed = board(browser)
    post(browser, escalation, "close", spoken="yes", outcome="healthcare_attended")

    assert line.closed == [
        (escalation, "nurse", False, None),
        (escalation, "nurse", True, Outcome.HEALTHCARE_ATTENDED),
    ]
    assert buttons(climbed) == ["acknowledge"]
    assert "No escalation is open." in board(browser)


@pytest.mark.parametrize("act", ["acknowledge", "at-door", "spoken", "hand-over"])
def test_what_cannot_be_done_any_more_is_said_in_words(browser: httpx.Client, database: Database, act: str) -> None:
    escalation = acknowledged(browser, database)
    post(browser, escalation, "close", spoken="yes", outcome="safe_now")
    late = post(browser, escalation, act)

    assert late.status_code == 409
    assert "Look again at how it stands now" in late.text


def acknowledged(browser: httpx.Client, database: Database) -> EscalationId:
    escalation = an_escalation(database, cause=Cause.CALLER_ASKED, danger=None)
    post(browser, escalation, "acknowledge")
    return escalation
