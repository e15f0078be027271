"""The pure machine: each rule of the protocol, told as a case and what comes next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from escalation.profile import Protocol, Step
from escalation.protocol import (
    BREATH,
    Acknowledged,
    Case,
    Closed,
    Command,
    Due,
    Event,
    MadeGraver,
    NobodyReachable,
    Raised,
    Restarted,
    StopTelling,
    Tell,
    TellingEnded,
    Warn,
    WarnConsole,
    advance,
)
from models.words import Outcome, PhoneId, Post, TellingEnd

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
CONTROL, NURSE, ORDERLY = Post.CONTROL_ROOM, Post.HEALTHCARE, Post.ORDERLY_OFFICER
LIFE = Protocol(steps=(Step((CONTROL, NURSE), 60), Step((ORDERLY,), 30)), spoken_within=300)
OTHER = Protocol(steps=(Step((ORDERLY,), 45),), spoken_within=600)
DESK, WARD = PhoneId("desk"), PhoneId("ward")
BEGUN = Case(LIFE, due_at=NOON + timedelta(seconds=60), being_told=frozenset({DESK, WARD}))
LAST_STEP = replace(BEGUN, step=1, due_at=NOON + timedelta(seconds=30), being_told=frozenset({DESK}))
ACKNOWLEDGED = replace(
    BEGUN, acknowledged_at=NOON, acknowledged_by="nurse", due_at=NOON + timedelta(seconds=300), being_told=frozenset()
)
CLOSED = replace(ACKNOWLEDGED, closed_at=NOON, closed_by="officer", outcome=Outcome.SAFE_NOW, due_at=None)
FIRST_STEP_AGAIN = (Tell(CONTROL, 0, 1), Tell(NURSE, 0, 1))
SAFE = Closed("officer", spoken=True, outcome=Outcome.SAFE_NOW)
NOT_SPOKEN = Closed("officer", spoken=False)


def after(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def ended(phone: PhoneId, end: TellingEnd, post: Post = CONTROL) -> TellingEnded:
    return TellingEnded(phone, post, end)


def test_the_first_step_rings_its_posts_at_once() -> None:
    case, commands = advance(Case(LIFE), Raised(), NOON)

    assert (case.step, case.round, case.due_at) == (0, 0, after(60))
    assert commands == (Tell(CONTROL, 0, 0), Tell(NURSE, 0, 0))


@pytest.mark.parametrize(
    ("before", "event", "seconds", "commands"),
    [
        pytest.param(BEGUN, Due(), 60, (Tell(ORDERLY, 1, 0),), id="no acknowledgement in time: the next step"),
        pytest.param(LAST_STEP, Due(), 30, FIRST_STEP_AGAIN, id="after the last step, a new round"),
        pytest.param(
            replace(BEGUN, being_told=frozenset()), NobodyReachable(), 0, (Tell(ORDERLY, 1, 0),), id="skipped"
        ),
        pytest.param(BEGUN, Restarted(), 20, (Tell(CONTROL, 0, 0), Tell(NURSE, 0, 0)), id="restart: the same step"),
        pytest.param(BEGUN, Restarted(), 60, (Tell(ORDERLY, 1, 0),), id="restart after its time: the next step"),
        pytest.param(ACKNOWLEDGED, NOT_SPOKEN, 9, (Tell(ORDERLY, 1, 0),), id="not spoken to: climbs at once"),
        pytest.param(replace(LAST_STEP), NOT_SPOKEN, 9, FIRST_STEP_AGAIN, id="not spoken to at the last: a new round"),
        pytest.param(
            ACKNOWLEDGED, Due(), 300, (WarnConsole(Warn.CAME_BACK), *FIRST_STEP_AGAIN), id="acknowledged: comes back"
        ),
        pytest.param(
            ACKNOWLEDGED, MadeGraver(OTHER), 9, (StopTelling(), Tell(ORDERLY, 0, 1)), id="graver: rings again"
        ),
    ],
)
def test_it_rings_again(before: Case, event: Event, seconds: int, commands: tuple[Command, ...]) -> None:
    case, ordered = advance(before, event, after(seconds))

    assert ordered == commands
    assert case.acknowledged_at is None
    assert case.due_at is not None
    assert case.due_at > after(seconds)


@pytest.mark.parametrize(
    ("before", "event"),
    [
        pytest.param(BEGUN, Raised(), id="raised twice"),
        pytest.param(BEGUN, Due(), id="not due yet"),
        pytest.param(BEGUN, NobodyReachable(), id="somebody is being told"),
        pytest.param(BEGUN, ended(PhoneId("elsewhere"), TellingEnd.ACKNOWLEDGED), id="a late key"),
        pytest.param(ACKNOWLEDGED, Acknowledged("desk"), id="acknowledged twice"),
        pytest.param(ACKNOWLEDGED, NobodyReachable(), id="nobody to ring, nobody needed"),
        pytest.param(ACKNOWLEDGED, Restarted(), id="somebody is going, the line was away"),
        *(
            pytest.param(CLOSED, event, id=f"closed: {type(event).__name__}")
            for event in (Raised(), MadeGraver(OTHER), Due(), Restarted(), Acknowledged("desk"), SAFE, NOT_SPOKEN)
        ),
    ],
)
def test_what_cannot_happen_now_changes_nothing(before: Case, event: Event) -> None:
    assert advance(before, event, after(10)) == (before, ())


def test_the_time_of_a_step_goes_on_through_a_restart() -> None:
    case, _ = advance(BEGUN, Restarted(), after(20))

    assert case.due_at == after(60)


@pytest.mark.parametrize("end", [TellingEnd.CANNOT_GO, TellingEnd.NO_ANSWER, TellingEnd.NOT_CONFIRMED])
def test_one_phone_that_fails_leaves_the_others_ringing(end: TellingEnd) -> None:
    case, commands = advance(BEGUN, ended(DESK, end), after(5))

    assert commands == ()
    assert case.being_told == {WARD}


def test_when_nobody_is_left_to_answer_the_next_step_begins_at_once() -> None:
    waiting_for_one = replace(BEGUN, being_told=frozenset({DESK}))

    case, commands = advance(waiting_for_one, ended(DESK, TellingEnd.CANNOT_GO), after(5))

    assert commands == (Tell(ORDERLY, 1, 0),)
    assert case.due_at == after(35)


def test_when_nobody_is_left_in_the_last_step_a_new_round_follows_a_breath() -> None:
    case, commands = advance(LAST_STEP, ended(DESK, TellingEnd.CANNOT_GO), after(5))

    assert commands == (WarnConsole(Warn.NOBODY_LEFT),)
    assert case.due_at == after(5) + BREATH


def test_a_breath_is_never_longer_than_the_step() -> None:
    case, _ = advance(LAST_STEP, ended(DESK, TellingEnd.CANNOT_GO), after(28))

    assert case.due_at == LAST_STEP.due_at


def test_rounds_do_not_stop() -> None:
    case, _ = advance(Case(LIFE), Raised(), NOON)
    for _ in range(200):
        assert case.due_at is not None
        case, commands = advance(case, Due(), case.due_at)
        assert any(isinstance(command, Tell) for command in commands)

    assert case.round == 100


def test_key_1_acknowledges_for_the_post_and_stops_the_others() -> None:
    case, commands = advance(BEGUN, ended(WARD, TellingEnd.ACKNOWLEDGED, NURSE), after(7))

    assert (case.acknowledged_by, case.acknowledged_at, case.due_at) == (NURSE, after(7), after(307))
    assert commands == (StopTelling(),)


def test_somebody_on_the_console_acknowledges() -> None:
    case, commands = advance(BEGUN, Acknowledged("officer"), after(7))

    assert case.acknowledged_by == "officer"
    assert commands == (StopTelling(),)


def test_only_spoken_to_the_person_ends_it() -> None:
    case, commands = advance(BEGUN, SAFE, after(7))

    assert (case.closed_at, case.closed_by, case.outcome, case.due_at) == (after(7), "officer", Outcome.SAFE_NOW, None)
    assert commands == (StopTelling(),)


def test_made_graver_takes_the_graver_protocol() -> None:
    case, _ = advance(BEGUN, MadeGraver(OTHER), after(7))

    assert (case.protocol, case.step, case.round, case.due_at) == (OTHER, 0, 1, after(52))
