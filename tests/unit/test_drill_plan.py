"""When a drill or a nightly call is due, over the clocks' changes as well."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.drills import WITHIN, Plan, month_due
from escalation.timetable import day_that_began
from models.errors import BadSite
from rota.local_time import instant
from tests.unit.rotas import LONDON
from wingline.demo.prison import site_toml
from wingline.site import SiteFile, read_site

ZONES = [ZoneInfo(name) for name in ("Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC")]
HALF_AN_HOUR = timedelta(minutes=30)
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
plans = st.builds(Plan, st.integers(1, 28), clocks, st.sampled_from(ZONES))


def ticks(since: datetime, last: date, plan: Plan) -> list[datetime]:
    until = instant(last, plan.at, plan.zone) + WITHIN
    return [since + number * HALF_AN_HOUR for number in range((until - since) // HALF_AN_HOUR)]


@given(plans, st.sampled_from([(2026, 3), (2026, 10), (2027, 2)]))
@settings(max_examples=40, deadline=None)
def test_each_month_is_due_on_its_day_whatever_the_clocks_do(plan: Plan, month: tuple[int, int]) -> None:
    year, number = month
    first, last = date(year, number, 1), date(year, number, 28)
    due = [
        tick
        for tick in ticks(instant(first, time(0), plan.zone), last, plan)
        if month_due(plan, tick) == f"{year}-{number:02}"
    ]

    assert timedelta() <= due[0] - instant(date(year, number, plan.day), plan.at, plan.zone) < WITHIN


@given(plans, st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(-3 * 3600, 3 * 3600))
def test_it_begins_at_its_time_or_within_the_hour_after_it_and_at_no_other(plan: Plan, day: date, seconds: int) -> None:
    label = month_due(plan, instant(day, plan.at, plan.zone) + timedelta(seconds=seconds))

    is_time = 0 <= seconds < WITHIN.total_seconds() and day.day >= plan.day
    assert label == (f"{day:%Y-%m}" if is_time else None)


def test_a_line_that_was_down_on_the_day_drills_on_a_later_one() -> None:
    plan = Plan(3, time(14, 30), LONDON)

    assert month_due(plan, datetime(2026, 1, 3, 14, 29, tzinfo=UTC)) is None
    assert month_due(plan, datetime(2026, 1, 3, 15, 30, tzinfo=UTC)) is None
    assert month_due(plan, datetime(2026, 1, 9, 14, 31, tzinfo=UTC)) == "2026-01"
    assert month_due(plan, datetime(2026, 2, 2, 14, 31, tzinfo=UTC)) is None


def test_a_time_before_midnight_still_counts_after_it() -> None:
    assert day_that_began(
        time(23, 50), LONDON, datetime(2026, 1, 4, 0, 20, tzinfo=UTC), within=timedelta(hours=3)
    ) == date(2026, 1, 3)


def read(part: str, folder: Path) -> SiteFile:
    file = folder / "site.toml"
    file.write_text(f"{site_toml(datetime(2026, 1, 5, 12, tzinfo=UTC))}\n{part}\n")
    return read_site(file)


def test_a_site_says_when_or_that_there_is_no_plan(tmp_path: Path) -> None:
    planned = read("[drills]\nday = 3\nat = 14:30:00\n[nightly]\nat = 03:10:00", tmp_path)
    off = read('[drills]\nday = "off"', tmp_path)
    silent = read("", tmp_path)

    assert planned.drills
    assert planned.drills.plan(LONDON) == Plan(3, time(14, 30), LONDON)
    assert planned.nightly
    assert planned.nightly.at == time(3, 10)
    assert off.drills
    assert off.drills.plan(LONDON) is None
    assert (silent.drills, silent.nightly) == (None, None)


@pytest.mark.parametrize("part", ["[drills]\nday = 29\nat = 14:30:00", "[drills]\nday = 3", "[nightly]"])
def test_a_day_that_not_every_month_has_and_a_missing_time_are_refused(part: str, tmp_path: Path) -> None:
    with pytest.raises(BadSite):
        read(part, tmp_path)
