"""The prison's clock, and the two nights on which it changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.local_time import instant, night_of, overlap, span
from rota.slot import slots_of
from tests.unit.rotas import LONDON, NIGHT, a_pattern

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
ZONES = [
    ZoneInfo(name) for name in ("Europe/London", "Europe/Dublin", "America/New_York", "Australia/Lord_Howe", "UTC")
]
clocks = st.times(min_value=time(0), max_value=time(23, 59)).map(lambda clock: clock.replace(second=0, microsecond=0))
dates = st.dates(min_value=date(2025, 1, 1), max_value=date(2030, 12, 31))
around_a_change = st.sampled_from([SPRING, AUTUMN]).flatmap(
    lambda day: st.integers(-2, 2).map(lambda number: day + timedelta(days=number))
)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 1, 10), 12), (date(2026, 3, 28), 11), (date(2026, 10, 24), 13)])
def test_a_night_from_eight_to_eight_is_an_hour_shorter_in_spring_and_longer_in_autumn(day: date, hours: int) -> None:
    starts_at, ends_at = span(day, time(20), time(8), LONDON)

    assert ends_at - starts_at == timedelta(hours=hours)


def test_a_time_that_never_comes_is_as_long_after_midnight_as_it_would_have_been() -> None:
    assert instant(SPRING, time(1, 30), LONDON) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    assert instant(AUTUMN, time(1, 30), LONDON) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_two_in_the_morning_belongs_to_the_night_before() -> None:
    assert night_of(datetime(2026, 12, 2, 2, tzinfo=UTC), LONDON) == date(2026, 12, 1)


@given(st.one_of(dates, around_a_change), clocks, clocks, clocks, st.sampled_from(ZONES))
def test_shifts_that_follow_on_the_clock_follow_in_time(
    day: date, first: time, second: time, third: time, zone: ZoneInfo
) -> None:
    first, second, third = sorted((first, second, third))

    if first < second < third:
        assert span(day, first, second, zone)[1] == span(day, second, third, zone)[0]


@given(st.one_of(dates, around_a_change), clocks, clocks, st.sampled_from(ZONES))
def test_no_shift_is_longer_than_a_day_and_an_hour(day: date, starts: time, ends: time, zone: ZoneInfo) -> None:
    starts_at, ends_at = span(day, starts, ends, zone)

    assert ends_at - starts_at <= timedelta(hours=25)


@given(st.one_of(dates, around_a_change), st.sampled_from(ZONES))
def test_split_nights_fill_the_night_without_a_gap_or_an_overlap(day: date, zone: ZoneInfo) -> None:
    patterns = [a_pattern(f"{at:02}", f"{at:02}:00", f"{(at + 4) % 24:02}:00") for at in (20, 0, 4)]
    slots = slots_of(patterns, day, 3, zone, NIGHT)
    of_the_night = [slot for slot in slots if slot.day == day + timedelta(days=1)]

    night = span(day + timedelta(days=1), time(20), time(8), zone)
    assert all(slot.night for slot in slots)
    assert [slot.starts_at for slot in of_the_night] == [night[0], *(slot.ends_at for slot in of_the_night[:-1])]
    assert of_the_night[-1].ends_at == night[1]


@given(dates, st.integers(1, 40), clocks, st.sampled_from(ZONES), st.frozensets(st.integers(0, 6), min_size=1))
def test_a_pattern_falls_once_on_each_of_its_days(
    since: date, days: int, starts: time, zone: ZoneInfo, weekdays: frozenset[int]
) -> None:
    pattern = a_pattern("some", starts.isoformat(), "12:00", weekdays=weekdays)

    begins = [slot.starts_at for slot in slots_of([pattern], since, days, zone, NIGHT)]
    wanted = [since + timedelta(days=number) for number in range(days)]
    assert begins == [instant(day, starts, zone) for day in wanted if day.weekday() in weekdays]


def test_a_bank_holiday_can_be_left_out() -> None:
    pattern = a_pattern(not_on=frozenset({date(2026, 12, 25)}))

    days = [slot.day for slot in slots_of([pattern], date(2026, 12, 24), 3, LONDON, NIGHT)]
    assert days == [date(2026, 12, 24), date(2026, 12, 26)]


@pytest.mark.parametrize(
    ("starts", "ends", "night"),
    [("16:00", "00:00", False), ("18:00", "23:00", True), ("00:00", "08:00", True), ("07:00", "10:00", False)],
)
def test_a_night_shift_lies_more_than_half_in_the_night(starts: str, ends: str, *, night: bool) -> None:
    (slot,) = slots_of([a_pattern("some", starts, ends)], date(2026, 12, 1), 1, LONDON, NIGHT)

    assert slot.night is night


def test_what_touches_only_at_its_edge_does_not_overlap() -> None:
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC)
    hour = timedelta(hours=1)

    assert overlap((noon, noon + hour), (noon + hour, noon + 2 * hour)) == timedelta()
