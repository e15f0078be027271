"""What the Listeners' pages decide without a database: possible steps, days of a form, loads, drawings, addresses."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOON, a_welfare
from hypothesis import given
from hypothesis import strategies as st

from console.listeners.addresses import Addresses
from console.listeners.charts import BAR_WIDTH, HEIGHT, WIDTH, bar_length, weeks_chart
from console.listeners.loads import Rung, Week, load_of, rung
from console.listeners.steps import BadAnswer, Choice, certificate_from, choice_from, moment_of, possible
from console.listeners.wording import lacking, plain, warning
from listeners.journey import FIRST_TRAINING, Lacking, Module, SoFar, Trained
from listeners.warnings import Ahead, Due
from listeners.welfare import Spell
from models.words import ListenerId, Standing, StandingReason
from rota.person import Span

LONDON = ZoneInfo("Europe/London")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RULES = a_welfare()
TRAINED = {module: Trained(module, NOON - 30 * DAY) for module in FIRST_TRAINING}


@pytest.mark.parametrize(
    ("so_far", "offered", "refused"),
    [
        (SoFar(Standing.APPLIED), {"cleared"}, set()),
        (SoFar(Standing.TRAINING), set(), {"shadowing"}),
        (SoFar(Standing.TRAINING, TRAINED), {"shadowing"}, set()),
        (SoFar(Standing.SHADOWING, TRAINED, 2), set(), {"certified"}),
        (SoFar(Standing.SHADOWING, TRAINED, 3), {"certified"}, set()),
        (SoFar(Standing.CERTIFIED, certificate=Span(NOON - DAY)), {"certified"}, set()),
        (SoFar(Standing.SUSPENDED, suspended_from=Standing.TRAINING), {"training"}, {"certified", "shadowing"}),
        (SoFar(Standing.LEFT), {"applied"}, {"certified"} - {"certified"}),
    ],
)
def test_what_may_follow_is_offered_and_what_may_not_yet_is_explained(
    so_far: SoFar, offered: set[str], refused: set[str]
) -> None:
    found = possible(so_far, RULES, NOON)

    assert offered <= {choice.became.value for choice in found.choices}
    assert refused <= {standing.value for some in found.not_yet.values() for standing in some}
    assert not offered & {standing.value for some in found.not_yet.values() for standing in some}


def test_what_comes_by_itself_is_not_offered() -> None:
    choices = possible(SoFar(Standing.CERTIFIED, certificate=Span(NOON - DAY)), RULES, NOON).choices

    assert Standing.LAPSED not in {choice.became for choice in choices}


def test_a_choice_is_read_back_as_it_was_written() -> None:
    choice = Choice(Standing.SUSPENDED, StandingReason.UNDER_REVIEW)

    assert choice_from(choice.value) == choice


def test_today_counts_from_now_and_an_earlier_day_from_its_noon_but_not_before_the_last_change() -> None:
    now = datetime(2026, 7, 10, 8, tzinfo=UTC)
    last = datetime(2026, 7, 8, 15, tzinfo=UTC)

    assert moment_of("day", date(2026, 7, 10), LONDON, now) == now
    assert moment_of("day", date(2026, 7, 9), LONDON, now, after=[last]) == datetime(2026, 7, 9, 11, tzinfo=UTC)
    assert moment_of("day", date(2026, 7, 8), LONDON, now, after=[last]) == last
    for wrong in (date(2026, 7, 7), date(2026, 7, 11)):
        with pytest.raises(BadAnswer):
            moment_of("day", wrong, LONDON, now, after=[last])


def test_the_day_is_the_prisons_own_and_not_that_of_utc() -> None:
    just_after_midnight = datetime(2026, 7, 9, 23, 30, tzinfo=UTC)

    assert moment_of("day", date(2026, 7, 10), LONDON, just_after_midnight) == just_after_midnight


def test_the_last_day_of_a_certificate_counts_whole_also_when_the_clocks_change() -> None:
    choice = Choice(Standing.CERTIFIED, StandingReason.ACCREDITED)
    certificate = certificate_from(choice, "2026-03-28", "2026-10-24", LONDON)

    assert certificate == Span(datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, 23, tzinfo=UTC))
    assert certificate_from(Choice(Standing.LEFT, StandingReason.RELEASED), "x", "y", LONDON) is None


spells = st.lists(
    st.builds(
        lambda ago, lasting, heavy: Spell(NOON - ago, NOON - ago + min(lasting, ago), heavy),
        st.timedeltas(timedelta(minutes=1), 28 * DAY),
        st.timedeltas(timedelta(minutes=1), 5 * HOUR),
        st.booleans(),
    ),
    max_size=12,
)


@given(spells)
def test_the_four_weeks_add_up_and_weight_of_few_heavy_talks_is_never_shown(some: list[Spell]) -> None:
    load = load_of(some, (), RULES, NOON, LONDON)
    heavy = sum(spell.heavy for spell in some)

    whole = sum(week.minutes for week in load.weeks)
    assert whole <= load.days_28.minutes <= whole + len(load.weeks)
    assert load.weeks[-1].minutes == load.days_7.minutes
    assert load.days_28.weight == (30 * heavy if heavy >= 5 else None)


@given(spells)
def test_without_enough_to_hide_them_heavy_talks_change_nothing_that_is_shown(some: list[Spell]) -> None:
    """But that somebody has had enough, which the router must know."""
    few, light = some[:4], [Spell(one.began_at, one.ended_at) for one in some[:4]]
    shown, same = load_of(few, (), RULES, NOON, LONDON), load_of(light, (), RULES, NOON, LONDON)

    assert (shown.weeks, shown.days_7, shown.days_28) == (same.weeks, same.days_7, same.days_28)


def test_nights_are_counted_where_they_begin() -> None:
    load = load_of((), [NOON - 2 * DAY, NOON - 8 * DAY, NOON - 27 * DAY], RULES, NOON, LONDON)

    assert [week.nights for week in load.weeks] == [1, 0, 1, 1]
    assert (load.days_7.nights, load.days_28.nights) == (1, 3)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (None, Rung.NOT_LATELY),
        (HOUR, Rung.THIS_WEEK),
        (7 * DAY, Rung.THIS_MONTH),
        (27 * DAY, Rung.THIS_MONTH),
        (28 * DAY, Rung.NOT_LATELY),
    ],
)
def test_when_they_were_rung_is_said_no_nearer_than_a_week(ago: timedelta | None, said: Rung) -> None:
    assert rung(None if ago is None else NOON - ago, NOON) is said


@given(st.lists(st.integers(0, 3000), min_size=4, max_size=4), st.integers(1, 2000))
def test_no_bar_leaves_the_drawing(minutes: list[int], cap: int) -> None:
    chart = weeks_chart([Week(NOON, NOON, some, 0) for some in minutes], cap)

    for bar in chart.bars:
        assert 0 < bar.y <= chart.floor <= HEIGHT
        assert bar.y + bar.height == chart.floor
        assert bar.x >= 0
        assert bar.x + bar.width <= WIDTH
    assert 0 < chart.cap_y <= chart.floor


def test_the_longest_bar_of_a_table_is_as_wide_as_the_drawing() -> None:
    assert (bar_length(120, 120), bar_length(60, 120), bar_length(0, 0)) == (BAR_WIDTH, BAR_WIDTH // 2, 0)


def test_an_address_says_nothing_and_needs_the_key() -> None:
    kestrel = ListenerId("site-demo-kestrel")
    ours, others = Addresses("a" * 40), Addresses("b" * 40)

    assert ours.of(kestrel) == ours.of(kestrel) != others.of(kestrel)
    assert ours.of(kestrel) != ours.of(ListenerId("site-demo-linnet"))
    assert "kestrel" not in ours.of(kestrel)


def test_what_is_lacking_is_said_in_the_words_of_the_pages() -> None:
    one = Lacking(
        clearance=True,
        modules=(Module.THREE, Module.EIGHT),
        shadowed_calls=1,
        certificate=True,
        overdue=(Module.REFRESHER,),
    )

    assert lacking(one) == [
        "security clearance",
        "modules 3 and 8",
        "1 shadowed call",
        "a certificate that is in date",
        "recurring training, which is overdue",
    ]


def test_no_word_of_a_file_is_left_in_what_a_refusal_says() -> None:
    said = plain("the reason can be own_wish or under_review; still lacking: module_1; refresher, which is overdue")

    assert said == (
        "the reason can be own wish or under review; still lacking: module 1; recurring training, which is overdue"
    )


def test_a_warning_names_the_last_day_in_the_prisons_time() -> None:
    midnight = datetime(2026, 7, 9, 23, tzinfo=UTC)

    assert (
        warning(Ahead(Due.CERTIFICATE, midnight, 7), LONDON) == "Certificate: last day 9 July 2026, in 7 days or less"
    )
    assert warning(Ahead(Due.TRAINING, midnight, 0), LONDON) == "Recurring training: last day 9 July 2026, over"
