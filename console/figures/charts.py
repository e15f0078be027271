"""The charts of the page. Colours are of one hue from light to dark, so that they differ in grey and to every eye."""

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from console.figures import wording as say
from console.figures.banding import BAND, Figures
from console.figures.forecast import Need, Verdict
from console.figures.periods import Period
from console.figures.svg import INK, LINE, QUIET, box, dot, line, picture, words
from console.language import _, short_day, weekdays
from escalation.oversight import HIDDEN
from escalation.suppression import ALL

_BAR = "#2b6cb0"
_PALE = "#b9d3ec"
_WARNING = "#b3261e"
# ColorBrewer's Blues, with the ink that is read on each.
_SHADES = (("#eff3ff", INK), ("#bdd7e7", INK), ("#6baed6", INK), ("#3182bd", "#ffffff"), ("#08519c", "#ffffff"))
_LEFT, _TOP, _HIGH = 46.0, 24.0, 200.0


def charts(
    shown_weeks: Mapping[Period, Figures], period: Period, figures: Figures, needs: Sequence[Need]
) -> dict[str, Markup]:
    """By the name of the table that stands beside each."""
    found = {"weeks": weeks(shown_weeks)}
    if period.by_hour:
        found |= {"hours": hours(figures), "slots": slots(period, figures)}
    return found | ({"needed": needed(needs)} if needs else {})


def weeks(found: Mapping[Period, Figures]) -> Markup:
    counts = [one["endings", ALL, ALL] for one in found.values()]
    top = _top(counts)
    step = 60.0

    def shapes() -> Iterator[Markup]:
        yield from _scale(top, _LEFT + step * len(counts))
        for number, (week, count) in enumerate(zip(found, counts, strict=True)):
            middle = _LEFT + step * (number + 0.5)
            high = _HIGH * (count or 0) / top
            yield box(middle - 20, _TOP + _HIGH - high, 40, high, _BAR)
            yield words(middle, _TOP + _HIGH - high - 6, say.count(count))
            yield words(middle, _TOP + _HIGH + 18, short_day(week.first), colour=QUIET)

    size = (_LEFT + step * len(counts) + 8, _TOP + _HIGH + 28)
    return picture(
        "weeks-chart", _("Calls by week"), _("One bar a week. %(hidden)s: hidden.", hidden=HIDDEN), size, shapes()
    )


def hours(figures: Figures) -> Markup:
    """The lowest and the highest that the count of an hour may be, and Listeners on duty."""
    counts = [figures["hours", str(hour), "calls"] for hour in range(24)]
    on_duty = [(figures["hours", str(hour), "on_duty"] or 0) / 10 for hour in range(24)]
    top, most = _top([None if one is None else one + BAND - 1 for one in counts]), max(4.0, *on_duty)
    step = 38.0

    def shapes() -> Iterator[Markup]:
        yield from _scale(top, _LEFT + step * 24)
        for hour, (count, listeners) in enumerate(zip(counts, on_duty, strict=True)):
            x = _LEFT + step * hour + 5
            if count is None:
                yield words(x + 14, _TOP + _HIGH - 6, HIDDEN)
            else:
                sure, perhaps = _HIGH * count / top, _HIGH * (BAND - 1) / top
                yield box(x, _TOP + _HIGH - sure, 28, sure, _BAR)
                yield box(x, _TOP + _HIGH - sure - perhaps, 28, perhaps, _PALE)
            yield dot(x + 14, _TOP + _HIGH * (1 - listeners / most))
            yield words(x + 14, _TOP + _HIGH + 18, f"{hour:02}", colour=QUIET)
        right = _LEFT + step * 24 + 6
        yield words(right, _TOP + 4, _("%(count)s on duty", count=f"{most:.0f}"), anchor="start", colour=QUIET)
        yield words(right, _TOP + _HIGH + 4, "0", anchor="start", colour=QUIET)

    says = _(
        "Bars are calls: dark is sure, pale is the rest of the band. Rings are Listeners on duty, on the right scale."
    )
    return picture(
        "hours-chart", _("Calls by hour of the clock"), says, (_LEFT + step * 24 + 80, _TOP + _HIGH + 28), shapes()
    )


