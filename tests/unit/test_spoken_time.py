"""Times as people say them: midnight, the small hours, and both nights in which the clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import local
from hypothesis import given
from hypothesis import strategies as st

from ivr.prompts import languages
from ivr.spoken_time import spoken_clock, spoken_date, spoken_number, spoken_shift
from models.words import Prompt

LONDON = ZoneInfo("Europe/London")
TUESDAY, WEDNESDAY = date(2026, 12, 1), date(2026, 12, 2)
KNOWN = languages()[0].prompts


def said(starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    return " ".join(KNOWN[prompt].strip(".,") for prompt in spoken_shift(starts_at, ends_at, now=now, zone=LONDON))


def day_of(starts_at: datetime, now: datetime) -> str:
    return said(starts_at, starts_at + timedelta(hours=4), now).partition(" from ")[0]


def test_a_shift_is_said_with_its_day_and_its_hours() -> None:
    noon = local(TUESDAY, "12:00")

    assert said(local(TUESDAY, "20:00"), local(WEDNESDAY, "00:00"), noon) == (
        "Tonight from eight in the evening until midnight"
    )
    assert said(local(WEDNESDAY, "08:00"), local(WEDNESDAY, "12:30"), noon) == (
        "Tomorrow from eight in the morning until half past midday"
    )


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("00:00", "midnight"),
        ("00:30", "half past midnight"),
        ("01:15", "quarter past one in the morning"),
        ("11:45", "quarter to midday"),
        ("12:00", "midday"),
        ("17:00", "five in the afternoon"),
        ("20:07", "Seven minutes past eight in the evening"),
        ("20:01", "One minute past eight in the evening"),
        ("20:22", "Twenty Two minutes past eight in the evening"),
        ("22:00", "ten at night"),
        ("23:45", "quarter to midnight"),
    ],
)
def test_hours_are_said_as_people_say_them(clock: str, words: str) -> None:
    spoken = spoken_clock(local(TUESDAY, clock).astimezone(LONDON))

    assert " ".join(KNOWN[prompt].strip(".,") for prompt in spoken) == words


@pytest.mark.parametrize(
    ("now", "starts", "day"),
    [
        ((TUESDAY, "12:00"), (TUESDAY, "14:00"), "Today"),
        ((TUESDAY, "12:00"), (TUESDAY, "18:00"), "Tonight"),
        ((TUESDAY, "12:00"), (WEDNESDAY, "00:00"), "Tonight"),
        ((TUESDAY, "23:59"), (WEDNESDAY, "04:00"), "Tonight"),
        ((TUESDAY, "12:00"), (WEDNESDAY, "08:00"), "Tomorrow"),
        ((TUESDAY, "12:00"), (WEDNESDAY, "20:00"), "Tomorrow"),
        ((TUESDAY, "12:00"), (date(2026, 12, 3), "00:00"), "In the night to Thursday"),
        ((TUESDAY, "12:00"), (date(2026, 12, 5), "20:00"), "Saturday"),
        ((TUESDAY, "12:00"), (date(2026, 12, 7), "14:00"), "Monday"),
        ((TUESDAY, "12:00"), (date(2026, 12, 8), "14:00"), "Tuesday eight December"),
        ((TUESDAY, "12:00"), (date(2026, 12, 14), "20:00"), "Monday Fourteen December"),
        # Before six the night that runs is tonight, and eight in the evening of the same date is not.
        ((WEDNESDAY, "01:00"), (WEDNESDAY, "04:00"), "Tonight"),
        ((WEDNESDAY, "01:00"), (TUESDAY, "20:00"), "Tonight"),
        ((WEDNESDAY, "01:00"), (WEDNESDAY, "20:00"), "Today"),
        ((WEDNESDAY, "01:00"), (date(2026, 12, 3), "00:00"), "In the night to Thursday"),
        ((WEDNESDAY, "07:00"), (TUESDAY, "20:00"), "Yesterday"),
        ((WEDNESDAY, "07:00"), (WEDNESDAY, "04:00"), "Today"),
    ],
)
def test_a_day_is_called_so_that_nobody_comes_a_day_late(
    now: tuple[date, str], starts: tuple[date, str], day: str
) -> None:
    assert day_of(local(*starts), local(*now)) == day


def test_when_the_clocks_go_forward_the_shift_has_the_hours_of_the_clocks() -> None:
    eve = date(2026, 3, 28)
    starts_at = local(eve, "22:00")

    # Four hours by the clocks are three.
    assert said(starts_at, starts_at + timedelta(hours=3), local(eve, "12:00")) == (
        "Tonight from ten at night until two in the morning"
    )


def test_when_the_clocks_go_back_the_second_time_of_an_hour_says_so() -> None:
    eve, sunday = date(2026, 10, 24), date(2026, 10, 25)
    first = local(sunday, "01:30")

    assert said(local(eve, "22:00"), first, local(eve, "12:00")).endswith("until half past one in the morning")
    assert said(first, first + timedelta(hours=1), local(eve, "12:00")) == (
        "Tonight from half past one in the morning until half past one in the morning after the clocks go back"
    )


def test_a_date_is_said_with_its_year() -> None:
    spoken = spoken_date(datetime(2027, 12, 31, 12, tzinfo=LONDON))

    assert spoken == (
        *("numbers/30", "digits/1", "months/december"),
        *("digits/2", "digits/0", "digits/2", "digits/7"),
    )


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        (0, ("digits/0",)),
        (14, ("numbers/14",)),
        (40, ("numbers/40",)),
        (47, ("numbers/40", "digits/7")),
        (300, ("digits/3", "numbers/hundred")),
        (312, ("digits/3", "numbers/hundred", "numbers/12")),
        (12345, ("digits/9", "numbers/hundred", "numbers/90", "digits/9")),
    ],
)
def test_a_number_is_said_in_words(number: int, spoken: tuple[str, ...]) -> None:
    assert spoken_number(number) == spoken


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001


@given(starts_at=moments, now=moments, minutes=st.integers(15, 12 * 60))
def test_whatever_is_said_of_a_shift_has_a_text(starts_at: datetime, now: datetime, minutes: int) -> None:
    spoken = spoken_shift(starts_at, starts_at + timedelta(minutes=minutes), now=now, zone=LONDON)

    assert set(spoken) <= set(KNOWN)
    assert Prompt("time/from") in spoken


@given(number=st.integers(0, 2000))
def test_whatever_number_is_said_has_texts(number: int) -> None:
    assert set(spoken_number(number)) <= set(KNOWN)
