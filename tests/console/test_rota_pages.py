"""The coordinator's rota over HTTP: the week, gaps, swaps, drafts; and what is never said."""

import asyncio
import re
from datetime import date, timedelta

import httpx
import pytest
from builders import a_shift_row
from evening import CODE_NAMES, PASSWORD_ALONE, SITE, FakeLine, sign_in, token_in
from fastapi import FastAPI
from rota_on_console import (
    LITTLE_EFFORT,
    SCHEME,
    a_rota,
    acts,
    as_sam,
    kept_apart,
    next_monday,
    on,
    send,
    text_of,
    who_is_on,
)
from sqlalchemy import delete, select, update

from console.app import create_app
from console.rota import forms as rota_forms
from models import tables
from models.clock import now
from models.database import Database
from models.words import Cover, RotaState, Standing, WishKind

DAY = timedelta(days=1)


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    return create_app(database, line=line, secret="s" * 40, site=SITE, scheme=SCHEME, rules=PASSWORD_ALONE)


@pytest.fixture
def by_rule(app: FastAPI, database: Database, line: FakeLine) -> None:
    """On this site nobody looks at a swap that breaks no rule."""
    rules = create_app(
        database, line=line, secret="s" * 40, site=SITE, scheme=SCHEME, swaps_by_rule=True, rules=PASSWORD_ALONE
    )
    app.state.desk = rules.state.desk


@pytest.fixture(autouse=True)
def _little_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rota_forms, "EFFORT", LITTLE_EFFORT)


@pytest.fixture
def monday(database: Database, browser: httpx.Client) -> date:
    """Of the week of the rota; sam is signed in."""
    monday = a_rota(database)
    as_sam(browser)
    return monday


def the_week(browser: httpx.Client, day: date) -> str:
    return browser.get("/rota", params={"week": day.isoformat()}).text


def the_gap(browser: httpx.Client, day: date) -> str:
    return browser.get(f"/rota/gaps/night {day}").text


def a_draft(browser: httpx.Client) -> str:
    """The address of its page."""
    address: str = send(browser, "/rota/generate").headers["location"]
    return address.partition("?")[0]


# ---- who may


@pytest.mark.parametrize(
    "path",
    [
        "/rota",
        "/rota/gaps/night 2026-03-16",
        "/rota/swaps/swap-1",
        "/rota/drafts/rota-1",
        "/rota/month",
        "/rota/day",
        "/rota/people",
        "/rota/people/0a1b2c",
        "/rota/shifts/shift-1/move",
        "/rota/compare",
        "/rota/sheet",
    ],
)
def test_duty_staff_are_refused_and_strangers_sign_in_first(
    browser: httpx.Client, database: Database, path: str
) -> None:
    a_rota(database)

    assert browser.get(path).headers["location"] == "/sign-in"
    sign_in(browser, "nurse")
    answer = browser.get(path)
    assert answer.status_code == 403
    assert "that is for coordinators" in answer.text
    assert not [name for name in CODE_NAMES if name in answer.text]


def test_the_board_leads_coordinators_to_the_rota_and_duty_staff_not(browser: httpx.Client) -> None:
    sign_in(browser, "nurse")
    staff = browser.get("/").text
    as_sam(browser)

    assert 'href="/rota"' not in staff
    assert 'href="/rota"' in browser.get("/").text


@pytest.mark.parametrize(
    "path",
    [
        "gaps/night {}/give",
        "shifts/shift-Kestrel-{}/take-off",
        "shifts/shift-Kestrel-{}/swap",
        "move",
        "changes/change-1/take-back",
        "swaps/swap-1/accept",
        "swaps/swap-1/approve",
        "swaps/swap-1/refuse",
        "swaps/swap-1/withdraw",
        "generate",
        "drafts/rota-1/publish",
        "drafts/rota-1/discard",
    ],
)
def test_nothing_is_done_for_duty_staff_or_without_our_token(
    browser: httpx.Client, database: Database, monday: date, path: str
) -> None:
    address = f"/rota/{path.format(monday)}"
    forged = browser.post(address, data={"token": "forged", "listener": "Osprey"})
    sign_in(browser, "nurse")

    assert forged.status_code == send(browser, address, listener="Osprey").status_code == 403
    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Linnet", "backup")}
    assert acts(database) == []


