"""What ends soon is said 60, 30 and 7 days ahead."""

from datetime import timedelta

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st

from listeners.journey import Module, SoFar, Trained
from listeners.warnings import Ahead, Due, days_ahead, warnings
from models.words import Standing
from rota.person import Span

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def ends(certificate: int, refresher: int | None = None, reaccreditation: int | None = None) -> SoFar:
    """Days from NOON."""
    given_days = ((Module.REFRESHER, refresher), (Module.REACCREDITATION, reaccreditation))
    trainings = {
        module: Trained(module, NOON - 400 * DAY, NOON + days * DAY) for module, days in given_days if days is not None
    }
    return SoFar(Standing.CERTIFIED, trainings, 0, Span(NOON - 400 * DAY, NOON + certificate * DAY))


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (60 * DAY + MOMENT, None),
        (60 * DAY, 60),
        (30 * DAY + MOMENT, 60),
        (30 * DAY, 30),
        (7 * DAY + MOMENT, 30),
        (7 * DAY, 7),
        (MOMENT, 7),
        (timedelta(), 0),
        (-DAY, 0),
    ],
)
def test_each_warning_has_its_time(left: timedelta, days: int | None) -> None:
    assert days_ahead(NOON + left, NOON) == days


def test_all_that_ends_is_warned_of_the_soonest_first() -> None:
    found = warnings(ends(59, refresher=29, reaccreditation=-1), NOON)

    assert found == (
        Ahead(Due.REACCREDITATION, NOON - DAY, 0),
        Ahead(Due.TRAINING, NOON + 29 * DAY, 30),
        Ahead(Due.CERTIFICATE, NOON + 59 * DAY, 60),
    )


def test_nothing_is_said_of_what_is_far_away_or_has_no_end() -> None:
    endless = SoFar(Standing.CERTIFIED, certificate=Span(NOON))

    assert warnings(ends(61, refresher=100), NOON) == ()
    assert warnings(endless, NOON) == ()


@given(st.timedeltas(min_value=-100 * DAY, max_value=100 * DAY), st.timedeltas(min_value=timedelta(), max_value=DAY))
def test_a_warning_never_falls_back_as_time_goes_on(left: timedelta, later: timedelta) -> None:
    first, then = days_ahead(NOON + left, NOON), days_ahead(NOON + left, NOON + later)

    assert first is None or (then is not None and then <= first)
