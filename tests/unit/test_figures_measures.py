"""The measures of the line, from a few calls and shifts and from any."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOON
from hypothesis import given, settings
from hypothesis import strategies as st

from console.figures import measures
from console.figures.measures import SLOTS, CallSeen, Ending, Seen, ShiftSeen, SignedOn, TalkSeen
from console.figures.periods import EPOCH, BadPeriod, Period, period_named, settled_and_kept
from models.words import ListenerId, WingId

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONDON = ZoneInfo("Europe/London")
MONDAY = date(2026, 3, 9)


def a_call(**changes: object) -> CallSeen:
    """Waited from NOON, and was over ten minutes later."""
    chosen: dict[str, object] = {"began_at": NOON - 12 * SECOND, "waited_from": NOON, "ended_at": NOON + 10 * MINUTE}
    return CallSeen(**chosen | changes)  # type: ignore[arg-type]  # a test changes what it likes


def a_talk(began: datetime = NOON, length: timedelta = HOUR, listener: str = "robin") -> TalkSeen:
    return TalkSeen(listener=ListenerId(listener), wing=WingId("A"), began_at=began, ended_at=began + length)


def a_shift(starts: datetime = NOON, length: timedelta = 4 * HOUR, **changes: object) -> ShiftSeen:
    chosen: dict[str, object] = {
        "listener": "robin", "wing": "A", "starts_at": starts, "ends_at": starts + length, "signed_on_at": starts,
    }  # fmt: skip
    return ShiftSeen(**chosen | changes)  # type: ignore[arg-type]  # a test changes what it likes


@pytest.mark.parametrize(
    ("call", "ending"),
    [
        (a_call(waited_from=None), None),
        (a_call(answered_at=NOON + MINUTE), Ending.ANSWERED),
        # Who was answered and then asked for another, and went on: the first wait counts.
        (a_call(answered_at=NOON + MINUTE, outside_at=NOON + 5 * MINUTE), Ending.ANSWERED),
        (a_call(outside_at=NOON + MINUTE), Ending.OUTSIDE),
        (a_call(outside_at=NOON + MINUTE, duty_office_at=NOON + 2 * MINUTE), Ending.DUTY_OFFICE),
        (a_call(ended_at=NOON + 10 * SECOND), Ending.AT_ONCE),
        (a_call(ended_at=NOON + 11 * SECOND), Ending.ABANDONED),
    ],
)
def test_how_the_first_wait_of_a_call_ended(call: CallSeen, ending: Ending | None) -> None:
    assert measures.ending_of(call) is ending


@pytest.mark.parametrize(
    ("seconds", "step"), [(0, "within_20"), (20, "within_20"), (21, "within_30"), (60, "within_60"), (121, "later")]
)
def test_the_step_within_which_a_call_was_answered(seconds: int, step: str) -> None:
    assert measures.step_of(timedelta(seconds=seconds)) == step


@pytest.mark.parametrize(
    ("after", "how"),
    [(-30, SignedOn.ON_TIME), (5, SignedOn.ON_TIME), (6, SignedOn.LATE), (None, SignedOn.NEVER)],
)
def test_signed_on_in_time_is_until_the_coordinator_is_told(after: int | None, how: SignedOn) -> None:
    at = None if after is None else NOON + after * MINUTE

    assert measures.signed_on(a_shift(signed_on_at=at)) is how


def test_occupancy_is_talk_in_time_on_duty() -> None:
    seen = Seen(talks=(a_talk(NOON + 3 * HOUR, 2 * HOUR), a_talk(listener="wren")), shifts=(a_shift(),))

    assert measures.occupancy(seen, NOON, NOON + DAY) == 0.25
    assert measures.occupancy(Seen(), NOON, NOON + DAY) is None


@given(starts=st.lists(st.integers(0, 40), unique=True), talks=st.lists(st.tuples(st.integers(0, 40), st.floats(0, 1))))
def test_nobody_is_more_than_wholly_occupied(starts: list[int], talks: list[tuple[int, float]]) -> None:
    """As the database has it: no Listener has two shifts at once, or two talks."""
    shifts = tuple(a_shift(NOON + start * HOUR, HOUR) for start in starts)
    spoken = tuple(a_talk(NOON + hour * HOUR, HOUR * length) for hour, length in dict(talks).items())

    share = measures.occupancy(Seen(talks=spoken, shifts=shifts), NOON, NOON + 30 * HOUR)

    assert share is None or 0 <= share <= 1.0000001


moments = st.integers(0, 6 * 24 * 60).map(lambda minutes: NOON + minutes * MINUTE)


@st.composite
def calls(draw: st.DrawFn) -> CallSeen:
    began = draw(moments)
    waited = draw(st.none() | st.just(began))
    later = st.none() | st.integers(0, 300).map(lambda seconds: began + seconds * SECOND)
    answered, outside = draw(later) if waited else None, draw(later) if waited else None
    return a_call(
        began_at=began, waited_from=waited, answered_at=answered, outside_at=outside, ended_at=began + 400 * SECOND
    )


@settings(max_examples=40)
@given(some=st.lists(calls(), max_size=20))
def test_every_call_that_waited_is_counted_once_everywhere(some: list[CallSeen]) -> None:
    waited = [call for call in some if call.waited_from]
    ends, slots = measures.endings(some), measures.by_slot(some, LONDON)

    assert ends.total() == len(waited) == sum(len(one) for one in slots.values())
    assert measures.waits(some).total() == ends[Ending.ANSWERED]


def test_listeners_on_duty_in_an_hour_that_comes_once_a_week() -> None:
    since = datetime(2026, 3, 9, tzinfo=UTC)
    shifts = (a_shift(since + 30 * MINUTE, HOUR), a_shift(since, 8 * HOUR, listener="wren"))

    found = measures.on_duty_by_slot(shifts, measures.hours_between(since, since + 7 * DAY), LONDON)

    assert [found[0, hour] for hour in (0, 1, 2, 8)] == [1.5, 1.5, 1.0, 0.0]
    assert sum(found.values()) == 9
    assert set(found) == set(SLOTS)


def test_the_hour_that_the_clocks_leave_out_is_no_hour_without_listeners() -> None:
    """29 March 2026 has no 01:00 in London; its other Sundays have."""
    period = Period(date(2026, 3, 23), 1)
    since, until = period.span(LONDON)
    hours = measures.hours_between(since, until)

    assert len(hours) == 7 * 24 - 1
    assert measures.on_duty_by_slot((a_shift(since, until - since),), hours, LONDON)[6, 1] == 0.0
    assert measures.on_duty_by_slot((a_shift(since, until - since),), hours, LONDON)[6, 2] == 1.0


def test_days_that_differ_no_more_than_by_chance_make_nothing_wider() -> None:
    days = [NOON + DAY * number for number in range(5)]
    even = [a_call(waited_from=day + HOUR) for day in days[:4]]
    uneven = [a_call(waited_from=days[0] + HOUR) for _ in range(4)]

    assert measures.dispersion(even, days) == 1.0
    assert measures.dispersion(uneven, days) == pytest.approx(4.0)
    assert measures.dispersion((), days) == 1.0


# ---- periods


def test_periods_hold_one_another_or_do_not_touch() -> None:
    twelve = Period(EPOCH, 12)

    assert [part.first for part in twelve.cut(4)] == [EPOCH, EPOCH + 28 * DAY, EPOCH + 56 * DAY]
    assert tuple(week for four in twelve.cut(4) for week in four.cut(1)) == twelve.cut(1)
    assert period_named(str(twelve)) == twelve


@pytest.mark.parametrize("name", ["", "2024-01-08.4", "2024-01-02.1", "2024-01-01.2", "2024-13-01.1", "2024-01-01.1 "])
def test_a_period_that_slides_has_no_name(name: str) -> None:
    with pytest.raises(BadPeriod, match="choose a period from the list"):
        period_named(name)


@given(days=st.integers(0, 3000), hour=st.integers(0, 23))
def test_what_is_due_is_over_settled_and_wholly_kept(days: int, hour: int) -> None:
    now = datetime(2026, 1, 1, hour, tzinfo=UTC) + days * DAY
    found = list(settled_and_kept(now, LONDON))

    assert 11 <= sum(period.weeks == 1 for period in found) <= 12
    assert 1 <= sum(period.weeks == 4 for period in found) <= 3
    for period in found:
        since, until = period.span(LONDON)
        assert now - 90 * DAY <= since
        assert until + DAY <= now


def test_twelve_weeks_are_due_for_five_days() -> None:
    """The line looks every hour; whoever keeps it off for longer misses them."""
    twelve = Period(EPOCH, 12)
    end = twelve.span(LONDON)[1]
    due = [hours for hours in range(12 * 24) if twelve in settled_and_kept(end + hours * HOUR, LONDON)]

    assert (due[0], due[-1]) == (24, 6 * 24)
