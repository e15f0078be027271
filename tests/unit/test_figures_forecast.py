"""Erlang C and gamma against published tables; how many Listeners an hour needs, and when that cannot be said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.figures.arrivals import gamma_below, gamma_quantile, rates
from console.figures.banding import Figures
from console.figures.erlang import erlang_b, erlang_c, needed, service_level
from console.figures.forecast import Target, Verdict, forecast
from console.figures.periods import EPOCH, Period
from escalation.suppression import ALL

TWELVE = Period(EPOCH, 12)


# Erlang B tables as in ITU-D's Teletraffic Engineering Handbook; C follows from B.
@pytest.mark.parametrize(
    ("servers", "load", "blocked"),
    [(1, 1.0, 0.5), (2, 1.0, 0.2), (5, 3.0, 0.1101), (10, 5.0, 0.0184), (1, 0.0101, 0.01), (5, 1.3608, 0.01),
     (10, 4.4612, 0.01), (20, 12.0306, 0.01), (2, 0.2235, 0.02), (10, 6.2157, 0.05)],
)  # fmt: skip
def test_erlang_b_is_the_table(servers: int, load: float, blocked: float) -> None:
    assert erlang_b(servers, load) == pytest.approx(blocked, abs=5e-5)


@pytest.mark.parametrize(
    ("servers", "load", "waits"),
    [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9), (5, 3.0, 0.2362), (11, 10.0, 0.6821), (2, 2.5, 1.0)],
)
def test_erlang_c_is_the_table(servers: int, load: float, waits: float) -> None:
    assert erlang_c(servers, load) == pytest.approx(waits, abs=5e-5)


def test_the_textbook_call_centre() -> None:
    """200 calls an hour of three minutes, 80 % within 20 s: 14 agents, with 88.8 % (callcentrehelper.com's example)."""
    assert needed(calls=200, handle=180, within=20, share=0.8) == 14
    assert service_level(14, calls=200, handle=180, within=20) == pytest.approx(0.888, abs=5e-4)


@given(calls=st.floats(0, 20), handle=st.floats(60, 7200), within=st.floats(1, 300), share=st.floats(0.5, 0.99))
def test_as_few_as_do(calls: float, handle: float, within: float, share: float) -> None:
    found = needed(calls=calls, handle=handle, within=within, share=share)

    assert found >= 1
    if 1 < found < 50:
        assert service_level(found, calls=calls, handle=handle, within=within) >= share
        assert service_level(found - 1, calls=calls, handle=handle, within=within) < share


# Chi-squared tables: a gamma of half as much shape, and of rate 1/2.
@pytest.mark.parametrize(
    ("freedom", "chance", "value"),
    [(1, 0.025, 0.00098), (1, 0.95, 3.8415), (2, 0.5, 1.3863), (10, 0.025, 3.2470), (10, 0.95, 18.307),
     (30, 0.1, 20.599), (100, 0.975, 129.561), (1000, 0.9, 1057.72)],
)  # fmt: skip
def test_gamma_is_the_table(freedom: int, chance: float, value: float) -> None:
    assert gamma_quantile(chance, shape=freedom / 2, rate=0.5) == pytest.approx(value, rel=5e-5, abs=5e-6)


@given(shape=st.floats(0.01, 2000), chance=st.floats(0.01, 0.99))
def test_below_a_quantile_is_its_chance(shape: float, chance: float) -> None:
    assert gamma_below(gamma_quantile(chance, shape=shape, rate=1.0), shape) == pytest.approx(chance, abs=1e-6)


counts = st.lists(st.integers(0, 200).map(lambda band: (band * 5, band * 5 + 4)), min_size=24, max_size=24)


@settings(deadline=None, max_examples=30)
@given(found=counts, days=st.sampled_from([28, 84]), dispersion=st.floats(1, 5))
def test_intervals_hold_one_another(found: list[tuple[int, int]], days: int, dispersion: float) -> None:
    for one in rates(found, days=days, dispersion=dispersion):
        assert 0 <= one.low_95 <= one.low_80 <= one.high_80 <= one.high_95


def test_days_that_differ_four_times_as_much_make_intervals_twice_as_wide() -> None:
    even, uneven = (rates([(500, 500)] * 24, days=84, dispersion=by)[0] for by in (1.0, 4.0))

    assert (uneven.high_95 - uneven.low_95) / (even.high_95 - even.low_95) == pytest.approx(2, rel=0.02)


def test_little_is_drawn_towards_the_site_and_much_is_not() -> None:
    quiet = [(5, 9)] * 12 + [(10, 14)] * 12
    loud = [(5, 9)] * 12 + [(505, 509)] * 12

    drawn, left = (rates(some, days=84, dispersion=1)[-1] for some in (quiet, loud))

    assert drawn.low_80 < 12 / 84 - 1 * (12 / 84 - 9.5 / 84) / 4
    assert left.low_80 > 470 / 84


# ---- the forecast of a period


def published(calls: int = 420, band: int = 20, *, on_duty: int = 20, **changes: int | None) -> Figures:
    """Every hour alike; half an hour of talk and a quarter of rest."""
    found: dict[tuple[str, str, str], int | None] = {
        ("endings", ALL, ALL): calls, ("times", ALL, "talk"): 1800, ("times", ALL, "rest"): 900,
        ("times", ALL, "dispersion"): 10,
    }  # fmt: skip
    for hour in range(24):
        found["hours", str(hour), "calls"] = band
        found["hours", str(hour), "on_duty"] = on_duty
    return found | {("times", ALL, kind): value for kind, value in changes.items()}


def test_two_listeners_do_for_a_small_prison_and_one_does_not() -> None:
    target = Target(within=30, share=80)
    two, one = (forecast(TWELVE, published(on_duty=on), target) for on in (20, 10))

    assert {need.likely for need in two} == {(1, 2)}
    assert {need.verdict for need in two} == {Verdict.ENOUGH}
    assert {need.verdict for need in one} == {Verdict.PERHAPS}


def test_more_is_asked_for_where_more_is_promised() -> None:
    low, high = (forecast(TWELVE, published(), Target(within=20, share=share)) for share in (60, 99))

    assert all(one.likely[1] < another.likely[1] for one, another in zip(low, high, strict=True))


def test_an_hour_without_listeners_has_too_few() -> None:
    assert forecast(TWELVE, published(on_duty=0), Target(30, 80))[3].verdict is Verdict.TOO_FEW


@pytest.mark.parametrize(
    "figures",
    [published(calls=49), published(talk=None), {**published(), ("endings", ALL, ALL): None},
     {**published(), ("hours", "3", "calls"): None}],
)  # fmt: skip
def test_too_few_calls_to_say(figures: Figures) -> None:
    assert forecast(TWELVE, figures, Target(30, 80)) == ()


def test_an_hour_of_which_too_little_is_known_says_so() -> None:
    """Days that differ wildly, and long talks."""
    wild = published(dispersion=300, talk=14400)

    assert forecast(TWELVE, wild, Target(30, 80))[0].verdict is Verdict.CANNOT_SAY