# ---- the week


def test_the_week_says_who_is_on_when_by_local_time_and_how_many_seats_are_empty(
    browser: httpx.Client, monday: date
) -> None:
    page = text_of(the_week(browser, monday + 3 * DAY))

    first, second, third = (page[page.index(name) :] for name in ("Monday", "Tuesday", "Wednesday"))
    assert "11 seats are empty this week." in page
    assert re.match(r"Monday \d+ \w+ Night 20:00 to 00:00 Kestrel .*? Linnet backup .*? Tuesday", first)
    assert re.match(r"Tuesday \d+ \w+ Night 20:00 to 00:00 Merlin .*? 1 seat is empty Suggest somebody", second)
    assert re.match(r"Wednesday \d+ \w+ Night 20:00 to 00:00 Nobody is on: 2 seats are empty", third)


def test_weeks_lead_to_each_other_and_the_four_weeks_ahead_are_counted(browser: httpx.Client, monday: date) -> None:
    page = the_week(browser, monday)

    assert f'href="/rota?week={monday - 7 * DAY}"' in page
    assert f'href="/rota?week={monday + 7 * DAY}"' in page
    assert "14 empty seats" in text_of(page)


@pytest.mark.parametrize("week", ["soon", "0001-01-01", "9999-12-31"])
def test_a_week_that_is_none_is_refused_in_words(browser: httpx.Client, monday: date, week: str) -> None:
    del monday
    answer = browser.get("/rota", params={"week": week})

    assert answer.status_code == 403
    assert "there is no day called" in answer.text


