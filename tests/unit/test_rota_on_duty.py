"""Who is on duty at a moment, at every edge of time."""

from datetime import date, datetime, timedelta
from random import Random

import pytest
from builders import NOON, a_shift, local
from hypothesis import given
from hypothesis import strategies as st

from models.words import Cover, ListenerId
from rota.on_duty import CoverNow, Gap, OnShift, cover_now_and_next, gaps, on_duty
from rota.shift import Shift

HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)


def names(on: tuple[OnShift, ...]) -> list[str]:
    return [one.listener for one in on]


def test_nobody_is_on_duty_on_an_empty_rota() -> None:
    assert on_duty([], NOON) == ()


def test_a_shift_begins_with_its_first_moment() -> None:
    shift = a_shift(starts_at=NOON, ends_at=NOON + HOUR)

    assert names(on_duty([shift], NOON)) == ["robin"]
    assert on_duty([shift], NOON - MOMENT) == ()


def test_a_shift_is_over_at_its_end() -> None:
    shift = a_shift(starts_at=NOON - HOUR, ends_at=NOON)

    assert names(on_duty([shift], NOON - MOMENT)) == ["robin"]
    assert on_duty([shift], NOON) == ()


def test_a_night_shift_goes_over_midnight() -> None:
    night = a_shift(starts_at=local(date(2026, 3, 10), "22:00"), ends_at=local(date(2026, 3, 11), "06:00"))

    assert names(on_duty([night], local(date(2026, 3, 11), "00:00"))) == ["robin"]


@pytest.mark.parametrize(("evening", "hours"), [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9)])
def test_a_night_in_which_the_clocks_change_has_no_gap(evening: date, hours: int) -> None:
    morning = evening + timedelta(days=1)
    night = a_shift("robin", starts_at=local(evening, "22:00"), ends_at=local(morning, "06:00"))
    day = a_shift("wren", starts_at=local(morning, "06:00"), ends_at=local(morning, "14:00"))

    assert night.ends_at - night.starts_at == hours * HOUR
    assert gaps([night, day], since=night.starts_at, until=day.ends_at, minimum=1) == ()
    assert names(on_duty([night, day], local(morning, "06:00"))) == ["wren"]


def test_the_hour_that_comes_twice_is_covered_both_times() -> None:
    morning = date(2026, 10, 25)
    night = a_shift(starts_at=local(morning, "00:00"), ends_at=local(morning, "03:00"))
    first_half_past_one = local(morning, "01:30")

    assert names(on_duty([night], first_half_past_one)) == names(on_duty([night], first_half_past_one + HOUR))


def test_first_cover_comes_before_backup_then_the_earlier_start_then_the_id() -> None:
    rota = [
        a_shift("a", Cover.BACKUP, starts_at=NOON - 3 * HOUR),
        a_shift("d", starts_at=NOON - HOUR),
        a_shift("c", starts_at=NOON - HOUR),
        a_shift("e", starts_at=NOON - 2 * HOUR),
    ]

    assert names(on_duty(rota, NOON)) == ["e", "c", "d", "a"]


def test_a_listener_with_two_shifts_at_once_counts_once_and_as_first() -> None:
    rota = [a_shift("a", Cover.BACKUP), a_shift("a", Cover.FIRST, starts_at=NOON)]

    assert on_duty(rota, NOON) == (OnShift(ListenerId("a"), Cover.FIRST),)


def test_cover_says_who_is_on_until_when_and_who_is_next() -> None:
    rota = [a_shift("a", ends_at=NOON + HOUR), a_shift("b", starts_at=NOON + HOUR, ends_at=NOON + 3 * HOUR)]

    assert cover_now_and_next(rota, NOON) == CoverNow(
        on=(OnShift(ListenerId("a"), Cover.FIRST),),
        until=NOON + HOUR,
        next=(OnShift(ListenerId("b"), Cover.FIRST),),
    )


def test_two_shifts_of_one_listener_in_a_row_are_no_change() -> None:
    rota = [a_shift("a", ends_at=NOON + HOUR), a_shift("a", starts_at=NOON + HOUR, ends_at=NOON + 3 * HOUR)]

    assert cover_now_and_next(rota, NOON).until == NOON + 3 * HOUR


def test_an_empty_rota_never_changes() -> None:
    assert cover_now_and_next([], NOON) == CoverNow(on=(), until=None, next=())


def test_an_empty_rota_is_one_gap() -> None:
    assert gaps([], since=NOON, until=NOON + HOUR, minimum=1) == (Gap(starts_at=NOON, ends_at=NOON + HOUR, fewest=0),)


def test_neighbouring_spans_of_too_few_are_one_gap() -> None:
    rota = [a_shift("a", starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)]

    assert gaps(rota, since=NOON, until=NOON + 3 * HOUR, minimum=2) == (
        Gap(starts_at=NOON, ends_at=NOON + 3 * HOUR, fewest=0),
    )


def test_an_overlap_of_one_listener_with_herself_is_not_two_listeners() -> None:
    rota = [a_shift("a", ends_at=NOON + 2 * HOUR), a_shift("a", Cover.BACKUP, ends_at=NOON + 2 * HOUR)]

    assert len(gaps(rota, since=NOON, until=NOON + HOUR, minimum=2)) == 1


moments = st.integers(min_value=0, max_value=48).map(lambda quarter: NOON + quarter * HOUR / 4)
shifts = st.builds(
    lambda name, cover, ends: a_shift(name, cover, starts_at=min(ends), ends_at=max(ends)),
    st.sampled_from("abcd"),
    st.sampled_from(Cover),
    st.tuples(moments, moments),
)
rotas = st.lists(shifts, max_size=12)


@given(rotas, moments, st.randoms())
def test_the_order_of_the_rota_does_not_matter(rota: list[Shift], now: datetime, random: Random) -> None:
    shuffled = rota.copy()
    random.shuffle(shuffled)

    assert on_duty(rota, now) == on_duty(shuffled, now)


@given(rotas, moments, st.integers(min_value=0, max_value=4))
def test_a_moment_is_in_a_gap_exactly_when_too_few_are_on(rota: list[Shift], now: datetime, minimum: int) -> None:
    found = gaps(rota, since=NOON, until=NOON + 13 * HOUR, minimum=minimum)

    assert any(gap.starts_at <= now < gap.ends_at for gap in found) == (len(on_duty(rota, now)) < minimum)


@given(rotas, moments)
def test_cover_holds_until_the_moment_it_names(rota: list[Shift], now: datetime) -> None:
    cover = cover_now_and_next(rota, now)

    if cover.until is not None:
        assert set(on_duty(rota, cover.until - MOMENT)) == set(cover.on)
        assert on_duty(rota, cover.until) == cover.next
