"""The pure machine: each rule of the protocol, told as a case and what comes next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from escalation.case import (
    ASKED_EVERY,
    Acknowledged,
    AtDoor,
    Case,
    Closed,
    Command,
    Due,
    Event,
    HandedOver,
    MadeGraver,
    NobodyReachable,
    OpenLocation,
    Raised,
    Restarted,
    Spoken,
    StopTelling,
    Tell,
    TellingEnded,
    ToldWithAnother,
    Warn,
    WarnConsole,
)
from escalation.profile import Deciding, Protocol, Step, Undecided
from escalation.protocol import BREATH, advance
from models.words import Outcome, PhoneId, Post, TellingEnd

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
CONTROL, NURSE, ORDERLY = Post.CONTROL_ROOM, Post.HEALTHCARE, Post.ORDERLY_OFFICER
OFFICE = Post.DUTY_OFFICE
LIFE = Protocol(
    steps=(Step((CONTROL, NURSE), 60), Step((ORDERLY,), 30)), door_within=180, spoken_within=300, closed_within=3600
)
OTHER = Protocol(steps=(Step((ORDERLY,), 45),), door_within=600, spoken_within=600, closed_within=3600)
# Somebody of the prison, and a nurse, have to say that they are going.
BOTH = replace(LIFE, acknowledge=((CONTROL, ORDERLY), (NURSE,)))
LEADER = Post.SCHEME_LEADER
ASKED_FIRST = replace(LIFE, decided_by=Deciding(LEADER, 90, Undecided.TELL))
DESK, WARD = PhoneId("desk"), PhoneId("ward")
BEGUN = Case(LIFE, step_ends_at=NOON + timedelta(seconds=60), being_told={DESK: CONTROL, WARD: NURSE})
LAST_STEP = replace(BEGUN, step=1, step_ends_at=NOON + timedelta(seconds=30), being_told={DESK: ORDERLY})
ACKNOWLEDGED = replace(BEGUN, acknowledged_at=NOON, acknowledged_by="nurse", posts=(NURSE,), being_told={})
CLOSED = replace(ACKNOWLEDGED, closed_at=NOON, closed_by="officer", outcome=Outcome.SAFE_NOW, step_ends_at=None)
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
        pytest.param(replace(BEGUN, being_told={}), NobodyReachable(), 0, (Tell(ORDERLY, 1, 0),), id="skipped"),
        pytest.param(BEGUN, Restarted(), 20, (Tell(CONTROL, 0, 0), Tell(NURSE, 0, 0)), id="restart: the same step"),
        pytest.param(BEGUN, Restarted(), 60, (Tell(ORDERLY, 1, 0),), id="restart after its time: the next step"),
        pytest.param(ACKNOWLEDGED, NOT_SPOKEN, 9, (Tell(ORDERLY, 1, 0),), id="not spoken to: climbs at once"),
        pytest.param(replace(LAST_STEP), NOT_SPOKEN, 9, FIRST_STEP_AGAIN, id="not spoken to at the last: a new round"),
        pytest.param(
            ACKNOWLEDGED, Due(), 180, (WarnConsole(Warn.CAME_BACK), *FIRST_STEP_AGAIN), id="not at the door: comes back"
        ),
        pytest.param(
            replace(ACKNOWLEDGED, at_door_at=NOON, at_door_by="nurse"),
            Due(),
            300,
            (WarnConsole(Warn.CAME_BACK), *FIRST_STEP_AGAIN),
            id="at the door and not spoken to: comes back",
        ),
        pytest.param(ACKNOWLEDGED, HandedOver("nurse"), 9, FIRST_STEP_AGAIN, id="handed over: others are told"),
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
        pytest.param(ACKNOWLEDGED, Restarted((CONTROL,)), id="somebody is going, the line was away"),
        pytest.param(BEGUN, ToldWithAnother(), id="nobody was asked"),
        pytest.param(BEGUN, HandedOver("desk"), id="handed over by somebody who was not going"),
        *(
            pytest.param(CLOSED, event, id=f"closed: {type(event).__name__}")
            for event in (
                Raised(),
                MadeGraver(OTHER),
                Due(),
                Restarted(),
                Acknowledged("desk"),
                AtDoor("desk"),
                SAFE,
                NOT_SPOKEN,
            )
        ),
    ],
)
def test_what_cannot_happen_now_changes_nothing(before: Case, event: Event) -> None:
    assert advance(before, event, after(10)) == (before, ())


def test_the_time_of_a_step_goes_on_through_a_restart() -> None:
    case, _ = advance(BEGUN, Restarted(), after(20))

    assert case.due_at == after(60)


@pytest.mark.parametrize(
    ("given_up", "seconds", "commands"),
    [
        pytest.param((NURSE, ORDERLY), 20, (Tell(ORDERLY, 1, 0), Tell(NURSE, 1, 0)), id="who listened to step 0"),
        pytest.param((ORDERLY, ORDERLY), 20, (Tell(ORDERLY, 1, 0),), id="rung by the step itself"),
        pytest.param((NURSE, NURSE), 20, (Tell(ORDERLY, 1, 0), Tell(NURSE, 1, 0)), id="two phones of a post"),
        pytest.param((LEADER,), 20, (Tell(ORDERLY, 1, 0),), id="who only decided is not of the staff"),
        pytest.param((ORDERLY,), 30, (*FIRST_STEP_AGAIN, Tell(ORDERLY, 0, 1)), id="after its time"),
    ],
)
def test_whoever_was_cut_off_by_a_restart_is_told_again_whatever_the_step(
    given_up: tuple[Post, ...], seconds: int, commands: tuple[Command, ...]
) -> None:
    _, ordered = advance(replace(LAST_STEP, being_told={}), Restarted(given_up), after(seconds))

    assert ordered == commands


def test_whoever_was_cut_off_and_is_not_wanted_any_more_is_not_rung_after_a_restart() -> None:
    going = replace(LAST_STEP, protocol=BOTH, being_told={}, acknowledged_at=NOON, posts=(NURSE,))

    _, ordered = advance(going, Restarted((NURSE, CONTROL)), after(20))

    assert ordered == (Tell(ORDERLY, 1, 0), Tell(CONTROL, 1, 0))


@pytest.mark.parametrize("end", [TellingEnd.CANNOT_GO, TellingEnd.NO_ANSWER, TellingEnd.NOT_CONFIRMED])
def test_one_phone_that_fails_leaves_the_others_ringing(end: TellingEnd) -> None:
    case, commands = advance(BEGUN, ended(DESK, end), after(5))

    assert commands == ()
    assert case.being_told == {WARD: NURSE}


def test_when_nobody_is_left_to_answer_the_next_step_begins_at_once() -> None:
    waiting_for_one = replace(BEGUN, being_told={DESK: CONTROL})

    case, commands = advance(waiting_for_one, ended(DESK, TellingEnd.CANNOT_GO), after(5))

    assert commands == (Tell(ORDERLY, 1, 0),)
    assert case.due_at == after(35)


def test_when_nobody_is_left_in_the_last_step_a_new_round_follows_a_breath() -> None:
    case, commands = advance(LAST_STEP, ended(DESK, TellingEnd.CANNOT_GO), after(5))

    assert commands == (WarnConsole(Warn.NOBODY_LEFT),)
    assert case.due_at == after(5) + BREATH


def test_a_breath_is_never_longer_than_the_step() -> None:
    case, _ = advance(LAST_STEP, ended(DESK, TellingEnd.CANNOT_GO), after(28))

    assert case.due_at == LAST_STEP.step_ends_at


def test_rounds_do_not_stop() -> None:
    case, _ = advance(Case(LIFE), Raised(), NOON)
    for _ in range(200):
        assert case.due_at is not None
        case, commands = advance(case, Due(), case.due_at)
        assert any(isinstance(command, Tell) for command in commands)

    assert case.round == 100


def test_key_1_acknowledges_for_the_post_and_stops_the_others() -> None:
    case, commands = advance(BEGUN, ended(WARD, TellingEnd.ACKNOWLEDGED, NURSE), after(7))

    assert (case.acknowledged_by, case.acknowledged_at, case.due_at) == (NURSE, after(7), after(187))
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


# ---- more than one has to acknowledge


def test_the_first_of_two_starts_the_clock_and_the_other_is_still_rung() -> None:
    case, commands = advance(replace(BEGUN, protocol=BOTH), ended(WARD, TellingEnd.ACKNOWLEDGED, NURSE), after(7))

    assert (case.acknowledged_at, case.posts, case.complete) == (after(7), (NURSE,), False)
    (stopped,) = commands
    assert isinstance(stopped, StopTelling)
    assert stopped.posts is not None
    assert NURSE in stopped.posts
    assert not {CONTROL, ORDERLY} & stopped.posts
    assert case.due_at == after(60)


def test_a_step_in_which_nobody_is_wanted_is_skipped_at_once() -> None:
    wanting_a_nurse = replace(BEGUN, protocol=BOTH, acknowledged_at=NOON, posts=(CONTROL,), being_told={WARD: NURSE})

    climbed, told = advance(wanting_a_nurse, Due(), after(60))

    assert (climbed.step, climbed.round, told) == (0, 1, (Tell(NURSE, 0, 1),))
    assert climbed.acknowledged_at == NOON


def test_the_second_of_two_completes_it() -> None:
    first, _ = advance(replace(BEGUN, protocol=BOTH), ended(WARD, TellingEnd.ACKNOWLEDGED, NURSE), after(7))
    case, commands = advance(first, ended(DESK, TellingEnd.ACKNOWLEDGED, CONTROL), after(20))

    assert case.complete
    assert commands == (StopTelling(),)
    # The clock runs from the first.
    assert case.due_at == after(187)


def test_when_the_only_one_left_cannot_go_the_next_step_begins_at_once() -> None:
    first, _ = advance(replace(BEGUN, protocol=BOTH), ended(WARD, TellingEnd.ACKNOWLEDGED, NURSE), after(7))

    case, commands = advance(first, ended(DESK, TellingEnd.CANNOT_GO, CONTROL), after(20))

    assert case.step == 1
    assert commands == (Tell(ORDERLY, 1, 0),)


def test_somebody_on_the_console_acknowledges_for_one_post_of_two() -> None:
    case, _ = advance(replace(BEGUN, protocol=BOTH), Acknowledged("officer", OFFICE), after(7))

    assert case.wanting == ((CONTROL, ORDERLY), (NURSE,))
    assert case.acknowledged_at == after(7)


# ---- at the door, spoken to, closed


def test_whoever_is_at_the_door_has_acknowledged() -> None:
    case, commands = advance(BEGUN, AtDoor("nurse", NURSE), after(40))

    assert (case.acknowledged_at, case.at_door_at, case.at_door_by) == (after(40), after(40), "nurse")
    assert commands == (StopTelling(),)
    assert case.due_at == after(340)


def test_spoken_to_stops_all_ringing_and_leaves_it_open_until_somebody_says_what_happened() -> None:
    case, commands = advance(replace(BEGUN, protocol=BOTH), Spoken("nurse"), after(50))

    assert (case.spoken_by, case.closed_at, case.due_at) == ("nurse", None, after(3650))
    assert commands == (StopTelling(),)

    reminded, told = advance(case, Due(), after(3650))
    assert told == (WarnConsole(Warn.NOT_CLOSED), Tell(CONTROL, 0, 0), Tell(NURSE, 0, 0))
    assert (reminded.spoken_at, reminded.due_at) == (after(50), after(7250))


def test_a_key_on_the_reminder_only_stops_it() -> None:
    spoken, _ = advance(ACKNOWLEDGED, Spoken("nurse"), after(50))
    case, commands = advance(
        replace(spoken, being_told={DESK: CONTROL, WARD: NURSE}), ended(DESK, TellingEnd.ACKNOWLEDGED), after(9000)
    )

    assert commands == (StopTelling(),)
    assert case.spoken_at == after(50)


def test_a_danger_after_they_were_spoken_to_tells_everybody_again() -> None:
    spoken, _ = advance(ACKNOWLEDGED, Spoken("nurse"), after(50))
    case, commands = advance(spoken, MadeGraver(LIFE), after(60))

    assert commands == (StopTelling(), *FIRST_STEP_AGAIN)
    assert (case.spoken_at, case.acknowledged_at) == (None, None)


# ---- somebody decides first


def test_whoever_decides_is_asked_before_anybody_is_told() -> None:
    case, commands = advance(Case(ASKED_FIRST), Raised(), NOON)

    assert (case.deciding, case.due_at) == (True, after(90))
    assert commands == (Tell(LEADER, 0, 0),)


DECIDING = Case(ASKED_FIRST, deciding=True, step_ends_at=NOON + timedelta(seconds=90), being_told={WARD: LEADER})


def test_key_1_of_whoever_decides_opens_the_location_and_tells_staff() -> None:
    case, commands = advance(DECIDING, ended(WARD, TellingEnd.ACKNOWLEDGED, LEADER), after(30))

    assert commands == (StopTelling(), OpenLocation(), Tell(CONTROL, 0, 0), Tell(NURSE, 0, 0))
    assert (case.deciding, case.acknowledged_at, case.due_at) == (False, None, after(90))


def test_key_3_of_whoever_decides_ends_it_and_nobody_is_told() -> None:
    case, commands = advance(DECIDING, ended(WARD, TellingEnd.CANNOT_GO, LEADER), after(30))

    assert (case.outcome, case.closed_by, case.due_at) == (Outcome.NOT_TOLD, LEADER, None)
    assert commands == (StopTelling(),)


@pytest.mark.parametrize("end", [TellingEnd.NO_ANSWER, TellingEnd.NOT_CONFIRMED, TellingEnd.UNREACHABLE])
def test_whoever_decides_is_rung_again_until_their_time_is_over(end: TellingEnd) -> None:
    case, commands = advance(DECIDING, ended(WARD, end, LEADER), after(1))

    assert (case.deciding, commands) == (True, ())
    assert case.due_at == NOON + ASKED_EVERY
    again, told = advance(case, Due(), NOON + ASKED_EVERY)
    assert (again.deciding, again.step_ends_at) == (True, after(90))
    assert told == (Tell(LEADER, 0, 1),)


def test_whoever_decides_is_not_rung_again_before_a_breath_is_over() -> None:
    engaged, _ = advance(DECIDING, ended(WARD, TellingEnd.NO_ANSWER, LEADER), after(1))

    assert advance(engaged, Due(), after(9)) == (engaged, ())


def test_an_engaged_phone_is_rung_at_every_breath_and_no_longer_than_they_have() -> None:
    case, rung = DECIDING, [NOON]
    for _ in range(9):
        engaged = replace(case, being_told={WARD: LEADER})
        case, _ = advance(engaged, ended(WARD, TellingEnd.NO_ANSWER, LEADER), rung[-1])
        assert case.due_at is not None
        rung.append(case.due_at)
        case, _ = advance(case, Due(), case.due_at)

    assert rung == [after(seconds) for seconds in range(0, 91, 10)]
    assert not case.deciding


@pytest.mark.parametrize("event", [Due(), NobodyReachable(), ended(WARD, TellingEnd.NO_ANSWER, LEADER)])
@pytest.mark.parametrize("undecided", Undecided)
def test_when_nobody_decides_the_profile_has_said_what_follows(event: Event, undecided: Undecided) -> None:
    rule = replace(ASKED_FIRST, decided_by=Deciding(LEADER, 90, undecided))
    told = {} if isinstance(event, NobodyReachable) else DECIDING.being_told

    case, commands = advance(replace(DECIDING, protocol=rule, being_told=told), event, after(90))

    assert (case.outcome is Outcome.NOT_TOLD) is (undecided is Undecided.KEEP)
    assert (OpenLocation() in commands) is (undecided is Undecided.TELL)


def test_whoever_decides_and_has_no_phone_from_the_start_is_not_waited_for() -> None:
    case, commands = advance(replace(DECIDING, being_told={}), NobodyReachable(), after(0))

    assert not case.deciding
    assert OpenLocation() in commands


def test_whoever_decides_and_cannot_be_reached_for_a_moment_is_tried_again() -> None:
    engaged, _ = advance(DECIDING, ended(WARD, TellingEnd.NO_ANSWER, LEADER), after(1))
    gone, commands = advance(engaged, NobodyReachable(), after(10))

    assert (gone.deciding, gone.due_at, commands) == (True, after(20), ())


def test_whoever_decides_is_asked_in_a_restart_and_staff_are_told_nothing() -> None:
    case, commands = advance(replace(DECIDING, being_told={}), Restarted((LEADER,)), after(3))

    assert (case.deciding, case.step_ends_at) == (True, after(90))
    assert commands == (Tell(LEADER, 0, 1),)


def test_a_decision_begins_at_the_first_round_however_often_they_were_rung() -> None:
    rung_often = replace(DECIDING, round=7)

    case, commands = advance(rung_often, ended(WARD, TellingEnd.ACKNOWLEDGED, LEADER), after(80))

    assert case.round == 0
    assert commands[2:] == (Tell(CONTROL, 0, 0), Tell(NURSE, 0, 0))


def test_what_is_told_with_another_is_asked_of_nobody_and_stays_undecided() -> None:
    case, commands = advance(DECIDING, ToldWithAnother(), after(5))

    assert (case.deciding, case.closed_at, case.outcome, case.due_at) == (True, after(5), None, None)
    assert commands == (StopTelling(),)


def test_what_is_told_with_another_by_a_decision_stays_decided() -> None:
    decided, _ = advance(DECIDING, ended(WARD, TellingEnd.ACKNOWLEDGED, LEADER), after(5))
    case, _ = advance(decided, ToldWithAnother(), after(5))

    assert (case.deciding, case.closed_at, case.outcome) == (False, after(5), None)


@pytest.mark.parametrize("event", [Acknowledged("officer"), AtDoor("officer"), Spoken("officer"), SAFE, NOT_SPOKEN])
def test_staff_can_do_nothing_before_it_is_decided(event: Event) -> None:
    assert advance(DECIDING, event, after(5)) == (DECIDING, ())


def test_a_graver_danger_does_not_wait_for_a_decision() -> None:
    case, commands = advance(DECIDING, MadeGraver(LIFE), after(5))

    assert not case.deciding
    assert commands == (StopTelling(), OpenLocation(), Tell(CONTROL, 0, 0), Tell(NURSE, 0, 0))