def slots(period: Period, figures: Figures) -> Markup:
    """The heat map: calls an hour by shade, Listeners on duty as a number."""
    every = [figures["slots", f"{day}-{hour}", "calls"] for day in range(7) for hour in range(24)]
    bands = max((one or 0) // BAND for one in every) + 1
    wide, high = 42.0, 34.0

    def shade(count: int) -> tuple[str, str]:
        return _SHADES[min(len(_SHADES) - 1, count // BAND * len(_SHADES) // max(bands, len(_SHADES)))]

    def cell(day: int, hour: int) -> Iterator[Markup]:
        part = f"{day}-{hour}"
        count, on_duty = figures["slots", part, "calls"], figures["slots", part, "on_duty"] or 0
        fill, ink = ("#ffffff", INK) if count is None else shade(count)
        x, y = 96 + wide * hour, _TOP + high * day
        alone = not on_duty
        yield box(x + 1.5, y + 1.5, wide - 3, high - 3, fill, _WARNING if alone else "none")
        yield words(x + wide / 2, y + 22, say.tenths(on_duty), colour=ink, bold=alone)

    def shapes() -> Iterator[Markup]:
        for hour in range(24):
            yield words(96 + wide * (hour + 0.5), 16, f"{hour:02}", colour=QUIET)
        for day, name in enumerate(weekdays()):
            yield words(90, _TOP + high * day + 22, name, anchor="end")
            for hour in range(24):
                yield from cell(day, hour)
        y = _TOP + high * 7 + 16
        for number, (fill, _ink) in enumerate(_SHADES[: max(1, min(bands, len(_SHADES)))]):
            least = next(band for band in range(bands + len(_SHADES)) if shade(band * BAND)[0] == fill) * BAND
            yield box(96 + 200 * number, y, 22, 18, fill, LINE)
            text = (
                _("%(calls)s calls an hour or more", calls=f"{least / period.weeks:.1f}")
                if number
                else _("fewer calls")
            )
            yield words(126 + 200 * number, y + 14, text, anchor="start")

    says = _(
        "Each box is an hour of the week. The darker it is, the more calls. The number in it is Listeners on duty; a "
        "thick outline and bold type: none."
    )
    return picture("slots-chart", _("Demand against cover"), says, (100 + wide * 24, _TOP + high * 7 + 42), shapes())


def needed(needs: Sequence[Need]) -> Markup:
    top = _top([max(one.nearly_sure[1], round(one.on_duty)) for one in needs])
    step = 38.0

    def level(listeners: float) -> float:
        return _TOP + _HIGH * (1 - listeners / top)

    def shapes() -> Iterator[Markup]:
        yield from _scale(top, _LEFT + step * 24)
        for one in needs:
            x = _LEFT + step * (one.hour + 0.5)
            sure, likely = one.nearly_sure, one.likely
            yield line(x, level(sure[0]), x, level(sure[1]), _BAR, 2)
            yield box(x - 9, level(likely[1]) - 3, 18, level(likely[0]) - level(likely[1]) + 6, _BAR)
            yield dot(x, level(one.on_duty), _WARNING if one.verdict is Verdict.TOO_FEW else INK)
            yield words(x, _TOP + _HIGH + 18, f"{one.hour:02}", colour=QUIET)

    says = _("Boxes are Listeners needed with a chance of 80 %%, lines with one of 95 %%. Rings are Listeners on duty.")
    return picture(
        "needed-chart", _("Listeners needed by hour"), says, (_LEFT + step * 24 + 8, _TOP + _HIGH + 28), shapes()
    )


def _top(counts: Sequence[int | None]) -> int:
    """A round number that none of them is over, and that has round quarters."""
    most = max((one or 0 for one in counts), default=0)
    return next(top for top in (4, 8, 20, 40, 80, 100, 200, 400, 800, 1000, 2000, 4000, 10**9) if top >= most)


def _scale(top: int, right: float) -> Iterator[Markup]:
    for quarter in range(5):
        y = _TOP + _HIGH * (1 - quarter / 4)
        yield line(_LEFT, y, right, y)
        yield words(_LEFT - 6, y + 4, f"{top * quarter / 4:g}", anchor="end", colour=QUIET)
