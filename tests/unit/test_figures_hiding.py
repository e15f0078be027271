"""Nothing small can be got back from all that is published of twelve weeks, however it is subtracted."""

from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from console.figures import measures
from console.figures.banding import BAND, Figures, _every_number_is_possible, band, share_band, width_of_share
from console.figures.hiding import publish
from console.figures.measures import CallSeen, Ending, RingSeen, Seen, ShiftSeen
from console.figures.periods import EPOCH, Period
from console.figures.shown import share_of
from escalation.suppression import ALL
from models.words import ListenerId, OfferEnd, WingId

pytestmark = pytest.mark.slow

ZONE = ZoneInfo("Europe/London")
TWELVE = Period(EPOCH, 12)
# Calls a week, and where the made-up ones begin; in a large site next to nothing is hidden.
SITES = ((1, 1), (8, 3), (20, 5))
LARGE = (100, 6)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def made_up(calls_a_week: int, seed: int) -> Seen:
    """Twelve weeks in which little or much happens: every kind of ending, ring and shift."""
    random, since = Random(seed), TWELVE.span(ZONE)[0]
    calls, rings, shifts = [], [], []
    for number in range(12 * calls_a_week + random.randrange(12)):
        began = since + random.random() * 84 * DAY * 0.999
        calls.append(_call(began, random))
        rings.append(RingSeen(began, random.choices(measures.NOT_TAKEN, [9, 5, 1, 1])[0]))
        if number % 3 == 0:
            wing = random.choices("AB", [6, 1])[0]
            shifts.append(
                ShiftSeen(
                    listener=ListenerId(f"{wing}{random.randrange(4)}"), wing=WingId(wing), starts_at=began,
                    ends_at=began + 4 * HOUR, signed_on_at=random.choice([None, began, began + HOUR]),
                )
            )  # fmt: skip
    return Seen(tuple(calls), (), tuple(rings), tuple(shifts))


def _call(began: object, random: Random) -> CallSeen:
    assert isinstance(began, type(TWELVE.span(ZONE)[0]))
    answered = began + random.choice([9, 25, 45, 90, 200]) * SECOND if random.random() < 0.7 else None
    elsewhere = began + 200 * SECOND if answered is None and random.random() < 0.3 else None
    return CallSeen(
        began_at=began, waited_from=None if random.random() < 0.03 else began, answered_at=answered,
        outside_at=elsewhere, duty_office_at=elsewhere if random.random() < 0.3 else None,
        ended_at=began + random.choice([5, 300]) * SECOND, listening=random.random() < 0.5,
    )  # fmt: skip


@cache
def all_published(calls_a_week: int, seed: int) -> Mapping[Period, Figures]:
    """In the order in which it is published."""
    seen = made_up(calls_a_week, seed)
    found: dict[Period, Figures] = {}
    for four in TWELVE.cut(4):
        for week in four.cut(1):
            found[week] = publish(week, seen, ZONE, {})
        found[four] = publish(four, seen, ZONE, {week: found[week] for week in four.cut(1)})
    return found | {TWELVE: publish(TWELVE, seen, ZONE, found)}


class Reader:
    """Knows everything that is published, which numbers add up, and that what is hidden is no zero."""

    def __init__(self, seen: Mapping[Period, Figures]) -> None:
        self._model = cp_model.CpModel()
        self._cells: dict[object, cp_model.IntVar] = {}
        for period, figures in seen.items():
            for (figure, part, kind), value in figures.items():
                if figure not in {"endings", "waits", "consent", "before", "rings", "signed_on"}:
                    continue
                limits = (1, 9999) if value is None else (value, value)
                self._cells[period, figure, part, kind] = self._model.new_int_var(*limits, "")
        for total, parts in self._sums():
            if total in self._cells and parts and all(part in self._cells for part in parts):
                self._model.add(sum(self._cells[part] for part in parts) == self._cells[total])

    def _sums(self) -> Iterator[tuple[object, list[object]]]:
        for period, figure, part, kind in list(self._cells):  # type: ignore[misc]  # the keys are these
            if kind == ALL:
                yield (
                    (period, figure, part, ALL),
                    [
                        one
                        for one in self._cells
                        if one[:3] == (period, figure, part) and one[3] != ALL  # type: ignore[index]
                    ],
                )
            if part == ALL:
                yield (period, figure, ALL, kind), [
                    one for one in self._cells
                    if one[:2] == (period, figure) and one[2] != ALL and one[3] == kind  # type: ignore[index]
                ]  # fmt: skip
            for weeks in (1, 4):
                if weeks < period.weeks:
                    yield (
                        (period, figure, part, kind),
                        [(one, figure, part, kind) for one in period.cut(weeks)],
                    )
            yield (period, "endings", ALL, Ending.ANSWERED.value), [(period, "waits", ALL, ALL)]
            yield (period, "endings", ALL, ALL), [(period, "consent", ALL, ALL)]

    def could_be(self, cell: object) -> tuple[int, int]:
        found = []
        for best in (self._model.minimize, self._model.maximize):
            best(self._cells[cell])
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = 1
            assert solver.solve(self._model) == cp_model.OPTIMAL
            found.append(int(solver.objective_value))
        return found[0], found[1]