def test_a_shift_written_by_hand_and_somebody_who_has_left_stay_on_the_page(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    with database.transaction() as session:
        begins = now().replace(hour=9, minute=0) - 14 * DAY
        session.add(a_shift_row("Osprey", starts_at=begins, ends_at=begins + timedelta(hours=2)))
        on(session, "Linnet", begins.date() + DAY)
        gone = update(tables.Listener).where(tables.Listener.code_name.in_(["Osprey", "Linnet"]))
        session.execute(gone.values(standing=Standing.LEFT.value))
    page = text_of(the_week(browser, begins.date()))

    assert "Written by hand" in page
    assert "Osprey" in page
    assert the_week(browser, monday).count("Linnet") > 0


def test_what_is_over_cannot_be_changed_and_asks_for_nobody(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    past = monday - 14 * DAY
    with database.transaction() as session:
        on(session, "Kestrel", past)

    page = the_week(browser, past)
    assert "1 seat was empty" in page
    assert "Suggest somebody" not in page.split('<div class="rota govuk-body">')[1].split('class="columns"')[0]
    late = send(browser, f"/rota/shifts/shift-Kestrel-{past}/take-off", week=str(past))
    assert late.status_code == 409
    assert "it is over" in late.text
    given = send(browser, f"/rota/gaps/night {past}/give", listener="Osprey")
    assert given.status_code == 409
    assert "the shift is over" in given.text
    assert who_is_on(database, past) == {("Kestrel", "first")}


def test_a_site_without_a_scheme_is_told_what_to_write(app: FastAPI, browser: httpx.Client, database: Database) -> None:
    app.state.desk = create_app(
        database, line=app.state.desk.line, secret="s" * 40, site=SITE, rules=PASSWORD_ALONE
    ).state.desk
    as_sam(browser)

    page = browser.get("/rota")
    assert page.status_code == 200
    assert "[[patterns]]" in page.text
    assert "weekly_minutes" in page.text
    refused = send(browser, "/rota/generate")
    assert refused.status_code == 403
    assert "the site file has no" in refused.text


# ---- somebody for an empty seat


def test_a_gap_says_why_what_would_free_it_and_who_could_with_reasons(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    with database.transaction() as session:
        session.execute(update(tables.Listener).where(tables.Listener.code_name == "Osprey").values(phone_id=None))
        session.add(
            tables.Wish(id="wish-1", listener_id="listener-Linnet", kind=WishKind.LIKES, starts="18:00", ends="22:00")
        )
    page = text_of(the_gap(browser, monday + 2 * DAY))

    assert "Nobody is on it." in page
    assert "Osprey, if they had a phone" in page
    assert re.search(r"No phone Osprey", page)
    assert re.search(
        r"Linnet Likes this time.*?4 h, 1 night Give it to Linnet.*?Kestrel Has been on duty least.*?4 h, 1 night", page
    )
    assert "Give it to Osprey" not in page


def test_giving_a_seat_puts_them_on_and_records_who_did(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    tuesday = monday + DAY
    answer = send(browser, f"/rota/gaps/night {tuesday}/give", listener="Osprey")

    assert answer.headers["location"] == f"/rota?week={tuesday}&done=shift_given"
    assert who_is_on(database, tuesday) == {("Merlin", "first"), ("Osprey", "backup")}
    assert acts(database) == [("sam", "shift_given")]
    assert "The seat is given." in browser.get(answer.headers["location"]).text
    assert "Every seat of this shift is taken." in the_gap(browser, tuesday)


def test_a_seat_that_somebody_else_was_given_meanwhile_is_not_given_twice(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    tuesday = monday + DAY
    send(browser, f"/rota/gaps/night {tuesday}/give", listener="Osprey")
    late = send(browser, f"/rota/gaps/night {tuesday}/give", listener="Kestrel")

    assert late.status_code == 409
    assert "Cannot give the seat to Kestrel: No seat is empty. Nothing was changed." in text_of(late.text)
    assert len(who_is_on(database, tuesday)) == 2
    assert acts(database) == [("sam", "shift_given")]


def test_the_rules_are_looked_at_again_when_a_seat_is_given(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    with database.transaction() as session:
        session.execute(update(tables.Listener).where(tables.Listener.code_name == "Osprey").values(phone_id=None))
    answer = send(browser, f"/rota/gaps/night {monday + 2 * DAY}/give", listener="Osprey")

    assert answer.status_code == 409
    assert "Cannot give the seat to Osprey: No phone." in text_of(answer.text)
    assert who_is_on(database, monday + 2 * DAY) == set()


@pytest.mark.parametrize("slot", ["night 2026-13-40", "night", "afternoon 2026-03-16", "night 2026-03-16/give"])
def test_a_shift_that_no_pattern_asks_for_is_refused_in_words(browser: httpx.Client, monday: date, slot: str) -> None:
    del monday
    answer = browser.get(f"/rota/gaps/{slot}")

    assert answer.status_code == 403
    assert "there is no" in answer.text


def test_taking_somebody_off_empties_the_seat(browser: httpx.Client, database: Database, monday: date) -> None:
    answer = send(browser, f"/rota/shifts/shift-Linnet-{monday}/take-off", week=str(monday))
    again = send(browser, f"/rota/shifts/shift-Linnet-{monday}/take-off", week=str(monday))

    assert answer.headers["location"] == f"/rota?week={monday}&done=shift_taken_off"
    assert who_is_on(database, monday) == {("Kestrel", "first")}
    assert again.status_code == 409
    assert "not on the rota any more" in again.text
    assert acts(database) == [("sam", "shift_taken_off")]


# ---- kept apart


def test_nobody_learns_that_two_are_kept_apart(browser: httpx.Client, database: Database, monday: date) -> None:
    kept_apart(database, "Osprey", "Merlin")
    with database.transaction() as session:
        never = tables.Wish(
            id="wish-1", listener_id="listener-Kestrel", kind=WishKind.NEVER, starts="18:00", ends="22:00"
        )
        session.add(never)
    page = the_gap(browser, monday + DAY)
    given = send(browser, f"/rota/gaps/night {monday + DAY}/give", listener="Osprey")

    # The same words for a rule of one's own, so that they give neither away.
    assert "Not possible Kestrel, Osprey" in text_of(page)
    assert "Cannot give the seat to Osprey: Not possible." in text_of(given.text)
    assert "apart" not in (page + given.text).lower()


def test_a_swap_is_not_approved_between_two_who_are_kept_apart_and_it_is_not_said_why(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    swap = a_swap(browser, database, monday)
    send(browser, f"/rota/swaps/{swap}/accept", listener="Osprey", week=str(monday))
    kept_apart(database, "Kestrel", "Osprey")
    answer = send(browser, f"/rota/swaps/{swap}/approve", week=str(monday))

    assert answer.status_code == 409
    assert "Cannot approve the swap: Not possible; refuse it" in text_of(answer.text)
    assert "apart" not in answer.text.lower()
    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Linnet", "backup")}


def test_of_two_who_are_kept_apart_a_draft_names_one(browser: httpx.Client, database: Database, monday: date) -> None:
    del monday
    draft = a_draft(browser)
    with database.transaction() as session:
        pairs = session.execute(
            select(tables.DraftShift.slot, tables.DraftShift.listener_id).order_by(tables.DraftShift.slot)
        ).all()
    night = pairs[0].slot
    one, other = (row.listener_id.removeprefix("listener-") for row in pairs if row.slot == night)
    kept_apart(database, one, other)
    page = browser.get(draft).text

    verdict = text_of(page.split(" verdict--bad")[1].split("</div>")[0])
    assert "Not possible" in verdict
    assert len({name for name in (one, other) if name in verdict}) == 1
    assert "apart" not in page.lower()


def marks(page: str) -> list[str]:
    """What stands beside the names of a week, because a rule has come since the rota was published."""
    return [text_of(each.rpartition("<summary>")[2]) for each in page.split("</summary>") if "mark--bad" in each]


def test_a_rule_that_comes_after_a_rota_was_published_stands_on_its_week_beside_one_of_the_two(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    assert marks(the_week(browser, monday)) == []
    kept_apart(database, "Linnet", "Kestrel")
    page = the_week(browser, monday)

    assert marks(page) == ["Kestrel Not possible"]
    assert "1 seat of this week breaks a rule now." in text_of(page)
    assert "apart" not in page.lower()
    # Which week it is also stands on every other.
    assert "1 seat breaks a rule" in text_of(the_week(browser, monday - 7 * DAY))


def test_of_shifts_by_hand_it_is_said_as_well_and_of_what_is_over_not(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    night = {"starts_at": now() + 2 * DAY, "ends_at": now() + 2 * DAY + timedelta(hours=3)}
    over = {"starts_at": now() - 2 * DAY, "ends_at": now() - 2 * DAY + timedelta(hours=3)}
    with database.transaction() as session:
        session.execute(delete(tables.Shift))
        for name in ("Osprey", "Merlin"):
            session.add(a_shift_row(name, id=f"ahead-{name}", **night))
            session.add(a_shift_row(name, id=f"over-{name}", **over))
    kept_apart(database, "Osprey", "Merlin")
    pages = [the_week(browser, day) for day in (monday - 7 * DAY, monday)]

    assert [mark for page in pages for mark in marks(page)] == ["Merlin Not possible"]


def test_who_is_marked_is_taken_off_or_moved_as_ever_and_then_no_rule_is_broken(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    kept_apart(database, "Linnet", "Kestrel")
    send(browser, "/rota/move", shift=f"shift-Kestrel-{monday}", to="listener:Osprey", week=str(monday))

    page = the_week(browser, monday)
    assert marks(page) == []
    assert "breaks a rule" not in page


# ---- swaps


def a_swap(browser: httpx.Client, database: Database, monday: date) -> str:
    """Linnet asks to be relieved of Monday night."""
    send(browser, f"/rota/shifts/shift-Linnet-{monday}/swap", week=str(monday))
    with database.transaction() as session:
        return session.scalars(select(tables.Swap.id)).one()


def test_a_coordinator_asks_accepts_and_approves_for_others(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    swap = a_swap(browser, database, monday)
    choice = text_of(browser.get(f"/rota/swaps/{swap}").text)
    send(browser, f"/rota/swaps/{swap}/accept", listener="Osprey", week=str(monday))
    waiting = text_of(the_week(browser, monday))
    still = who_is_on(database, monday)
    send(browser, f"/rota/swaps/{swap}/approve", week=str(monday))

    assert "Accept for Osprey" in choice
    assert "Accept for Linnet" not in choice
    assert "Accept for Kestrel" not in choice
    assert "Linnet asked. Osprey would take it." in waiting
    assert still == {("Kestrel", "first"), ("Linnet", "backup")}
    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Osprey", "backup")}
    assert acts(database) == [("sam", "swap_asked"), ("sam", "swap_accepted"), ("sam", "swap_approved")]


@pytest.mark.usefixtures("by_rule")
def test_where_the_rules_decide_a_swap_is_done_when_somebody_accepts(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    swap = a_swap(browser, database, monday)
    answer = send(browser, f"/rota/swaps/{swap}/accept", listener="Osprey", week=str(monday))

    assert answer.headers["location"].endswith("done=swap_approved")
    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Osprey", "backup")}


def test_whom_a_rule_stops_cannot_be_accepted_for(browser: httpx.Client, database: Database, monday: date) -> None:
    swap = a_swap(browser, database, monday)
    answer = send(browser, f"/rota/swaps/{swap}/accept", listener="Kestrel", week=str(monday))

    assert answer.status_code == 409
    assert "Cannot give the shift to Kestrel: On this shift already." in text_of(answer.text)
    assert acts(database) == [("sam", "swap_asked")]


@pytest.mark.parametrize("how", ["refuse", "withdraw"])
def test_a_swap_that_is_refused_or_withdrawn_leaves_the_shift_where_it_is(
    browser: httpx.Client, database: Database, monday: date, how: str
) -> None:
    swap = a_swap(browser, database, monday)
    send(browser, f"/rota/swaps/{swap}/{how}", week=str(monday))
    again = send(browser, f"/rota/swaps/{swap}/{how}", week=str(monday))

    assert who_is_on(database, monday) == {("Kestrel", "first"), ("Linnet", "backup")}
    assert "Nobody is asking for a swap." in the_week(browser, monday)
    assert again.status_code == 409
    assert len(acts(database)) == 2


def test_a_swap_that_nobody_accepted_cannot_be_approved(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    swap = a_swap(browser, database, monday)
    answer = send(browser, f"/rota/swaps/{swap}/approve", week=str(monday))

    assert answer.status_code == 409
    assert "nobody has accepted it yet" in answer.text


# ---- drafts


def test_a_draft_is_made_shown_and_published(browser: httpx.Client, database: Database, monday: date) -> None:
    draft = a_draft(browser)
    page = text_of(browser.get(draft).text)
    before = who_is_on(database, monday + 2 * DAY)
    answer = send(browser, f"{draft}/publish", week=str(monday))

    assert "No rule is broken." in page
    assert re.search(r"Quality: \d+\.\d of 100", page)
    assert all(part in page for part in ("Cover", "Fairness", "Rest", "Preferences"))
    assert re.search(r"\d+ changes : each is a Listener", page)
    assert before == set()
    assert answer.headers["location"] == f"/rota?week={monday}&done=rota_published"
    assert who_is_on(database, monday + 2 * DAY) != set()
    assert acts(database) == [("sam", "rota_generated"), ("sam", "rota_published")]
    assert "No draft is waiting." in the_week(browser, monday)


def test_a_draft_says_which_seats_stay_empty_and_why(browser: httpx.Client, database: Database, monday: date) -> None:
    del monday
    with database.transaction() as session:
        without = update(tables.Listener).where(tables.Listener.code_name.in_(["Merlin", "Osprey"]))
        session.execute(without.values(phone_id=None))
        session.execute(delete(tables.Shift))
    page = text_of(browser.get(a_draft(browser)).text)

    assert re.search(r"\d+ seats stay empty", page)
    assert "No phone Merlin, Osprey" in page
    assert "Merlin, if they had a phone" in page
    assert "Nothing is published for these days yet." in page


def test_a_draft_that_breaks_a_rule_is_refused_with_what_must_change(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    draft = a_draft(browser)
    with database.transaction() as session:
        session.execute(update(tables.Listener).where(tables.Listener.code_name == "Osprey").values(phone_id=None))
    answer = send(browser, f"{draft}/publish", week=str(monday))

    assert answer.status_code == 409
    assert re.search(r"Night, \w+ \d+ \w+, 20:00 to 00:00: Osprey . No phone", text_of(answer.text))
    assert f'action="{draft}/publish"' not in answer.text
    assert who_is_on(database, monday + 2 * DAY) == set()
    assert acts(database) == [("sam", "rota_generated")]


def test_a_draft_that_would_rewrite_who_was_on_duty_is_refused(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    draft = a_draft(browser)
    with database.transaction() as session:
        earlier = next_monday() - 14 * DAY
        row = session.scalars(select(tables.Rota)).one()
        row.since -= 14 * DAY
        on(session, "Kestrel", earlier + 5 * DAY)
    page = browser.get(draft).text
    answer = send(browser, f"{draft}/publish", week=str(monday))

    assert answer.status_code == 409
    assert "it changes a shift that has begun" in page
    assert who_is_on(database, earlier + 5 * DAY) == {("Kestrel", "first")}


def test_a_draft_that_is_discarded_changes_nothing_and_is_gone(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    draft = a_draft(browser)
    send(browser, f"{draft}/discard", week=str(monday))
    late = send(browser, f"{draft}/publish", week=str(monday))

    assert late.status_code == 403
    with database.transaction() as session:
        assert session.scalars(select(tables.Rota.state)).all() == [RotaState.DISCARDED]
    assert who_is_on(database, monday + 2 * DAY) == set()
    assert acts(database) == [("sam", "rota_generated"), ("sam", "rota_discarded")]


def test_one_draft_is_made_at_a_time(app: FastAPI, browser: httpx.Client, database: Database, monday: date) -> None:
    asyncio.run(app.state.desk.solving.acquire())
    answer = send(browser, "/rota/generate", week=str(monday))

    assert answer.status_code == 409
    assert "A draft is being made already." in answer.text
    assert acts(database) == []


# ---- all of them


def test_no_page_of_the_rota_has_a_listeners_id_or_anything_inline_or_from_elsewhere(
    browser: httpx.Client, database: Database, monday: date
) -> None:
    swap = a_swap(browser, database, monday)
    draft = a_draft(browser)
    pages = [f"/rota?week={monday}", f"/rota/gaps/night {monday + DAY}", f"/rota/swaps/{swap}", draft]
    answers = [browser.get(page).text for page in pages]

    assert not re.findall(r"\b(?:call|cell|phone|listener|wing|account|apart)-\w+", "".join(answers))
    assert not re.findall(r"<style|style=|<script(?! src=\"/)|\son\w+=|https?://", "".join(answers))
    titles = re.findall(r"<title>(.*?)</title>", "".join(answers))
    assert not [name for name in CODE_NAMES if name in "".join(titles)]
    assert token_in(answers[0])


def test_a_backup_is_said_to_be_one(browser: httpx.Client, database: Database, monday: date) -> None:
    with database.transaction() as session:
        on(session, "Osprey", monday + 4 * DAY, Cover.BACKUP)

    friday = text_of(the_week(browser, monday)).split("Friday")[1].split("Saturday")[0]
    assert re.search(r"Osprey backup", friday)
