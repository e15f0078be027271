"""The page of the profile: read by many, proposed by some, signed by two, and heard before it is signed."""

import io
import re
import wave
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from evening import PASSWORD_ALONE, SITE, FakeLine, sign_in, token_in
from profiles_on_console import NoticesHere, adult, people_who_sign
from served import served
from sqlalchemy import update

from console.app import create_app
from console.language import WELSH
from console.language_asked import COOKIE as LANGUAGE
from escalation import profile_store
from models.clock import now
from models.database import Database
from models.tables import Account
from models.words import AccountRole


@pytest.fixture
def here(tmp_path: Path) -> NoticesHere:
    return NoticesHere(tmp_path / "prompts")


@pytest.fixture
def browser(database: Database, line: FakeLine, here: NoticesHere) -> Iterator[httpx.Client]:
    people_who_sign(database)
    app = create_app(database, line=line, secret="s" * 40, site=SITE, rules=PASSWORD_ALONE, profiles_here=here)
    with served(app) as address, httpx.Client(base_url=address, timeout=60, follow_redirects=True) as client:
        yield client


def propose(browser: httpx.Client, who: str = "sam", file: bytes | None = None) -> httpx.Response:
    sign_in(browser, who)
    token = token_in(browser.get("/profile").text)
    given = {"file": ("ours.toml", adult() if file is None else file)}
    return browser.post("/profile/propose", data={"token": token}, files=given)


def post(browser: httpx.Client, who: str, act: str, number: int = 1, **fields: str) -> httpx.Response:
    sign_in(browser, who)
    page = browser.get("/profile").text
    read = re.search(r'name="read" value="(\w+)"', page)
    given = {"token": token_in(page), "read": read.group(1) if read else "", **fields}
    return browser.post(f"/profile/versions/{number}/{act}", data=given)


def signed_by_both(browser: httpx.Client) -> None:
    propose(browser)
    assert post(browser, "ward", "sign").status_code == 200
    assert post(browser, "okoro", "sign").status_code == 200


def test_the_whole_way_from_a_file_to_a_profile_in_force(
    browser: httpx.Client, database: Database, here: NoticesHere
) -> None:
    sign_in(browser, "nurse")
    assert "Nobody has signed the profile that is in force" in browser.get("/profile").text

    signed_by_both(browser)
    page = post(browser, "ward", "in-force").text

    assert "Done." in page
    assert "Signed by ward for the prison; okoro for the scheme." in page
    assert "In force, version 1" in page
    assert (here.made, here.refreshed > 0) == (1, True)
    profile = database.do(lambda session: profile_store.in_force(session, SITE, now()))
    assert profile is not None
    assert (profile.name, profile.number) == ("uk-listener-adult", 1)


@pytest.mark.parametrize("who", ["nurse", "sam", "tech"])
def test_duty_staff_coordinators_and_technicians_cannot_sign(browser: httpx.Client, who: str) -> None:
    propose(browser)
    sign_in(browser, who)
    page = browser.get("/profile").text
    token = token_in(page if who != "tech" else browser.get("/account").text)

    assert "Sign for" not in page
    for act in ("sign", "in-force", "withdraw"):
        answer = browser.post(f"/profile/versions/1/{act}", data={"token": token, "read": "x"})
        assert answer.status_code == 403
        assert "that is for the governor and the scheme partner" in answer.text or who == "tech"


@pytest.mark.parametrize(("who", "may"), [("sam", True), ("ward", True), ("okoro", True), ("nurse", False)])
def test_who_may_propose(browser: httpx.Client, who: str, *, may: bool) -> None:
    answer = propose(browser, who)

    assert answer.status_code == (200 if may else 403)
    assert ("is proposed" in answer.text) == may


def test_two_governors_are_not_prison_and_scheme(browser: httpx.Client) -> None:
    propose(browser)
    post(browser, "ward", "sign")

    answer = post(browser, "patel", "sign")
    assert answer.status_code == 422
    assert "it is signed for the prison already" in answer.text
    assert "it is not signed for the scheme" in post(browser, "ward", "in-force").text


