"""0 and * in every state of a call: staff now, and somebody can hear me."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr import happenings as h
from ivr import orders as o
from ivr.call import Phase
from models.words import Cause
from tests.fakes.line import a_profile
from tests.fakes.told import (
    EVERY_PHASE,
    NOBODY_CAME,
    QUIET,
    ROBIN,
    ROBIN_JOINS,
    STAFF_KEY,
    Told,
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
def test_0_again_is_asked_about_as_the_first_one(phase: Phase) -> None:
    told = EVERY_PHASE[phase]().after(STAFF_KEY[phase], QUIET, STAFF_KEY[phase])

    assert told.caller_hears == ["staff-key/going"]
    assert not told.causes


@pytest.mark.parametrize("phase", EVERY_PHASE)
def test_0_again_is_raised_again_for_staff_may_have_come_and_gone(phase: Phase) -> None:
    """Whether there is anything to be rung for is the engine's: it joins what is open."""
    told = EVERY_PHASE[phase]().after(STAFF_KEY[phase], QUIET, STAFF_KEY[phase], QUIET)

    assert told.causes == [Cause.CALLER_ASKED]
    assert told.kinds.index(o.Say) < told.kinds.index(o.Escalate)
    assert told.caller_hears[0] == "caller/staff-are-told-you-asked"


@pytest.mark.parametrize("phase", EVERY_PHASE)
def test_2_takes_a_second_0_back_and_does_not_say_that_nobody_comes(phase: Phase) -> None:
    told = EVERY_PHASE[phase]().after(STAFF_KEY[phase], QUIET, STAFF_KEY[phase]).pressing("2")

    assert told.caller_hears == ["staff-key/taken-back"]
    assert not told.causes
    assert told.call.phase is phase


def test_0_after_staff_were_called_for_less_is_raised_as_what_it_is() -> None:
    told = talking().listener_pressing("*21")
    told.after(h.CallerHadTheirSay(told.now), h.CallerPressedStaffKey(), QUIET)

    assert told.causes == [Cause.CALLER_ASKED]
    assert told.listener_is_whispered == ["key/caller-asked-staff"]


def test_2_does_not_say_that_nobody_comes_when_somebody_else_has_called_staff_meanwhile() -> None:
    told = talking().after(h.CallerPressedStaffKey()).listener_pressing("*31").pressing("2")

    assert told.caller_hears == ["staff-key/taken-back"]
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


@pytest.mark.parametrize("already", [False, True])
def test_a_0_heard_in_the_moment_in_which_the_listener_joins_is_confirmed_in_a_whisper(*, already: bool) -> None:
    """Our voice does not reach the caller in the conversation, so that nothing could be taken back either."""
    before = [h.CallerPressed("0"), QUIET] if already else []
    told = waiting().after(*before, ROBIN_JOINS, h.CallerPressed("0"))

    assert told.causes == [Cause.CALLER_ASKED]
    assert told.caller_is_whispered == ["caller/staff-are-told-you-asked"]
    assert told.kinds.index(o.Whisper) < told.kinds.index(o.Escalate)
    assert not told.of(o.Say)


def test_a_caller_whose_0_came_in_that_moment_still_has_their_keys_in_the_conversation() -> None:
    told = waiting().after(ROBIN_JOINS, h.CallerPressed("0"))

    assert told.after(h.CallerSignalled("*")).caller_is_whispered == ["overheard/on"]


def test_a_0_while_the_helpline_rings_comes_back_to_it_afterwards() -> None:
    told = waiting().after(NOBODY_CAME, QUIET, h.CallerCameBack(h.Dialled.KEY_0))

    assert told.caller_hears == ["staff-key/going"]
    assert told.after(QUIET, QUIET, QUIET).let_go_to == [o.Next.OUTSIDE]


def test_a_0_while_the_helpline_rings_and_the_line_is_away_is_asked_about_when_it_is_back() -> None:
    told = waiting().after(h.LineIsBack(h.Dialled.KEY_0))

    assert told.of(o.RingListeners)
    assert told.caller_hears == ["staff-key/going"]
    assert told.after(QUIET).causes == [Cause.CALLER_ASKED]


# ---- 0 in a conversation that ends during its words

LEAVES = h.ListenerLeft(ROBIN)


def passing_on() -> Told:
    """The Listener hands over while the caller hears what 0 does."""
    return talking().after(h.CallerPressedStaffKey()).listener_pressing("*41").after(LEAVES)


@pytest.mark.parametrize("answer", [QUIET, h.CallerPressed("1"), h.CallerPressed("0")])
def test_a_0_is_not_lost_when_the_listener_leaves_during_its_words(answer: h.Happening) -> None:
    told = talking().after(h.CallerPressedStaffKey(), LEAVES, answer)

    assert told.causes == [Cause.CALLER_ASKED]
    assert told.caller_hears == ["caller/staff-are-told-you-asked"]
    assert told.after(QUIET).caller_hears == ["talk/listener-gone"]


