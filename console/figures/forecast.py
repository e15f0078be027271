"""How many Listeners an hour needs, as a range; made of nothing but what is published."""

from dataclasses import dataclass
from enum import StrEnum

from console.figures.arrivals import Rate, rates
from console.figures.banding import BAND, Figures
from console.figures.erlang import needed
from console.figures.periods import Period
from escalation.suppression import ALL

# With fewer calls in all, or an answer that may be wrong by more, there is nothing to say.
FEWEST_CALLS = 50
WIDEST = 2


class Verdict(StrEnum):
    """What the rota of the period is beside what its calls would have needed."""

    ENOUGH = "enough"
    PERHAPS = "perhaps"
    TOO_FEW = "too_few"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, slots=True)
class Target:
    """``share`` (per cent) of calls answered within ``within`` seconds."""

    within: int
    share: int


@dataclass(frozen=True, slots=True)
class Need:
    """Of one hour of the clock; the least and the most with a chance of 80 % and of 95 %."""

    hour: int
    rate: Rate
    likely: tuple[int, int]
    nearly_sure: tuple[int, int]
    on_duty: float

    @property
    def verdict(self) -> Verdict:
        """By whole Listeners: the mean of those on duty may be 1.9 where the clocks changed."""
        if self.nearly_sure[1] - self.nearly_sure[0] > WIDEST:
            return Verdict.CANNOT_SAY
        if round(self.on_duty) >= self.likely[1]:
            return Verdict.ENOUGH
        return Verdict.PERHAPS if round(self.on_duty) >= self.likely[0] else Verdict.TOO_FEW


def forecast(period: Period, figures: Figures, target: Target) -> tuple[Need, ...]:
    """Nothing when there are too few calls to say."""
    total = figures.get(("endings", ALL, ALL))
    talk, rest = figures.get(("times", ALL, "talk")), figures.get(("times", ALL, "rest"))
    bands = [figures.get(("hours", str(hour), "calls")) for hour in range(24)]
    known = [least for least in bands if least is not None]
    if total is None or total < FEWEST_CALLS or talk is None or len(known) < len(bands):
        return ()
    spread = (figures.get(("times", ALL, "dispersion")) or 10) / 10
    found = rates([(least, least + BAND - 1) for least in known], days=period.days, dispersion=spread)
    handle = talk + (rest or 0)
    return tuple(_need(hour, rate, handle, target, _on_duty(figures, hour)) for hour, rate in enumerate(found))


def _need(hour: int, rate: Rate, handle: int, target: Target, on_duty: float) -> Need:
    def listeners(calls: float) -> int:
        return needed(calls=calls, handle=handle, within=target.within, share=target.share / 100)

    return Need(
        hour,
        rate,
        (listeners(rate.low_80), listeners(rate.high_80)),
        (listeners(rate.low_95), listeners(rate.high_95)),
        on_duty,
    )


def _on_duty(figures: Figures, hour: int) -> float:
    return (figures.get(("hours", str(hour), "on_duty")) or 0) / 10