def test_the_same_account_cannot_sign_twice_even_with_another_role(browser: httpx.Client, database: Database) -> None:
    propose(browser)
    post(browser, "ward", "sign")
    with database.transaction() as session:
        session.execute(update(Account).where(Account.name == "ward").values(role=AccountRole.SCHEME_PARTNER))

    answer = post(browser, "ward", "sign")
    assert answer.status_code == 422
    assert "another person" in answer.text


def test_nobody_signs_what_was_changed_while_they_read(browser: httpx.Client) -> None:
    propose(browser)
    sign_in(browser, "ward")
    page = browser.get("/profile").text
    propose(browser, file=adult("rest_minutes = 15", "rest_minutes = 5"))
    answer = post(browser, "ward", "sign", 2, read=re.search(r'name="read" value="(\w+)"', page).group(1))  # type: ignore[union-attr]

    assert "it has changed since you read it" in answer.text
    assert "no proposal any more" in post(browser, "ward", "sign", 1).text


def test_a_proposal_shows_what_it_would_change_and_for_whom(browser: httpx.Client) -> None:
    page = propose(browser, file=adult("rest_minutes = 15", "rest_minutes = 45")).text

    assert "What Listeners will meet" in page
    assert "What callers will meet" not in page
    assert "<del>After a call you rest for 15 minutes" in page
    assert "<ins>After a call you rest for 45 minutes" in page


def test_a_file_may_bring_the_choices_that_are_proposed_with_it(browser: httpx.Client) -> None:
    chosen = (
        b'\n[choices]\nattempt_in_progress_refusing = "respect"\nthreat_to_another = "off"\nwho_confirms = "listener"\n'
        b'hearing = { mode = "off" }\n'
    )

    page = propose(browser, file=adult() + chosen).text
    assert "No computer listens to any call." in page
    assert "you can decide and you said no, staff are not told" in page


@pytest.mark.parametrize(
    ("file", "complaint"),
    [
        (b"[hearing", "this is not TOML"),
        (adult("calm_words_every = 15", "calm_words_every = 60"), "calm_words_every"),
        (adult("exception_rule = []", 'exception_rule = ["crime"]'), "exception_rule"),
        (adult('off = ["notice/off"]', 'off = ["notice/ask"]'), "says that a computer listens only after a yes"),
        (b"\xff\xfe", "This is no text in UTF-8"),
        (b"hearing = 3", "are tables"),
        (b"#" * 100_001, "larger than any profile"),
    ],
)
def test_a_wrong_file_is_refused_in_words_and_changes_nothing(
    browser: httpx.Client, database: Database, file: bytes, complaint: str
) -> None:
    answer = propose(browser, file=file)

    assert answer.status_code == 422
    assert complaint in answer.text
    assert database.do(lambda session: profile_store.versions(session, SITE)) == ()


def test_without_a_file_the_form_says_so(browser: httpx.Client) -> None:
    sign_in(browser, "sam")
    token = token_in(browser.get("/profile").text)

    assert "Choose a file first" in browser.post("/profile/propose", data={"token": token}).text


def test_a_notice_that_takes_too_long_holds_the_profile_back(browser: httpx.Client, here: NoticesHere) -> None:
    signed_by_both(browser)
    here.seconds = 7

    answer = post(browser, "okoro", "in-force")
    assert answer.status_code == 422
    assert "notice.ask takes 14.0 s in language en, and may take 12 s" in answer.text
    assert "Nobody has signed the profile that is in force" in answer.text


def test_it_comes_into_force_at_its_time_by_the_clock_of_the_site(browser: httpx.Client, database: Database) -> None:
    signed_by_both(browser)
    local = (now().astimezone(ZoneInfo("Europe/London")) + timedelta(days=2)).replace(second=0, microsecond=0)

    page = post(browser, "okoro", "in-force", since=f"{local:%Y-%m-%dT%H:%M}").text

    assert "Signed by both, in force later" in page
    with database.transaction() as session:
        assert profile_store.in_force(session, SITE, local - timedelta(minutes=1)) is None
        assert profile_store.in_force(session, SITE, local) is not None
    assert "The proposal is withdrawn" in post(browser, "ward", "withdraw").text


