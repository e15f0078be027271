"""What a message says, to whom, and when it is tried again."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st
from message_builders import a_contact, a_message

from escalation.contacts import at_post
from escalation.message_words import Kind, kind_of, subject, text, webhook_body
from escalation.messages import CLOSING_WORDS_FOR, Message, News, next_try, still_wanted
from models.dangers import Danger
from models.words import Cause, Post

ZONE = ZoneInfo("Europe/London")
TELLS = a_contact(tells_location=True)
KEYS = ["event", "escalation", "kind", "cause", "danger", "raised_at", "at", "step", "round", "drill"]
times = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1)).map(lambda moment: moment.replace(tzinfo=NOON.tzinfo))  # noqa: DTZ001


def letter(message: Message) -> str:
    return f"{subject(message)}\n{text(message, ZONE)}"


def test_after_a_failure_it_waits_longer_and_never_longer_than_a_minute() -> None:
    assert [(next_try(tries, NOON) - NOON).seconds for tries in range(1, 9)] == [2, 4, 8, 16, 32, 60, 60, 60]


@given(st.integers(1, 10**9), times)
def test_however_often_it_failed_it_is_tried_again_within_a_minute(tries: int, now: datetime) -> None:
    assert timedelta(seconds=2) <= next_try(tries, now) - now <= timedelta(seconds=60)


@given(st.sampled_from(News), times)
def test_nothing_about_an_open_crisis_is_given_up(news: News, now: datetime) -> None:
    assert still_wanted(news, None, now)


@given(st.sampled_from(News), times, st.timedeltas(timedelta(), timedelta(days=1)))
def test_of_a_closed_one_only_that_it_is_closed_is_said_and_not_for_long(
    news: News, closed: datetime, later: timedelta
) -> None:
    assert still_wanted(news, closed, closed + later) == (news is News.CLOSED and later < CLOSING_WORDS_FOR)


def test_by_default_a_letter_is_these_words_and_no_others() -> None:
    assert letter(a_message(a_contact(), location="B-2-014")) == (
        "Wingline: somebody needs you (life)\n"
        "Wingline: somebody needs you. Answer the phone or open the console.\n"
        "Somebody is in danger.\n"
        "Raised at 12:00 on 2026-03-10.\n"
    )


def test_a_contact_that_is_told_the_place_reads_it_or_that_nobody_knows_it() -> None:
    assert "Where: B-2-014.\n" in letter(a_message(TELLS, location="B-2-014"))
    assert "Where: not known.\n" in letter(a_message(TELLS))


def test_the_time_is_the_prisons_own() -> None:
    summer = datetime(2026, 7, 1, 22, 30, tzinfo=NOON.tzinfo)

    assert "Raised at 23:30 on 2026-07-01." in letter(a_message(a_contact(), raised_at=summer))


@pytest.mark.parametrize("news", News)
def test_what_leaves_the_building_does_not_depend_on_what_happened_beyond_its_kind(news: News) -> None:
    letters: dict[Kind, set[str]] = {}
    for cause in Cause:
        for danger in (None, *Danger):
            said = letter(a_message(a_contact(), news=news, cause=cause, danger=danger, step=1, round=1))
            letters.setdefault(kind_of(cause), set()).add(said.removeprefix("Drill: "))

    assert set(letters) == set(Kind)
    assert all(len(said) == 1 for said in letters.values())


def test_every_news_has_words_of_its_own() -> None:
    assert len({letter(a_message(a_contact(), news=news)) for news in News}) == len(News)


def test_a_drill_says_so_first() -> None:
    drill = a_message(a_contact(), cause=Cause.DRILL, danger=None)

    assert subject(drill) == "Drill: Wingline: somebody needs you (drill)"
    assert "This is a drill. Nobody is in danger." in text(drill, ZONE)
    assert json.loads(webhook_body(drill))["drill"] is True


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (Cause.DANGER_NOW, Kind.LIFE),
        (Cause.REFUSES, Kind.LIFE),
        (Cause.PERSON_AT_RISK, Kind.LIFE),
        (Cause.THREAT_TO_ANOTHER, Kind.LIFE),
        (Cause.OTHER_IN_CELL, Kind.LIFE),
        (Cause.EXCEPTION_RULE, Kind.LIFE),
        (Cause.LINE_LOST, Kind.LIFE),
        (Cause.CALLER_ASKED, Kind.ASKED),
        (Cause.CALLER_AGREED, Kind.ASKED),
        (Cause.VISIT_ASKED, Kind.VISIT),
        (Cause.LINE_BROKEN, Kind.LINE),
        (Cause.DRILL, Kind.DRILL),
    ],
)
def test_each_cause_has_its_kind(cause: Cause, kind: Kind) -> None:
    assert kind_of(cause) is kind


def test_a_webhook_says_the_facts_and_the_place_only_when_it_is_told_it() -> None:
    told = json.loads(webhook_body(a_message(TELLS, location="B-2-014", news=News.CAME_BACK, step=1, round=2)))
    silent = json.loads(webhook_body(a_message(a_contact(), location="B-2-014")))

    assert told == {
        "event": "came_back",
        "escalation": "esc-1",
        "kind": "life",
        "cause": "danger_now",
        "danger": "overdose",
        "location": "B-2-014",
        "raised_at": "2026-03-10T12:00:00+00:00",
        "at": "2026-03-10T12:00:00+00:00",
        "step": 1,
        "round": 2,
        "drill": False,
    }
    assert list(silent) == KEYS


def test_a_place_that_nobody_knows_is_null() -> None:
    assert json.loads(webhook_body(a_message(TELLS)))["location"] is None


def test_a_posts_contacts() -> None:
    ward, desk = a_contact("ward"), a_contact("desk", post=Post.CONTROL_ROOM)

    assert at_post([ward, desk], Post.CONTROL_ROOM) == [desk]
