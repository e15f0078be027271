"""Who may take calls at all."""

from datetime import datetime, timedelta

import pytest
from builders import NOON, a_candidate, a_listener

from listeners.standing import is_off_duty, may_take_calls
from models.words import Standing

MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize("standing", [standing for standing in Standing if standing is not Standing.CERTIFIED])
def test_only_the_certified_may_take_calls(standing: Standing) -> None:
    assert not may_take_calls(a_candidate(standing=standing), NOON)


def test_a_row_of_the_database_is_asked_the_same_way() -> None:
    assert may_take_calls(a_listener(), NOON)


@pytest.mark.parametrize(
    ("starts", "ends", "may"),
    [
        (NOON, None, True),
        (NOON + MOMENT, None, False),
        (NOON - MOMENT, NOON, False),
        (NOON - MOMENT, NOON + MOMENT, True),
        (None, None, False),
        (None, NOON + MOMENT, False),
    ],
)
def test_a_certificate_counts_from_its_first_moment_until_its_end(
    starts: datetime | None, ends: datetime | None, *, may: bool
) -> None:
    assert may_take_calls(a_candidate(certified_from=starts, certified_until=ends), NOON) is may


@pytest.mark.parametrize(
    ("off_since", "last_began", "off"),
    [
        (None, NOON, False),
        (NOON, NOON - MOMENT, True),
        (NOON, NOON, True),
        (NOON, NOON + MOMENT, False),
        (NOON, None, True),
    ],
)
def test_off_duty_ends_when_the_next_shift_begins(
    off_since: datetime | None, last_began: datetime | None, *, off: bool
) -> None:
    assert is_off_duty(off_since, last_began) is off
