"""How many calls to expect in an hour, and how well that is known.

Counts are Poisson with a rate of their own for each hour of the clock; the rates of all 24 are gamma around that of the
site. What an hour's own calls say is drawn towards the site by as much as the hours differ no more than by chance.
Where days differ more than by chance (``dispersion``), calls tell less: they count as fewer calls, in fewer days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log
from statistics import fmean, pvariance

_ENOUGH_TERMS = 10_000
_TINY = 1e-300
_CLOSE = 1e-12


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls an hour: with a chance of 80 % and 95 % it is between these."""

    low_95: float
    low_80: float
    high_80: float
    high_95: float


def rates(counts: Sequence[tuple[int, int]], *, days: int, dispersion: float) -> tuple[Rate, ...]:
    """``counts``: of each hour of the clock, on all days together, the least and the most that it may have been."""
    worth = days / dispersion
    middles = [(least + most) / 2 / dispersion for least, most in counts]
    prior = _weight_of_site(middles, worth)
    site = fmean(middles) / worth

    def quantile(chance: float, count: float) -> float:
        return gamma_quantile(chance, shape=prior * site + count / dispersion, rate=prior + worth)

    return tuple(
        Rate(quantile(0.025, least), quantile(0.1, least), quantile(0.9, most), quantile(0.975, most))
        for least, most in counts
    )


def _weight_of_site(counts: Sequence[float], days: float) -> float:
    """How many days of calls the site's mean is worth to an hour; by moments, at least one and at most all."""
    mean = fmean(counts)
    beyond_chance = pvariance(counts) - mean
    weight = mean * days / beyond_chance if beyond_chance > 0 else inf
    return min(max(1.0, weight), days)


# ---- the gamma distribution


def gamma_quantile(chance: float, *, shape: float, rate: float) -> float:
    """Below this with that chance."""
    if shape <= 0:
        return 0.0
    low, high = 0.0, shape + 1.0
    while gamma_below(high, shape) < chance:
        high *= 2
    while high - low > 1e-7 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if gamma_below(middle, shape) < chance else (low, middle)
    return (low + high) / 2 / rate


def gamma_below(value: float, shape: float) -> float:
    """The regularised lower incomplete gamma function P(shape, value) (DLMF 8.11.4 and 8.9.2)."""
    if value <= 0:
        return 0.0
    front = exp(shape * log(value) - value - lgamma(shape))
    if value < shape + 1:
        return front * _series(value, shape)
    return 1 - front * _fraction(value, shape)


def _series(value: float, shape: float) -> float:
    term = total = 1 / shape
    for number in range(1, _ENOUGH_TERMS):
        term *= value / (shape + number)
        total += term
        if term < total * _CLOSE:
            break
    return total


def _fraction(value: float, shape: float) -> float:
    """By Lentz's method."""
    b = value + 1 - shape
    c, d = 1 / _TINY, 1 / b
    result = d
    for number in range(1, _ENOUGH_TERMS):
        a = -number * (number - shape)
        b += 2
        d = 1 / _away_from_zero(a * d + b)
        c = _away_from_zero(b + a / c)
        result *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return result


def _away_from_zero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
