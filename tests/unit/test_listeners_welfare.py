"""Rest, caps and load."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import NOON, a_candidate, a_welfare, local
from hypothesis import given
from hypothesis import strategies as st

from escalation.profile_file import load as load_profile
from listeners.order import CallersWishes, order_for
from listeners.welfare import Spell, burden, had_enough, load, longer, night_at, rest_after, talked
from models.errors import BadProfile
from models.words import Language

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONDON = ZoneInfo("Europe/London")
CHOICES = {
    "attempt_in_progress_refusing": "respect",
    "threat_to_another": "off",
    "who_confirms": "listener",
    "hearing": {"mode": "ask"},
}
ADULT = Path(__file__).parents[2] / "profiles/uk-listener-adult.toml"


def spell(ago: timedelta, lasting: timedelta, *, heavy: bool = False) -> Spell:
    return Spell(NOON - ago, NOON - ago + lasting, heavy)


spells = st.lists(
    st.builds(
        spell,
        st.timedeltas(min_value=HOUR, max_value=40 * DAY),
        st.timedeltas(min_value=timedelta(), max_value=HOUR),
        heavy=st.booleans(),
    ),
    max_size=8,
)


@pytest.mark.parametrize(
    ("talk", "heavy", "rest"),
    [
        (timedelta(), False, 15),
        (40 * MINUTE, False, 35),
        (40 * MINUTE, True, 65),
        (2 * HOUR, False, 75),
        (-2 * HOUR, False, 15),
    ],
)
def test_rest_grows_with_length_and_weight(talk: timedelta, rest: int, *, heavy: bool) -> None:
    assert rest_after(talk, a_welfare(), heavy=heavy) == rest * MINUTE


@pytest.mark.parametrize(
    ("resting_until", "until"), [(None, 15), (NOON - HOUR, 15), (NOON, 15), (NOON + 10 * MINUTE, 25)]
)
def test_more_rest_comes_on_top_of_what_is_left(resting_until: datetime | None, until: int) -> None:
    assert longer(resting_until, 15 * MINUTE, NOON) == NOON + until * MINUTE


def test_a_talk_that_goes_on_counts_until_now() -> None:
    assert talked([Spell(NOON - HOUR, None)], NOON - DAY, NOON) == HOUR


def test_of_a_talk_only_the_part_since_then_counts() -> None:
    assert talked([spell(25 * HOUR, 2 * HOUR)], NOON - DAY, NOON) == HOUR


def test_a_heavy_talk_counts_its_weight_once_however_short_its_part() -> None:
    heavy = spell(25 * HOUR, HOUR + MINUTE, heavy=True)

    assert burden([heavy], NOON - DAY, NOON, 30 * MINUTE) == 31 * MINUTE
    assert burden([heavy], NOON - 23 * HOUR, NOON, 30 * MINUTE) == timedelta()


@pytest.mark.parametrize(
    ("some", "enough"),
    [
        ([spell(3 * HOUR, 179 * MINUTE)], False),
        ([spell(3 * HOUR, 180 * MINUTE)], True),
        ([spell(3 * HOUR, 150 * MINUTE, heavy=True)], True),
        ([spell(27 * HOUR, 180 * MINUTE)], False),
        ([spell(day * DAY, 100 * MINUTE) for day in range(1, 7)], True),
        ([spell(day * DAY, 99 * MINUTE) for day in range(1, 7)], False),
        ([spell((day + 7) * DAY, 100 * MINUTE) for day in range(1, 7)], False),
    ],
    ids=["a minute left", "a day's cap", "weight", "yesterday", "a week's cap", "a week's minutes left", "last week"],
)
def test_the_caps_of_the_day_and_the_week(some: Sequence[Spell], *, enough: bool) -> None:
    assert had_enough(some, a_welfare(), NOON, LONDON) is enough


@pytest.mark.parametrize(("clock", "enough"), [("02:00", True), ("07:59", True), ("08:00", False)])
def test_the_cap_of_a_night_holds_until_the_night_is_over(clock: str, *, enough: bool) -> None:
    night = date(2026, 3, 10)
    two_hours = Spell(local(night, "20:00"), local(night, "22:00"))

    assert had_enough([two_hours], a_welfare(), local(night + DAY, clock), LONDON) is enough


def test_what_was_talked_before_the_evening_is_not_of_the_night() -> None:
    night = date(2026, 3, 10)
    before = Spell(local(night, "18:01"), local(night, "20:01"))

    assert not had_enough([before], a_welfare(), local(night, "23:00"), LONDON)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 11), (date(2026, 10, 24), 13), (date(2026, 3, 10), 12)])
def test_a_night_is_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    dark = night_at(local(day, "23:00"), LONDON)

    assert dark is not None
    assert dark[1] - dark[0] == hours * HOUR


def test_by_day_there_is_no_night() -> None:
    assert night_at(datetime(2026, 3, 10, 19, 59, tzinfo=UTC), LONDON) is None


@given(spells, spells)
def test_more_talk_never_makes_it_less_than_enough(some: list[Spell], more: list[Spell]) -> None:
    if had_enough(some, a_welfare(), NOON, LONDON):
        assert had_enough([*some, *more], a_welfare(), NOON, LONDON)


@given(spells, spells)
def test_more_talk_never_lightens_the_load(some: list[Spell], more: list[Spell]) -> None:
    assert load([*some, *more], NOON, 30 * MINUTE) >= load(some, NOON, 30 * MINUTE)


def test_talk_of_this_week_weighs_more_than_that_of_weeks_ago() -> None:
    assert load([spell(DAY, HOUR)], NOON, timedelta()) > load([spell(10 * DAY, HOUR)], NOON, timedelta())
    assert load([spell(10 * DAY, HOUR)], NOON, timedelta()) > load([spell(29 * DAY, HOUR)], NOON, timedelta())


def test_who_has_carried_less_in_four_weeks_is_rung_first_long_before_a_cap() -> None:
    known = [a_candidate("a", load=2 * MINUTE), a_candidate("b", load=MINUTE)]

    assert order_for(CallersWishes(language=Language("en")), known, now=NOON).ring == ("b", "a")


def test_much_talk_today_outweighs_a_little_more_of_weeks_ago() -> None:
    known = [a_candidate("a", talked=HOUR), a_candidate("b", load=20 * MINUTE)]

    assert order_for(CallersWishes(language=Language("en")), known, now=NOON).ring == ("b", "a")


@pytest.mark.parametrize("key", ["rest_share", "talk_minutes_week", "shadowed_calls", "recurring_training_days"])
def test_what_nothing_settles_has_no_silent_default(tmp_path: Path, key: str) -> None:
    kept = [line for line in ADULT.read_text("utf-8").splitlines() if not line.startswith(key)]
    file = tmp_path / "lacking.toml"
    file.write_text("\n".join(kept), "utf-8")

    with pytest.raises(BadProfile, match=rf"welfare\.{key}: Field required"):
        load_profile(file, CHOICES)


def test_a_night_with_more_talk_than_a_day_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(ADULT.read_text("utf-8").replace("talk_minutes_night = 180", "talk_minutes_night = 241"), "utf-8")

    with pytest.raises(BadProfile, match="talk_minutes_night"):
        load_profile(file, CHOICES)