def test_a_0_is_not_lost_when_the_caller_is_passed_on_during_its_words() -> None:
    told = passing_on()

    assert told.of(o.RingListeners)
    assert told.after(QUIET).causes == [Cause.CALLER_ASKED]
    assert told.after(QUIET).caller_hears == ["wait/still-1"]


@pytest.mark.parametrize("ends", [lambda: talking().after(h.CallerPressedStaffKey(), LEAVES), passing_on])
def test_2_to_stop_it_is_not_taken_for_an_answer_to_what_was_not_asked_yet(ends: Callable[[], Told]) -> None:
    told = ends().pressing("2")

    assert told.caller_hears == ["staff-key/stopped"]
    assert not told.causes
    assert told.call.phase is not Phase.ENDING


def test_words_about_staff_that_a_listener_leaves_during_are_followed_by_what_is_asked_next() -> None:
    told = talking().after(h.CallerPressedStaffKey(), QUIET, LEAVES, QUIET)

    assert told.caller_hears == ["talk/listener-gone"]


@pytest.mark.parametrize(
    "happenings", [[h.CallerCameBack()], [LEAVES, h.CallerCameBack()], [h.CallerCameBack(), LEAVES]]
)
def test_a_0_whose_words_were_cut_off_is_told_again(happenings: list[h.Happening]) -> None:
    told = talking().after(h.CallerPressedStaffKey(), *happenings)

    assert told.call.phase is Phase.LEFT
    assert told.call.staff_key
    assert told.after(QUIET).causes == [Cause.CALLER_ASKED]
    assert told.after(QUIET).caller_hears == ["talk/listener-gone"]


def test_a_0_whose_words_were_cut_off_is_told_again_in_words() -> None:
    assert talking().after(h.CallerPressedStaffKey(), h.CallerCameBack()).caller_hears == ["staff-key/going"]
    assert passing_on().after(h.CallerCameBack()).caller_hears == ["staff-key/going"]


def test_a_0_beside_the_helpline_that_hangs_up_during_its_words_does_not_ring_it_again() -> None:
    told = waiting().after(NOBODY_CAME, QUIET, h.CallerPressedStaffKey(), h.CallerCameBack(h.Dialled.ANSWER))

    assert told.caller_hears == ["staff-key/going"]
    assert told.after(QUIET, QUIET).caller_hears == ["talk/listener-gone"]


def test_staff_are_called_once_for_a_0_and_a_danger_that_the_listener_was_naming() -> None:
    told = talking().after(h.CallerPressedStaffKey()).listener_pressing("*3").after(h.CallerCameBack())

    assert told.causes == [Cause.LINE_LOST]
    assert told.caller_hears == ["caller/staff-are-told-line-lost", "talk/listener-gone"]
    assert not told.call.staff_key


def test_a_danger_that_the_listener_was_naming_does_not_wait_for_what_is_said_of_a_0() -> None:
    """Also where the caller takes the 0 back: that 2 answers nothing that was asked since."""
    told = talking().after(h.CallerPressedStaffKey()).listener_pressing("*3").after(LEAVES)

    assert told.causes == [Cause.LINE_LOST]
    assert told.caller_hears == ["caller/staff-are-told-line-lost"]
    assert told.kinds.index(o.Say) < told.kinds.index(o.Escalate)
    assert not told.call.staff_key
    assert told.pressing("2").caller_hears == ["talk/listener-gone"]
    assert not told.causes
    assert not told.after(h.CallerHungUp()).causes


def test_a_0_in_the_moment_in_which_a_listener_is_cut_off_lets_the_danger_go_first() -> None:
    told = talking().listener_pressing("*3").after(LEAVES, h.CallerPressedStaffKey())

    assert told.causes == [Cause.LINE_LOST]
    assert told.caller_hears == ["caller/staff-are-told-line-lost"]


def test_where_no_rule_tells_of_a_listener_who_was_cut_off_what_is_said_of_the_0_goes_on() -> None:
    profile = a_profile()
    silent = replace(profile, disclosures={**profile.disclosures})
    del silent.disclosures[Cause.LINE_LOST]
    told = talking(profile=silent).after(h.CallerPressedStaffKey()).listener_pressing("*3").after(LEAVES)

    assert not told.of(o.Say)
    assert told.after(QUIET).causes == [Cause.CALLER_ASKED]
    cut_off = talking(profile=silent).listener_pressing("*3").after(LEAVES, h.CallerPressedStaffKey())
    assert cut_off.caller_hears == ["staff-key/going"]


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
