"""The tables of the page, of the CSV files and of the API: made of nothing but what is published."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from console.figures import wording as say
from console.figures.banding import BAND, Figures, width_of_share
from console.figures.forecast import Need, Target, forecast
from console.figures.measures import STEPS, WAITS, Ending
from console.figures.periods import Period
from console.language import _, marked, weekdays
from console.tables import Table
from escalation.oversight import HIDDEN
from escalation.suppression import ALL


@dataclass(frozen=True, slots=True)
class Shown:
    """One period, as it is shown; ``weeks`` are the last ones until its end, the earliest first."""

    period: Period
    figures: Figures
    weeks: Mapping[Period, Figures]
    needs: tuple[Need, ...]
    tables: tuple[Table, ...]

    def table(self, name: str) -> Table | None:
        return next((one for one in self.tables if one.name == name), None)


def shown(
    period: Period, figures: Figures, weeks: Mapping[Period, Figures], wings: Mapping[str, str], target: Target
) -> Shown:
    needs = forecast(period, figures, target) if period.by_hour else ()
    tables = [_measures(period, figures), _weeks(weeks, target)]
    if period.by_hour:
        tables += [_hours(figures, target), _slots(figures), _needs(needs, target), _wings(figures, wings)]
    return Shown(period, figures, weeks, needs, tuple(tables))


# ---- shares of counts, of which some are hidden


def share_of(
    figures: Figures, figure: str, kinds: Sequence[str], every: Sequence[str], of: int | None
) -> tuple[float, float] | None:
    """Between which shares of ``of`` the sum of ``kinds`` lies; what is hidden is at least 1.

    ``every``: the kinds that add up to no more than ``of``.
    """
    if not of:
        return None
    known = {kind: figures[figure, ALL, kind] for kind in every}
    least = sum(1 if known[kind] is None else known[kind] or 0 for kind in kinds)
    if all(known[kind] is not None for kind in kinds):
        return least / of, least / of
    others = sum(1 if known[kind] is None else known[kind] or 0 for kind in every if kind not in kinds)
    whole = figures.get((figure, ALL, ALL))
    return least / of, ((of if whole is None else whole) - others) / of


def _endings(figures: Figures, *kinds: Ending) -> str:
    total = figures["endings", ALL, ALL]
    names = [str(kind) for kind in kinds]
    return _share(share_of(figures, "endings", names, [str(one) for one in Ending], total), total)


def service_level(figures: Figures, step: int) -> tuple[float, float] | None:
    inside = WAITS[: STEPS.index(step) + 1]
    return share_of(figures, "waits", inside, WAITS, figures["endings", ALL, ALL])


def _share(limits: tuple[float, float] | None, total: int | None) -> str:
    return say.NOTHING if total == 0 else say.share(limits)


# ---- the measures of the period


def _measures(period: Period, figures: Figures) -> Table:
    rows = _of_weeks(figures) if period.by_hour else _of_week(figures)
    return Table(
        "measures",
        _("Measures"),
        _(
            "A count from 1 to 4 is hidden, and what would give it away with it: [c]. Where a share depends on what is "
            "hidden, it is given as from and to."
        ),
        (_("Measure"), _("Figure"), _("Share")),
        tuple(rows),
    )


def _of_weeks(figures: Figures) -> Iterator[tuple[str, str, str]]:
    def counted(name: str, kind: Ending) -> tuple[str, str, str]:
        return name, say.count(figures["endings", ALL, str(kind)]), _endings(figures, kind)

    total = figures["endings", ALL, ALL]
    yield _("Calls"), say.count(total), ""
    yield _("Ended during the notice"), say.count(figures["before", ALL, "not_waited"]), ""
    yield counted(_("Answered by a Listener"), Ending.ANSWERED)
    yield counted(_("Abandonment"), Ending.ABANDONED)
    yield counted(_("Gone at once"), Ending.AT_ONCE)
    yield counted(_("Overflow to the outside helpline"), Ending.OUTSIDE)
    yield counted(_("Overflow to the duty office"), Ending.DUTY_OFFICE)
    for step in STEPS:
        yield say.within(step), "", _share(service_level(figures, step), total)
    yield from _times(figures)
    in_time, shifts = figures["signed_on", ALL, "on_time"], figures["signed_on", ALL, ALL]
    kinds = ("on_time", "late", "never")
    adherence = _share(share_of(figures, "signed_on", kinds[:1], kinds, shifts), shifts)
    yield _("Cover adherence: shifts signed on for in time"), say.count(in_time), adherence
    yield _("Shifts"), say.count(shifts), ""
    yield _("Passes"), say.count(figures["rings", ALL, "passed"]), ""
    yield _("Rings that were not answered"), say.count(figures["rings", ALL, "missed"]), ""
    consent = share_of(figures, "consent", ("yes",), ("yes", "no"), total)
    yield _("Consent to listening"), say.count(figures["consent", ALL, "yes"]), _share(consent, total)


def _of_week(figures: Figures) -> Iterator[tuple[str, str, str]]:
    yield _("Calls"), say.count(figures["endings", ALL, ALL]), ""
    yield _("Answered by a Listener"), "", _week_share(figures, "answered")
    for step in STEPS:
        yield say.within(step), "", _week_share(figures, f"within_{step}")
    yield from _times(figures)
    yield _("Cover adherence: shifts signed on for in time"), "", _on_time(figures)


def _times(figures: Figures) -> Iterator[tuple[str, str, str]]:
    names = {"speed": _("Average speed of answer"), "longest": _("Longest answer time"), "talk": _("Handle time: talk")}
    for kind, name in (names | {"rest": _("After-call rest")}).items():
        yield name, _time(figures, kind), ""
    yield _("Occupancy"), "", _occupancy(figures)
    yield _("Time on duty"), _("%(hours)s h", hours=figures["times", ALL, "on_duty"]), ""


def _time(figures: Figures, kind: str) -> str:
    key = ("times", ALL, kind)
    return say.seconds(figures.get(key), measured=key in figures)


def _occupancy(figures: Figures) -> str:
    key = ("times", ALL, "occupancy")
    return say.NOTHING if key not in figures else HIDDEN if figures[key] is None else f"{figures[key]} %"


# ---- week by week


def _weeks(weeks: Mapping[Period, Figures], target: Target) -> Table:
    return Table(
        "weeks",
        _("Week by week"),
        _("Shares of a week are in bands. With fewer than 25 calls or shifts there are none."),
        (
            _("From"),
            _("Calls"),
            _("Answered"),
            _("Within %(within)s s", within=target.within),
            _("Average speed"),
            _("Longest"),
            _("Occupancy"),
            _("Signed on in time"),
        ),
        tuple(
            (
                say.day(week),
                say.count(one["endings", ALL, ALL]),
                _week_share(one, "answered"),
                _week_share(one, f"within_{target.within}"),
                _time(one, "speed"),
                _time(one, "longest"),
                _occupancy(one),
                _on_time(one),
            )
            for week, one in weeks.items()
        ),
    )


def _week_share(figures: Figures, kind: str) -> str:
    return _banded_share(figures, ("shares", ALL, kind), figures["endings", ALL, ALL])


def _on_time(figures: Figures) -> str:
    return _banded_share(figures, ("shares", ALL, "on_time"), figures.get(("shares", ALL, "shifts")))


def _banded_share(figures: Figures, key: tuple[str, str, str], every: int | None) -> str:
    return say.share_band(figures[key], width_of_share(every or 0)) if key in figures else say.NOTHING


# ---- by hour of the clock


def _hours(figures: Figures, target: Target) -> Table:
    return Table(
        "hours",
        _("By hour of the clock"),
        _("Calls of all days together, by when they began to wait; counts and shares in bands."),
        (
            _("Hour"),
            _("Calls"),
            _("Answered"),
            _("Within %(within)s s", within=target.within),
            _("Average speed"),
            _("Listeners on duty"),
        ),
        tuple(_hour(figures, hour, target) for hour in range(24)),
    )


def _hour(figures: Figures, hour: int, target: Target) -> tuple[str, ...]:
    part = str(hour)
    calls = figures["hours", part, "calls"]
    speed = ("hours", part, "speed")
    return (
        say.hour(hour),
        say.band(calls, BAND),
        _banded_share(figures, ("hours", part, "answered"), calls),
        _banded_share(figures, ("hours", part, f"within_{target.within}"), calls),
        say.seconds(figures.get(speed), measured=speed in figures),
        say.tenths(figures["hours", part, "on_duty"]),
    )


def _slots(figures: Figures) -> Table:
    def cell(weekday: int, hour: int) -> str:
        part = f"{weekday}-{hour}"
        calls, on_duty = figures["slots", part, "calls"], figures["slots", part, "on_duty"]
        return f"{say.band(calls, BAND)}; {say.tenths(on_duty)}"

    return Table(
        "slots",
        _("Demand against cover"),
        _("In each hour of the week: calls of the whole period, in bands; and Listeners on duty, as a mean."),
        (_("Hour"), *weekdays()),
        tuple((say.hour(hour), *(cell(weekday, hour) for weekday in range(7))) for hour in range(24)),
    )


def _needs(needs: Sequence[Need], target: Target) -> Table:
    return Table(
        "needed",
        _("Listeners needed"),
        _(
            "So that %(share)s %% of calls are answered within %(within)s s, if calls come as in this period. "
            "What the rota needs for safety comes first.",
            share=target.share,
            within=target.within,
        ),
        (
            _("Hour"),
            _("Calls an hour (80 %%)"),
            _("Needed (80 %%)"),
            _("Needed (95 %%)"),
            _("On duty"),
            _("So there were"),
        ),
        tuple(
            (
                say.hour(one.hour),
                _("%(least)s to %(most)s", least=f"{one.rate.low_80:.2f}", most=f"{one.rate.high_80:.2f}"),
                say.spread(one.likely),
                say.spread(one.nearly_sure),
                f"{one.on_duty:.1f}",
                say.VERDICTS[one.verdict],
            )
            for one in needs
        ),
    )


def _wings(figures: Figures, wings: Mapping[str, str]) -> Table:
    """Wings with Listeners on the rota, by where these live now."""
    ids = [wing for wing in wings if ("wings", wing, "on_duty") in figures]
    return Table(
        "wings",
        _("Listeners by wing"),
        _(
            "Only what Listeners did: a call has no wing. Nothing where fewer than three Listeners of a wing were on "
            "duty."
        ),
        (_("Wing"), _("On duty"), _("Talked"), _("Shifts"), _("Signed on in time")),
        tuple(_wing(figures, wing, wings[wing], ALL if len(ids) == 1 else wing) for wing in ids),
    )


def _wing(figures: Figures, wing: str, name: str, part: str) -> tuple[str, ...]:
    """``part``: where its shifts are counted."""

    def written(kind: str, unit: str) -> str:
        number = figures["wings", wing, kind]
        return HIDDEN if number is None else _(unit, number=number)

    shifts = [("signed_on", part, kind) for kind in (ALL, "on_time")]
    signed_on = (say.count(figures[key]) if key in figures else say.NOTHING for key in shifts)
    return name, written("on_duty", marked("%(number)s h")), written("talked", marked("%(number)s min")), *signed_on