@pytest.mark.parametrize(("since", "complaint"), [("2020-01-01T06:00", "that time is over"), ("soon", "Write the day")])
def test_a_time_that_cannot_be_is_refused(browser: httpx.Client, since: str, complaint: str) -> None:
    signed_by_both(browser)

    answer = post(browser, "ward", "in-force", since=since)
    assert answer.status_code == 422
    assert complaint in answer.text


def test_the_notice_is_heard_as_a_caller_hears_it(browser: httpx.Client) -> None:
    sign_in(browser, "okoro")

    english = browser.get("/profile/versions/0/notice/en.wav")
    assert english.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(english.content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert file.getnframes() == 2 * 4000
    assert "there is no language" in browser.get("/profile/versions/0/notice/xx.wav").text


def test_a_notice_without_sound_is_not_played_in_part(browser: httpx.Client, here: NoticesHere) -> None:
    sign_in(browser, "okoro")
    (here.folder / "cy/notice/off.wav").unlink()

    answer = browser.get("/profile/versions/0/notice/cy.wav")
    assert answer.status_code == 403
    assert "there is no sound in Cymraeg called" in answer.text


@pytest.mark.parametrize("audience", ["caller", "listener", "officer"])
def test_each_reader_finds_each_page_in_plain_words(browser: httpx.Client, audience: str) -> None:
    sign_in(browser, "nurse")

    page = browser.get("/profile", params={"for": audience}).text
    assert f"As {'an' if audience == 'officer' else 'a'}" in page
    assert ("You hear first" in page) == (audience == "caller")
    assert browser.get("/profile", params={"for": "judge"}).status_code == 422


def test_in_welsh_the_words_are_welsh_and_what_is_signed_is_the_same(browser: httpx.Client) -> None:
    propose(browser, file=adult("rest_minutes = 15", "rest_minutes = 45"))
    signed = re.compile(r'name="read" value="(\w+)"')
    sign_in(browser, "ward")
    english = browser.get("/profile", params={"for": "caller"}).text
    browser.cookies.set(LANGUAGE, WELSH)
    welsh = browser.get("/profile", params={"for": "caller"}).text

    assert "<ins>Ar ôl galwad rydych yn gorffwys am 45 munud" in welsh
    assert "Pan fyddwch yn pwyso 0, heb ei atal â 2." in welsh
    assert "Dim ond carcharor arall sy&#39;n eich clywed" in welsh
    assert "Nid oes siaradwr brodorol wedi gwirio" in welsh
    assert "When you press 0" not in welsh
    assert signed.findall(welsh) == signed.findall(english) != []
    assert "No native speaker" not in english
    propose(browser)
    answer = post(browser, "ward", "in-force", 2)
    assert "ni ellir dwyn fersiwn 2 i rym: nid yw wedi&#39;i lofnodi dros y carchar a hefyd y cynllun." in answer.text


def test_old_versions_stay_readable(browser: httpx.Client) -> None:
    propose(browser, file=adult("rest_minutes = 15", "rest_minutes = 45"))
    propose(browser)

    page = browser.get("/profile/versions/1", params={"for": "listener"}).text
    assert "you rest for 45 minutes" in page
    assert "Withdrawn" in browser.get("/profile").text
    assert browser.get("/profile/versions/9").status_code == 403


def test_governor_and_partner_see_nothing_of_the_board(browser: httpx.Client) -> None:
    for who in ("ward", "okoro"):
        sign_in(browser, who)
        assert "Profile" in (first := browser.get("/")).text
        assert first.url.path != "/"
        assert browser.get("/live").status_code == 403
        assert browser.get("/rota").status_code == 403


def test_names_of_files_and_profiles_are_escaped(browser: httpx.Client) -> None:
    page = propose(browser, file=adult('title = "UK Listener scheme, adults"', 'title = "<b>x</b>"')).text
    sign_in(browser, "sam")

    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x" in browser.get("/profile/versions/1").text


def test_a_form_without_our_token_is_refused(browser: httpx.Client) -> None:
    propose(browser)
    sign_in(browser, "ward")

    for act in ("propose", "versions/1/sign", "versions/1/in-force", "versions/1/withdraw"):
        assert browser.post(f"/profile/{act}", data={"token": "forged"}).status_code == 403
