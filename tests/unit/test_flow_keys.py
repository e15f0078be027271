"""0 and * in every state of a call: staff now, and somebody can hear me."""

import pytest

from ivr import happenings as h
from ivr import orders as o
from ivr.call import Phase
from models.words import Cause
from tests.fakes.told import (
    EVERY_PHASE,
    NOBODY_CAME,
    QUIET,
    ROBIN_JOINS,
    STAFF_KEY,
    talking,
    waiting,
)

# ---- 0: staff


@pytest.mark.parametrize("phase", EVERY_PHASE)
def test_0_is_confirmed_in_words_before_staff_hear_of_it(phase: Phase) -> None:
    told = EVERY_PHASE[phase]().after(STAFF_KEY[phase])

    assert told.caller_hears == ["staff-key/going"]
    assert not told.causes


@pytest.mark.parametrize("phase", EVERY_PHASE)
@pytest.mark.parametrize("answer", [QUIET, h.CallerPressed("1"), h.CallerPressed("0")])
def test_0_goes_ahead_in_every_phase_unless_2_is_pressed(phase: Phase, answer: h.Happening) -> None:
    told = EVERY_PHASE[phase]().after(STAFF_KEY[phase], answer)

    assert told.causes == [Cause.CALLER_ASKED]
    assert told.caller_hears[0] == "caller/staff-are-told-you-asked"


@pytest.mark.parametrize("phase", EVERY_PHASE)
def test_2_takes_0_back_in_every_phase(phase: Phase) -> None:
    told = EVERY_PHASE[phase]().after(STAFF_KEY[phase]).pressing("2")

    assert told.caller_hears == ["staff-key/stopped"]
    assert not told.causes
    assert told.call.phase is phase


@pytest.mark.parametrize("phase", EVERY_PHASE)
def test_0_again_says_that_staff_are_called_already(phase: Phase) -> None:
    told = EVERY_PHASE[phase]().after(STAFF_KEY[phase], QUIET, STAFF_KEY[phase])

    assert told.caller_hears == ["staff-key/already"]
    assert not told.causes


def test_0_can_be_pressed_again_after_it_was_taken_back() -> None:
    assert waiting().pressing("02").pressing("0").after(QUIET).causes == [Cause.CALLER_ASKED]


def test_after_0_a_waiting_caller_goes_on_waiting() -> None:
    told = waiting().pressing("0").after(QUIET, QUIET)

    assert told.caller_hears == ["wait/still-1"]


def test_after_0_in_a_conversation_the_caller_is_let_back_and_the_listener_knows() -> None:
    told = talking().after(h.CallerPressedStaffKey(), QUIET)

    assert told.listener_is_whispered == ["key/caller-asked-staff"]
    assert told.after(QUIET).let_go_to == [o.Next.BACK]


def test_a_0_that_is_not_answered_yet_is_not_lost_when_a_listener_joins() -> None:
    told = waiting().pressing("0").after(ROBIN_JOINS)

    assert told.causes == [Cause.CALLER_ASKED]
    assert told.caller_is_whispered == ["caller/staff-are-told-you-asked"]
    assert told.kinds.index(o.Whisper) < told.kinds.index(o.Escalate)
    assert told.of(o.JoinTalk)


def test_a_0_while_the_helpline_rings_comes_back_to_it_afterwards() -> None:
    told = waiting().after(NOBODY_CAME, QUIET, h.CallerCameBack(h.Dialled.KEY_0))

    assert told.caller_hears == ["staff-key/going"]
    assert told.after(QUIET, QUIET, QUIET).let_go_to == [o.Next.OUTSIDE]


def test_more_rings_do_not_talk_over_a_0() -> None:
    assert not waiting().pressing("0").after(h.MoreAreRung()).orders


@pytest.mark.parametrize("news", [h.MoreAreRung(), NOBODY_CAME])
def test_no_news_takes_the_words_about_staff_from_the_caller(news: h.Happening) -> None:
    """A Say drops the one before it, which may not have begun."""
    told = waiting().pressing("0").after(QUIET, news)

    assert not told.of(o.Say) or "caller/staff-are-told-you-asked" in told.caller_hears


def test_the_outside_helpline_is_announced_after_a_0_that_it_came_in_between_of() -> None:
    told = waiting().pressing("0").after(NOBODY_CAME, QUIET)
    heard = [*told.caller_hears, *told.after(QUIET).caller_hears]

    assert "wait/outside" in heard


def test_the_listener_hears_when_staff_have_it() -> None:
    assert talking().after(h.StaffAcknowledged()).listener_is_whispered == ["key/staff-acknowledged"]
    assert not waiting().after(h.StaffAcknowledged()).orders


# ---- *: overheard


def test_star_while_we_speak_means_that_the_caller_is_overheard_until_the_next_star() -> None:
    told = waiting().pressing("*")

    assert told.caller_hears == ["overheard/on"]
    assert told.pressing("*").caller_hears == ["overheard/off"]


def test_a_listener_who_joins_hears_that_the_caller_is_overheard() -> None:
    assert "key/overheard" in waiting().pressing("*").after(ROBIN_JOINS).listener_is_whispered


def test_star_in_a_conversation_tells_both_what_to_do() -> None:
    told = talking().after(h.CallerSignalled("*"))

    assert told.caller_is_whispered == ["overheard/on"]
    assert told.listener_is_whispered == ["key/overheard"]


@pytest.mark.parametrize(("key", "whispered"), [("1", ["key/yes"]), ("2", ["key/no"]), ("5", [])])
def test_an_overheard_caller_says_yes_and_no_by_key(key: str, whispered: list[str]) -> None:
    told = talking().after(h.CallerSignalled("*"), h.CallerSignalled(key))

    assert told.listener_is_whispered == whispered
    assert not told.caller_is_whispered


def test_keys_in_a_conversation_mean_nothing_to_a_caller_who_is_not_overheard() -> None:
    assert not talking().after(h.CallerSignalled("1")).orders


def test_the_answer_to_staff_key_is_no_answer_to_the_listener() -> None:
    """Asterisk tells every key of a channel; the one pressed while we alone speak belongs to us."""
    told = talking().after(h.CallerSignalled("*"), h.CallerPressedStaffKey(), h.CallerSignalled("2"))

    assert not told.listener_is_whispered


def test_star_while_we_alone_speak_to_a_talking_caller_counts_once() -> None:
    told = talking().after(h.CallerPressedStaffKey(), QUIET, h.CallerSignalled("*"), h.CallerPressed("*"))

    assert told.call.overheard