@pytest.mark.parametrize(("calls_a_week", "seed"), SITES)
def test_nobody_can_say_what_a_hidden_count_is(calls_a_week: int, seed: int) -> None:
    found = all_published(calls_a_week, seed)
    reader = Reader(found)
    hidden = [
        (period, *key)
        for period, figures in found.items()
        for key, value in figures.items()
        if value is None and (period, *key) in reader._cells
    ]

    pinned = [cell for cell in hidden if len(set(reader.could_be(cell))) == 1]
    assert hidden
    assert pinned == []


@pytest.mark.parametrize(("calls_a_week", "seed"), [*SITES, LARGE])
def test_no_small_count_is_published(calls_a_week: int, seed: int) -> None:
    for figures in all_published(calls_a_week, seed).values():
        counts = [
            value for (figure, _, kind), value in figures.items() if figure not in {"times", "slots", "hours", "wings"}
        ]
        bands = [
            value for (figure, _, kind), value in figures.items() if figure in {"slots", "hours"} and kind == "calls"
        ]

        assert not {1, 2, 3, 4} & set(counts)
        assert all(value is None or value % BAND == 0 for value in bands)


def test_with_enough_calls_the_long_periods_hide_next_to_nothing() -> None:
    found = all_published(*LARGE)

    for period in (TWELVE, *TWELVE.cut(4)):
        assert found[period]["endings", ALL, ALL] is not None
        assert found[period]["endings", ALL, Ending.ANSWERED] is not None


def test_what_took_few_callers_is_not_said() -> None:
    since = TWELVE.span(ZONE)[0]
    four = [CallSeen(began_at=since, waited_from=since, answered_at=since + 9 * SECOND, ended_at=since + HOUR)] * 4
    gone = [CallSeen(began_at=since, waited_from=since, ended_at=since + HOUR)] * 30
    week = TWELVE.cut(1)[0]

    figures = publish(week, Seen(calls=(*four, *gone)), ZONE, {})

    assert figures["endings", ALL, ALL] == 34
    assert figures["times", ALL, "longest"] is None


def test_a_wing_of_two_listeners_has_no_hours() -> None:
    since = TWELVE.span(ZONE)[0].astimezone(UTC)
    names = [("A", name) for name in ("robin", "wren", "rook")] + [("B", name) for name in ("kite", "owl")]
    shifts = tuple(
        ShiftSeen(
            listener=ListenerId(name), wing=WingId(wing), starts_at=since + DAY * day, ends_at=since + DAY * (day + 1)
        )
        for wing, name in names
        for day in range(9)
    )
    week_before = {week: publish(week, Seen(shifts=shifts), ZONE, {}) for week in TWELVE.cut(4)[0].cut(1)}

    figures = publish(TWELVE.cut(4)[0], Seen(shifts=shifts), ZONE, week_before)

    assert figures["wings", "A", "on_duty"] == 3 * 9 * 24
    assert figures["wings", "B", "on_duty"] is None


# ---- bands


@given(some=st.integers(0, 500), more=st.integers(0, 500))
def test_a_band_of_a_share_has_every_number_that_is_small(some: int, more: int) -> None:
    every = some + more
    width = width_of_share(every)
    if not width:
        assert every < 25
        return
    least = share_band(some, every)
    possible = [count for count in range(every + 1) if share_band(count, every) == least]

    assert width == width_of_share(band(every))
    assert some in possible
    assert len(possible) >= BAND
    for small in ([count for count in possible if count < BAND], [count for count in possible if every - count < BAND]):
        assert len(small) in {0, BAND}


@settings(deadline=None)
@given(counts=st.lists(st.integers(0, 30), min_size=2, max_size=6))
def test_bands_beside_their_total_say_nothing_more(counts: list[int]) -> None:
    bands = [band(count) for count in counts]
    allowed = _every_number_is_possible(bands, sum(counts))
    others = [
        (BAND * (len(counts) - 1) - (len(counts) - 1)) >= sum(counts) - sum(bands) - extra >= 0 for extra in range(BAND)
    ]

    assert allowed is all(others)


# ---- shares beside what is hidden


@given(
    counts=st.lists(st.integers(0, 40), min_size=4, max_size=4),
    hidden=st.sets(st.integers(0, 3)),
    take=st.integers(1, 4),
)
def test_a_share_is_between_its_limits(counts: list[int], hidden: set[int], take: int) -> None:
    kinds = ("a", "b", "c", "d")
    total = sum(counts)
    figures: dict[tuple[str, str, str], int | None] = {
        ("t", ALL, kind): None if number in hidden and counts[number] else counts[number]
        for number, kind in enumerate(kinds)
    }
    limits = share_of({**figures, ("t", ALL, ALL): total}, "t", kinds[:take], kinds, total)

    if not total:
        assert limits is None
        return
    assert limits is not None
    assert limits[0] - 1e-9 <= sum(counts[:take]) / total <= limits[1] + 1e-9
    if not hidden:
        assert limits[0] == limits[1]


def test_rings_are_those_that_no_listener_took() -> None:
    assert OfferEnd.TAKEN not in measures.NOT_TAKEN
