"""The conversation: Listeners come and go, the machine hears, and what cannot happen now changes nothing."""

from datetime import timedelta

import pytest

from ivr import happenings as h
from ivr import orders as o
from ivr.call import Phase
from models.dangers import Danger
from models.words import Cause, ListenerId, Seat
from tests.fakes.line import with_exception_rule
from tests.fakes.told import (
    EVERY_PHASE,
    NOBODY_CAME,
    QUIET,
    ROBIN,
    ROBIN_JOINS,
    WREN,
    Told,
    left,
    talking,
    waiting,
)

# ---- the conversation


def test_a_listener_who_joins_ends_the_ringing_and_is_announced() -> None:
    told = waiting(listening=True).after(ROBIN_JOINS)

    assert told.kinds == [o.StopRinging, o.JoinTalk, o.NoteStage, o.StartHearing, o.Whisper]
    assert told.caller_is_whispered == ["talk/listener-here"]


def test_the_listener_speaks_first_of_staffs_language_and_the_caller_of_their_own() -> None:
    told = Told("en", "cy").after(h.CallerDialled()).pressing("2").after(QUIET, ROBIN_JOINS, h.CallerSignalled("*"))

    assert [(one.side, one.lines[0].language) for one in told.of(o.Whisper)] == [
        (o.Side.CALLER, "cy"),
        (o.Side.LISTENER, "en"),
    ]


@pytest.mark.parametrize("phase", [phase for phase in EVERY_PHASE if phase is not Phase.WAITING])
def test_a_listener_who_comes_too_late_is_sent_away(phase: Phase) -> None:
    told = EVERY_PHASE[phase]()
    before = told.call

    assert told.after(h.ListenerJoined(WREN, Seat.FIRST)).orders == (o.SendAway(WREN),)
    assert told.call == before


def test_a_second_listener_joins_and_everybody_hears_it() -> None:
    told = talking().after(h.ListenerJoined(WREN, Seat.SECOND))

    assert told.call.listeners == (ROBIN, WREN)
    assert told.caller_is_whispered == ["talk/second-listener"]
    assert told.listener_is_whispered == ["key/second-here"]


def test_nobody_for_the_second_seat_is_told_to_the_listener_alone() -> None:
    told = talking().after(h.NobodyCame(Seat.SECOND))

    assert told.listener_is_whispered == ["key/no-second"]
    assert not told.caller_is_whispered


@pytest.mark.parametrize("first_to_go", [ROBIN, WREN])
def test_the_conversation_goes_on_with_the_listener_who_stays(first_to_go: ListenerId) -> None:
    told = talking().after(h.ListenerJoined(WREN, Seat.SECOND), h.ListenerLeft(first_to_go))

    assert told.call.phase is Phase.TALKING
    assert not told.orders


def test_a_caller_whose_listener_has_gone_is_asked_what_next() -> None:
    told = talking(listening=True).after(h.ListenerLeft(ROBIN))

    assert told.orders == (o.StopHearing(), o.StopRinging())
    assert told.after(h.CallerCameBack()).caller_hears == ["talk/listener-gone"]


def test_a_caller_who_is_asked_what_next_gets_another_listener_by_silence_or_1() -> None:
    assert left().after(QUIET).of(o.RingListeners)
    assert left().pressing("1").of(o.RingListeners)


def test_a_caller_who_has_finished_hears_goodbye_and_is_let_go() -> None:
    told = left().pressing("2")

    assert told.caller_hears == ["talk/goodbye"]
    assert told.after(QUIET).let_go_to == [o.Next.BYE]


def test_hearing_ends_also_when_the_caller_is_back_before_we_learn_that_the_listener_left() -> None:
    """Asterisk tells both at the same moment, on two links."""
    told = talking(listening=True).after(h.CallerCameBack())
    stopped = told.of(o.StopHearing)

    assert stopped or told.after(h.ListenerLeft(ROBIN)).of(o.StopHearing)
    assert told.call.phase is Phase.LEFT


def test_a_second_listener_is_not_rung_any_more_when_the_caller_is_back_first() -> None:
    told = talking().listener_pressing("*11").after(h.CallerCameBack())
    stopped = told.of(o.StopRinging)

    assert stopped or told.after(h.ListenerLeft(ROBIN)).of(o.StopRinging)


