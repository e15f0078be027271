"""The Listeners' pages over HTTP: who sees what, every form, and what must never stand there."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import builders
import httpx
import pytest
from evening import SITE, FakeLine, a_busy_evening
from listeners_on_console import (
    DAY,
    HOUR,
    MINUTE,
    OTHER_ROLES,
    PEOPLE,
    a_scheme,
    a_talk,
    add_accounts,
    address_of,
    as_,
    listener,
    sends,
    text_of,
)
from rota_on_console import acts, kept_apart
from sqlalchemy import func, select, update

from listeners.journey_store import history_of
from listeners.pin import keep_pin
from models import tables
from models.clock import now
from models.database import Database
from models.words import ListenerId, PhoneId, SiteId

LONDON = ZoneInfo("Europe/London")
TODAY = now().astimezone(LONDON).date()


@pytest.fixture(autouse=True)
def scheme(database: Database) -> None:
    a_scheme(database)
    add_accounts(database)


@pytest.fixture
def sam(browser: httpx.Client) -> httpx.Client:
    return as_(browser, "sam")


def forms_of(address: str) -> list[str]:
    paths = ["step", "training", "shadowed", "leave", "wishes", "pin", "calendar", "calendar/revoke", "talked"]
    return [*(f"{address}/{path}" for path in paths), "/listeners/import", "/listeners/import/confirm"]


def changes_of(database: Database, code_name: str) -> list[tuple[str | None, str, str, str]]:
    with database.transaction() as session:
        found = history_of(session, SiteId(SITE)).get(ListenerId(f"listener-{code_name}"), ())
        return [(one.was, one.became, one.why, one.who) for one in found]


# ---- who may


@pytest.mark.parametrize("name", [*OTHER_ROLES, "pat"])
def test_only_coordinators_open_the_listeners(browser: httpx.Client, database: Database, name: str) -> None:
    address = address_of(as_(browser, "sam"), "Kestrel")
    browser.cookies.clear()
    as_(browser, name)
    pages = [browser.get(path) for path in ("/listeners", "/listeners/import", address)]
    token = re.search('name="token" value="(.*?)"', browser.get("/account").text)
    assert token
    sent = [browser.post(path, data={"token": token[1], "text": "x"}) for path in forms_of(address)]

    assert [page.status_code for page in pages] == [403] * len(pages)
    assert [answer.status_code for answer in sent] == [403] * len(sent)
    assert "that is for coordinators" in pages[0].text
    assert not any("Kestrel" in page.text for page in pages)
    assert acts(database) == []


@pytest.mark.parametrize(("name", "status"), [*((name, 403) for name in OTHER_ROLES), ("pat", 200), ("sam", 200)])
def test_welfare_is_for_coordinators_and_the_schemes_partner(browser: httpx.Client, name: str, status: int) -> None:
    address = address_of(as_(browser, "sam"), "Kestrel", "/welfare")
    browser.cookies.clear()
    as_(browser, name)

    assert [browser.get(path).status_code for path in ("/welfare", address)] == [status] * 2


def test_a_stranger_signs_in_first(browser: httpx.Client) -> None:
    answers = [
        browser.get(path) for path in ("/listeners", "/welfare", "/listeners/import", "/listeners/0123456789abcdef")
    ]

    assert [(one.status_code, one.headers["location"]) for one in answers] == [(303, "/sign-in")] * 4


def test_a_form_without_our_token_is_refused(sam: httpx.Client, database: Database) -> None:
    address = address_of(sam, "Kestrel")
    answers = [sam.post(path, data={"token": "forged"}) for path in forms_of(address)]

    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert acts(database) == []


def test_the_partner_sees_how_a_listener_is_and_nothing_else(browser: httpx.Client, database: Database) -> None:
    kept_apart(database, "Kestrel", "Linnet")
    a_talk(database, "Kestrel", now() - 2 * DAY, 40 * MINUTE)
    as_(browser, "pat")
    page = browser.get(address_of(browser, "Kestrel", "/welfare")).text

    said = text_of(page.split("<main")[1])
    assert "In the last Minutes of talk Minutes of weight Nights on duty 7 days 40 not shown 0" in said
    for hidden in ("Certified", "apart", "Bravo", "B-1-001", "PIN", "History", "/listeners/", "Shifts ahead"):
        assert hidden not in said + page.split("<main")[1], hidden


def test_an_address_of_nobody_is_refused_in_words(sam: httpx.Client) -> None:
    page = sam.get("/listeners/0123456789abcdef")

    assert page.status_code == 403
    assert "There is no Listener at this address any more; open the Listeners and choose again." in page.text


# ---- all of them on the way


def test_each_stage_has_its_count_its_names_and_what_is_lacking(sam: httpx.Client) -> None:
    said = text_of(sam.get("/listeners").text)

    assert "Applied 1 Avocet Next: Security cleared for Avocet Still lacking: security clearance" in said
    assert "Security cleared 0 Nobody." in said
    assert "Bittern Next: Shadowing for Bittern Still lacking: modules 3, 4, 5, 6, 7 and 8" in said
    assert "Curlew Next: Certified for Curlew Still lacking: 3 shadowed calls; a certificate that is in date" in said
    assert "Certified 4 Kestrel" in said
    assert "Suspended 1 Dunlin" in said
    assert "Left 1 Egret" in said


def test_a_certificate_that_ends_soon_is_said(sam: httpx.Client, database: Database) -> None:
    soon = datetime.combine(TODAY + 20 * DAY, time(), LONDON).astimezone(UTC)
    with database.transaction() as session:
        kestrel = update(tables.Listener).where(tables.Listener.code_name == "Kestrel")
        session.execute(kestrel.values(certified_until=soon))
    last = TODAY + 19 * DAY

    said = f"Certificate: last day {last.day} {last:%B %Y}, in 30 days or less"
    assert said in text_of(sam.get("/listeners").text)
    assert said in text_of(sam.get(address_of(sam, "Kestrel")).text)


def test_a_site_without_a_listener_says_what_to_do(sam: httpx.Client, database: Database) -> None:
    with database.transaction() as session:
        for table in (tables.Training, tables.Listener):
            session.query(table).delete()

    assert "There is no Listener yet. Take them in from a file" in sam.get("/listeners").text
    assert "Nobody is certified yet" in sam.get("/welfare").text


# ---- the next step


def test_the_way_from_applied_to_certified(sam: httpx.Client, database: Database) -> None:
    address = address_of(sam, "Avocet")
    day = {"day": str(TODAY)}
    sends(sam, f"{address}/step", step="cleared:security_cleared", **day)
    sends(sam, f"{address}/step", step="training:training_begun", **day)
    sends(sam, f"{address}/training", modules=[f"module_{n}" for n in range(1, 9)], trained_on=str(TODAY))
    sends(sam, f"{address}/step", step="shadowing:training_done", **day)
    sends(sam, f"{address}/shadowed", calls="3")
    year = str(TODAY + timedelta(days=365))
    page = sends(
        sam, f"{address}/step", step="certified:accredited", certified_from=str(TODAY), certified_until=year, **day
    )

    assert page.status_code == 200
    assert "Done. The standing is changed." in text_of(page.text)
    assert [(became, why) for _, became, why, _ in changes_of(database, "Avocet")] == [
        ("cleared", "security_cleared"),
        ("training", "training_begun"),
        ("shadowing", "training_done"),
        ("certified", "accredited"),
    ]
    assert {who for *_, who in changes_of(database, "Avocet")} == {"sam"}
    until = listener(database, "Avocet").certified_until
    assert until == datetime.combine(TODAY + timedelta(days=366), time(), LONDON).astimezone(UTC)
    assert f"{TODAY.day} {TODAY:%B %Y} Shadowing Certified accredited by sam" in text_of(page.text)
    assert [what for _, what in acts(database)] == [
        "standing_changed",
        "standing_changed",
        "training_recorded",
        "standing_changed",
        "shadowed_calls_recorded",
        "standing_changed",
    ]


def test_a_step_that_is_lacking_something_is_explained_and_not_offered(sam: httpx.Client, database: Database) -> None:
    address = address_of(sam, "Bittern")
    page = sam.get(address).text
    refused = sends(sam, f"{address}/step", step="shadowing:training_done", day=str(TODAY))

    assert 'value="shadowing:training_done"' not in page
    assert "Shadowing: still lacking: module 3, module 4, module 5, module 6, module 7, module 8." in text_of(page)
    assert refused.status_code == 409
    assert "Cannot make the Listener shadowing: still lacking: module 3" in text_of(refused.text)
    assert "Nothing was changed." in refused.text
    assert "<title>Error: Listener" in refused.text
    assert changes_of(database, "Bittern") == []
    assert acts(database) == []


def test_a_suspension_takes_the_shifts_ahead_and_ends_where_it_began(
    sam: httpx.Client, database: Database, line: FakeLine
) -> None:
    del line
    a_busy_evening(database)
    address = address_of(sam, "Merlin")
    assert "No shift is ahead." not in sam.get(address).text
    page = sends(sam, f"{address}/step", step="suspended:welfare", day=str(TODAY))

    assert "No shift is ahead." in page.text
    assert "Applied, Security cleared, In training, Shadowing: a suspension ends where it began" in text_of(page.text)
    assert changes_of(database, "Merlin") == [("certified", "suspended", "welfare", "sam")]


def test_a_change_of_an_earlier_day_leaves_the_shifts_that_were_done(sam: httpx.Client, database: Database) -> None:
    with database.transaction() as session:
        for days in (-2, 2):
            begins = now() + days * DAY
            session.add(builders.a_shift_row("Osprey", starts_at=begins, ends_at=begins + HOUR))
    sends(sam, f"{address_of(sam, 'Osprey')}/step", step="left:released", day=str(TODAY - 5 * DAY))

    with database.transaction() as session:
        theirs = tables.Shift.listener_id == "listener-Osprey"
        (left,) = session.scalars(select(tables.Shift).where(theirs))
        (change,) = session.scalars(select(tables.StandingChange))
    assert left.starts_at < now()
    assert change.at == datetime.combine(TODAY - 5 * DAY, time(12), LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("answer", "complaint", "field"),
    [
        ({}, "Choose what changes, and why", "step"),
        ({"step": "certified:own_wish:"}, "Choose what changes, and why", "step"),
        ({"day": "1 May"}, "Day of the change: write a date as 2026-12-01", "day"),
        # Not tomorrow, which it may be by then.
        ({"day": str(TODAY + 2 * DAY)}, "The day must not be in the future", "day"),
        ({"day": str(TODAY - 20 * DAY)}, "The day is before the last change of the standing", "day"),
        ({"step": "certified:accredited_again"}, "First day of the certificate: write a date", "certified_from"),
        (
            {"step": "certified:accredited_again", "certified_from": "2026-05-01", "certified_until": "2026-04-01"},
            "The last day of the certificate is before its first day",
            "certified_until",
        ),
        ({"step": "shadowing:training_done"}, "Cannot make the Listener shadowing: from certified comes", "step"),
    ],
)
def test_a_wrong_step_says_what_to_write_and_nothing_of_it_is_lost(
    sam: httpx.Client, database: Database, answer: dict[str, str], complaint: str, field: str
) -> None:
    with database.transaction() as session:
        facts = {"who": "ann", "why": "accredited", "was": "shadowing", "became": "certified"}
        session.add(tables.StandingChange(listener_id="listener-Kestrel", at=now() - 10 * DAY, **facts))
    filled = {"step": "suspended:welfare" if answer else "", "day": str(TODAY)} | answer
    page = sends(sam, f"{address_of(sam, 'Kestrel')}/step", **filled)

    assert page.status_code in {409, 422}
    assert complaint in text_of(page.text)
    assert f'<a href="#{field}">' in page.text
    assert f'id="{field}"' in page.text
    assert f'name="day" type="date" value="{filled["day"]}"' in page.text
    assert f'name="certified_until" type="date" value="{filled.get("certified_until", "")}"' in page.text
    assert len(changes_of(database, "Kestrel")) == 1


def test_a_refresher_counts_as_long_as_the_site_says_and_a_reaccreditation_until_its_day(
    sam: httpx.Client, database: Database
) -> None:
    address = address_of(sam, "Kestrel")
    wrong = sends(sam, f"{address}/training", modules=["reaccreditation"], trained_on=str(TODAY))
    none = sends(sam, f"{address}/training", trained_on=str(TODAY))
    both = {"modules": ["refresher", "reaccreditation"], "trained_on": str(TODAY - DAY)}
    sends(sam, f"{address}/training", counts_until=str(TODAY + 99 * DAY), **both)

    assert "Last day of the re-accreditation: write a date" in text_of(wrong.text)
    assert re.search(r'value="reaccreditation" checked', wrong.text)
    assert "Choose what was done" in none.text
    with database.transaction() as session:
        mine = tables.Training.listener_id == "listener-Kestrel"
        ends = {row.module: row.valid_until for row in session.scalars(select(tables.Training).where(mine))}
    noon = datetime.combine(TODAY - DAY, time(12), LONDON).astimezone(UTC)
    assert ends["refresher"] == noon + 365 * DAY
    assert ends["reaccreditation"] == datetime.combine(TODAY + 100 * DAY, time(), LONDON).astimezone(UTC)


@pytest.mark.parametrize("calls", ["", "0", "-1", "51", "many", "\N{SUPERSCRIPT TWO}"])
def test_only_a_number_of_shadowed_calls_is_taken(sam: httpx.Client, database: Database, calls: str) -> None:
    page = sends(sam, f"{address_of(sam, 'Curlew')}/shadowed", calls=calls)

    assert page.status_code == 422
    assert "Write a number from 1 to 50" in page.text
    assert listener(database, "Curlew").shadowed == 0


# ---- leave and wishes


def test_leave_frees_shifts_is_listed_and_is_taken_back(sam: httpx.Client, database: Database) -> None:
    begins = datetime.combine(TODAY + 7 * DAY, time(20), LONDON)
    with database.transaction() as session:
        session.add(builders.a_shift_row("Kestrel", starts_at=begins, ends_at=begins + HOUR))
    address = address_of(sam, "Kestrel")
    day = TODAY + 7 * DAY
    page = sends(
        sam, f"{address}/leave", leave_kind="appointment", leave_since=f"{day}T08:00", leave_until=f"{day}T23:00"
    )
    listed = f"Appointment, from 08:00, {day.day} {day:%B %Y} until 23:00, {day.day} {day:%B %Y}"
    (path,) = re.findall(rf'action="({address}/leave/absence-\w+/take-back)"', page.text)
    back, again = sends(sam, path), sends(sam, path)

    assert "Done. It is noted." in text_of(page.text)
    assert listed in text_of(page.text)
    assert "No shift is ahead." in page.text
    assert "No leave is ahead." in back.text
    assert (again.status_code, "somebody has changed it meanwhile" in again.text) == (409, True)
    assert [what for _, what in acts(database)] == ["leave_noted", "leave_taken_back"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"leave_kind": "holiday"}, "Choose what it is"),
        ({"leave_since": "tomorrow"}, "From: write a date and a time as 2026-12-01T08:30"),
        ({"leave_until": "2026-11-30T08:00"}, "It ends before it begins: write a later end"),
    ],
)
def test_wrong_leave_is_not_noted(
    sam: httpx.Client, database: Database, changes: dict[str, str], complaint: str
) -> None:
    filled = {"leave_kind": "leave", "leave_since": "2026-12-01T08:00", "leave_until": "2026-12-02T08:00"} | changes
    page = sends(sam, f"{address_of(sam, 'Kestrel')}/leave", **filled)

    assert page.status_code == 422
    assert complaint in text_of(page.text)
    assert f'value="{filled["leave_since"]}"' in page.text
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(tables.Absence)) == 0


def test_a_wish_is_noted_once_and_taken_back_and_nobody_elses_is(sam: httpx.Client, database: Database) -> None:
    address, other = address_of(sam, "Kestrel"), address_of(sam, "Linnet")
    wish = {"wish_kind": "rather_not", "weekday": "4", "wish_starts": "20:00", "wish_ends": "08:00"}
    page = sends(sam, f"{address}/wishes", **wish)
    twice = sends(sam, f"{address}/wishes", **wish)
    (path,) = re.findall(rf'action="({address}/wishes/wish-\w+/take-back)"', twice.text)
    elsewhere = sends(sam, path.replace(address, other))
    back = sends(sam, path)

    assert "Would rather not: Friday, 20:00 to 08:00" in text_of(page.text)
    assert (twice.status_code, "it is noted already" in twice.text) == (409, True)
    assert elsewhere.status_code == 409
    assert "No wish is noted." in back.text
    assert [what for _, what in acts(database)] == ["wish_noted", "wish_taken_back"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"wish_kind": ""}, "Choose what they wish"),
        ({"weekday": "7"}, "Write a number from 0 to 6"),
        ({"wish_starts": "late"}, "From: write an hour as 20:00"),
    ],
)
def test_a_wrong_wish_is_not_noted(
    sam: httpx.Client, database: Database, changes: dict[str, str], complaint: str
) -> None:
    wish = {"wish_kind": "never", "weekday": "", "wish_starts": "20:00", "wish_ends": "08:00"} | changes
    page = sends(sam, f"{address_of(sam, 'Kestrel')}/wishes", **wish)

    assert page.status_code == 422
    assert complaint in text_of(page.text)
    assert acts(database) == []


# ---- PIN, calendar, the talk that was asked for


def test_a_pin_is_reset_and_wrong_ones_are_counted(sam: httpx.Client, database: Database) -> None:
    with database.transaction() as session:
        keep_pin(session, ListenerId("listener-Kestrel"), "a hash")
        session.execute(update(tables.Listener).where(tables.Listener.code_name == "Kestrel").values(wrong_pins=3))
    address = address_of(sam, "Kestrel")
    before = sam.get(address).text
    page = sends(sam, f"{address}/pin")

    assert "A PIN is set. 3 wrong PINs in a row." in text_of(before)
    assert "a hash" not in before
    assert "No PIN is set: the Listener chooses one at their next call to it." in page.text
    assert (listener(database, "Kestrel").pin, listener(database, "Kestrel").wrong_pins) == (None, 0)
    assert acts(database) == [("sam", "pin_forgotten")]


def test_the_address_of_a_calendar_is_shown_once_opens_it_and_is_taken_back(
    sam: httpx.Client, database: Database
) -> None:
    address = address_of(sam, "Kestrel")
    made = sends(sam, f"{address}/calendar")
    (feed,) = re.findall(r'value="(http://[^"]*/calendars/[^"]+\.ics)"', made.text)
    opened = sam.get(feed)
    later = sam.get(address).text
    sends(sam, f"{address}/calendar/revoke")

    assert opened.status_code == 200
    assert feed not in later
    assert "A secret address opens their shifts." in later
    assert sam.get(feed).status_code == 404
    assert [what for _, what in acts(database)] == ["calendar_made", "calendar_revoked"]


def test_that_you_have_talked_is_noted_and_nothing_else(sam: httpx.Client, database: Database) -> None:
    with database.transaction() as session:
        session.execute(
            update(tables.Listener).where(tables.Listener.code_name == "Kestrel").values(wants_debrief=True)
        )
    assert "Wants to talk" in sam.get("/listeners").text
    address = address_of(sam, "Kestrel")
    page = sends(sam, f"{address}/talked")

    assert "It is noted that you have talked" in page.text
    assert "Wants to talk" not in page.text
    assert listener(database, "Kestrel").wants_debrief is False
    assert acts(database) == [("sam", "debrief_held")]


# ---- how they are


def test_whether_the_phone_can_be_reached_is_what_the_line_says(sam: httpx.Client, line: FakeLine) -> None:
    kestrel, linnet = address_of(sam, "Kestrel"), address_of(sam, "Linnet")
    seen = [text_of(sam.get(kestrel).text)]
    line.unreachable = frozenset({PhoneId("phone-B1")})
    seen.append(text_of(sam.get(kestrel).text))
    line.asterisk_up = False
    seen.append(text_of(sam.get(kestrel).text))

    assert "Wing and cell Bravo, B-1-001 Phone Reachable now" in seen[0]
    assert "Phone Not reachable now" in seen[1]
    assert "Phone Not known: the telephones are not answering Wingline" in seen[2]
    assert "Phone No phone" in text_of(sam.get(linnet).text)


def test_minutes_are_those_of_weeks_and_the_drawing_has_a_table(sam: httpx.Client, database: Database) -> None:
    a_talk(database, "Kestrel", now() - 2 * DAY, 40 * MINUTE)
    a_talk(database, "Kestrel", now() - 20 * DAY, 61 * MINUTE)
    page = sam.get(address_of(sam, "Kestrel")).text

    said = text_of(page)
    assert "7 days 40 not shown 0 28 days 101 not shown 0" in said
    drawn = re.findall(r'text-anchor="middle">(\d+)</text>', page)
    assert drawn == ["0", "61", "0", "40"]
    assert page.count("<rect class=") == 4


@pytest.mark.parametrize(("heavy", "shown"), [(0, "not shown"), (1, "not shown"), (4, "not shown"), (5, "150")])
def test_weight_never_tells_of_single_talks(sam: httpx.Client, database: Database, heavy: int, shown: str) -> None:
    for number in range(6):
        a_talk(database, "Kestrel", now() - number * DAY - HOUR, 10 * MINUTE, heavy=number < heavy)

    assert f"7 days 60 {shown} 0" in text_of(sam.get(address_of(sam, "Kestrel")).text)


def test_all_are_side_by_side_by_name_and_who_needs_a_look_is_marked(sam: httpx.Client, database: Database) -> None:
    a_talk(database, "Osprey", now() - 3 * HOUR, 180 * MINUTE - MINUTE)
    a_talk(database, "Kestrel", now() - 9 * DAY, 30 * MINUTE)
    with database.transaction() as session:
        begins = now() - 3 * DAY
        session.add(builders.a_shift_row("Linnet", starts_at=begins, ends_at=begins + HOUR))
        rests = update(tables.Listener).where(tables.Listener.code_name == "Merlin")
        session.execute(rests.values(resting_until=now() + HOUR))
    page = sam.get("/welfare").text
    rows = [text_of(row) for row in page.split("<tbody")[1].split("</tr>")[:-1]]

    assert [re.sub(r"^[^A-Z]*", "", row).split()[0] for row in rows] == [
        "Dunlin",
        "Kestrel",
        "Linnet",
        "Merlin",
        "Osprey",
    ]
    assert "Kestrel 30 0 0 In the last 28 days" in rows[1]
    assert "Not in 28 days On duty, not rung" in rows[2]
    assert "Rests until" in rows[3]
    assert "Osprey 179 179 0 In the last 7 days" in rows[4]
    assert "longer than 15 minutes" in text_of(page)


def test_who_has_had_enough_is_marked(sam: httpx.Client, database: Database) -> None:
    a_talk(database, "Osprey", now() - 5 * HOUR, 181 * MINUTE)

    assert "Has had enough" in text_of(sam.get("/welfare").text)
    assert "Has had enough" in text_of(sam.get(address_of(sam, "Osprey")).text)


# ---- what never stands there


def test_nothing_says_which_calls_from_whom_apart_or_which_tags(sam: httpx.Client, database: Database) -> None:
    kept_apart(database, "Kestrel", "Linnet")
    a_busy_evening(database)
    began = now() - 2 * DAY
    a_talk(database, "Kestrel", began, 40 * MINUTE, heavy=True)
    page = sam.get(address_of(sam, "Kestrel")).text
    main = page.split("<main")[1]

    assert "From somebody. Nobody learns from whom." in main
    assert "2 are kept. Said by themselves for matching, and shown to nobody." in text_of(main)
    for hidden in ("Linnet", "veteran", "lifer", "escalation", f"{began.astimezone(LONDON):%H:%M}"):
        assert hidden not in main, hidden


def test_no_page_has_an_id_anything_inline_or_from_elsewhere_or_a_name_in_its_title_or_address(
    sam: httpx.Client,
) -> None:
    kestrel = address_of(sam, "Kestrel")
    pages = [sam.get(path) for path in ("/listeners", kestrel, "/welfare", kestrel.replace("listeners", "welfare"))]
    names = [*PEOPLE, "Kestrel", "Linnet", "Merlin", "Osprey"]

    for page in pages:
        assert not re.findall(r"\b(?:call|phone|listener|wing|account|apart|site)-\w+", page.text.split("<main")[1])
        assert not re.findall(r"<style|style=|\son\w+=|<script(?! src=)|https?://", page.text)
        assert not [name for name in names if name in re.findall(r"<title>(.*?)</title>", page.text)[0]]
        assert not [
            name for name in names for link in re.findall(r'(?:href|action)="(.*?)"', page.text) if name in link
        ]
        assert page.text.count("<h1") == 1


def test_a_name_is_escaped_wherever_it_stands(sam: httpx.Client, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(tables.Listener).where(tables.Listener.code_name == "Kestrel").values(code_name="<i>K"))
    (address,) = re.findall(r'href="(/listeners/[0-9a-f]{16})">&lt;i&gt;K<', sam.get("/listeners").text)
    pages = [
        sam.get(path).text for path in ("/listeners", address, "/welfare", address.replace("listeners", "welfare"))
    ]

    assert all("&lt;i&gt;K" in page and "<i>" not in page for page in pages)


def test_the_day_of_a_form_is_the_prisons(sam: httpx.Client) -> None:
    assert (
        date.fromisoformat(
            re.findall(r'name="day" type="date" value="(.*?)"', sam.get(address_of(sam, "Avocet")).text)[0]
        )
        == datetime.now(LONDON).date()
    )