def test_a_caller_who_hangs_up_ends_everything() -> None:
    told = talking().after(h.ListenerJoined(WREN, Seat.SECOND), h.CallerHungUp())

    assert told.kinds == [o.StopRinging, o.StopHearing, o.SendAway, o.SendAway, o.NoteStage]
    assert told.call.phase is Phase.ENDED


@pytest.mark.parametrize("phase", EVERY_PHASE)
def test_a_caller_can_hang_up_at_any_time(phase: Phase) -> None:
    told = EVERY_PHASE[phase]().after(h.CallerHungUp())

    assert told.call.phase is Phase.ENDED
    assert {o.StopRinging, o.StopHearing} <= set(told.kinds)


# ---- what the machine hears


def test_a_flag_prompts_the_listener_alone_with_a_tone() -> None:
    told = talking(listening=True).after(h.DangerHeard(Danger.SUICIDE_PLAN))

    assert [(one.side, one.tone) for one in told.of(o.Whisper)] == [(o.Side.LISTENER, True)]
    assert told.listener_is_whispered == ["flag/suicide_plan"]
    assert not told.causes


def test_a_flag_of_an_exception_rule_is_told_to_the_caller_then_to_staff_then_to_the_listener() -> None:
    profile = with_exception_rule(Danger.MEDICAL)
    told = talking(listening=True, profile=profile)

    assert not told.after(h.DangerHeard(Danger.SUICIDE_PLAN)).causes
    assert told.after(h.DangerHeard(Danger.MEDICAL)).kinds == [o.Whisper, o.Escalate, o.Whisper, o.CountRule]
    assert told.caller_is_whispered == ["caller/staff-are-told-rule"]
    assert told.causes == [Cause.EXCEPTION_RULE]


def test_a_flag_without_a_yes_or_outside_a_conversation_is_nothing() -> None:
    assert not talking().after(h.DangerHeard(Danger.SUICIDE_PLAN)).orders
    assert not waiting(listening=True).after(h.DangerHeard(Danger.SUICIDE_PLAN)).orders


# ---- what cannot happen now


@pytest.mark.parametrize(
    ("phase", "happening"),
    [
        (Phase.WAITING, h.CallerDialled()),
        (Phase.TALKING, h.CallerDialled(same_again=WREN)),
        (Phase.NOTICE, h.LineIsBack()),
        (Phase.WAITING, h.CallerSignalled("1")),
        (Phase.WAITING, h.ListenerLeft(ROBIN)),
        (Phase.TALKING, h.ListenerLeft(WREN)),
        (Phase.TALKING, h.ListenerPressed(WREN, "*")),
        (Phase.LEFT, h.ListenerPressed(ROBIN, "*")),
        (Phase.TALKING, ROBIN_JOINS),
        (Phase.TALKING, h.ListenerJoined(ROBIN, Seat.SECOND)),
        (Phase.TALKING, NOBODY_CAME),
        (Phase.TALKING, h.MoreAreRung()),
        (Phase.OUTSIDE, NOBODY_CAME),
        (Phase.WAITING, h.NobodyCame(Seat.SECOND)),
        (Phase.NOTICE, h.HearingMayStart()),
    ],
)
def test_what_cannot_happen_now_changes_nothing(phase: Phase, happening: h.Happening) -> None:
    told = EVERY_PHASE[phase]()
    before = told.call

    assert told.after(happening).orders == ()
    assert (told.call.phase, told.call.listeners, told.call.keys) == (before.phase, before.listeners, before.keys)


def test_a_call_that_has_ended_stays_ended() -> None:
    told = talking().after(h.CallerHungUp())
    ended = told.call

    for happening in (h.CallerDialled(), QUIET, ROBIN_JOINS, NOBODY_CAME, h.CallerPressed("0"), h.CallerCameBack()):
        assert told.after(happening).orders == ()
    assert told.call == ended


def test_time_alone_decides_nothing_but_a_listeners_open_question() -> None:
    early, late = waiting(), waiting()
    late.now += timedelta(hours=1)

    assert early.after(QUIET, ROBIN_JOINS).call == late.after(QUIET, ROBIN_JOINS).call
