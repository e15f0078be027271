"""The Listener's star keys: each is read back, does nothing before a second key, and a mis-key does nothing at all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.profile import Profile, WhenRefusing, WhoConfirms
from ivr import happenings as h
from ivr import orders as o
from ivr.call import ASKED_FOR, ASKED_HOW_FOR, DANGERS, STAR_KEYS, TO_SAY_NO, Phase
from models.words import Cause, Condition, Seat
from tests.fakes.line import a_profile
from tests.fakes.told import EVERY_PHASE, QUIET, ROBIN, ROBIN_JOINS, WREN, Told, talking, waiting

READ_BACK = {"1": "key/second", "2": "key/agreed", "3": "key/danger", "4": "key/hand-over", "5": "key/misuse"}
SAMARITAN_IS_ASKED = "caller/a-samaritan-is-asked"


def choosing(**choices: object) -> Profile:
    """By default refusals are told (tests.fakes.line), and nobody is told of a threat."""
    profile = a_profile()
    return replace(profile, choices=replace(profile.choices, **choices))  # type: ignore[arg-type]  # a test's own


def orders_of(told: Told) -> list[type]:
    """But for what only ends a menu or a question."""
    return [kind for kind in told.kinds if kind not in (o.MenuAnswered, o.Later)]


def test_these_are_the_star_keys() -> None:
    assert {key: ask.value for key, ask in STAR_KEYS.items()} == READ_BACK


@pytest.mark.parametrize(("key", "prompt"), READ_BACK.items())
def test_a_star_key_is_read_back_to_the_listener_alone_and_nothing_else_happens(key: str, prompt: str) -> None:
    told = talking().listener_pressing(f"*{key}")

    assert told.listener_is_whispered[0] == prompt
    assert orders_of(told) == [o.Whisper]


@pytest.mark.parametrize(
    ("key", "answer"), [(key, no) for key in READ_BACK for no in "234567890#" if key != "3" or no not in DANGERS]
)
def test_anything_but_an_answer_takes_it_back(key: str, answer: str) -> None:
    told = talking().listener_pressing(f"*{key}{answer}")

    assert told.listener_is_whispered == ["key/not-done"]
    assert orders_of(told) == [o.Whisper]
    assert not told.listener_pressing("1").orders


@pytest.mark.parametrize("key", READ_BACK)
def test_silence_takes_it_back_and_the_listener_hears_so(key: str) -> None:
    told = talking().listener_pressing(f"*{key}")
    assert told.of(o.Later) == [o.Later(h.ListenerWasQuiet(ROBIN), ASKED_FOR)]
    told.now += ASKED_FOR + timedelta(milliseconds=1)

    assert told.after(h.ListenerWasQuiet(ROBIN)).listener_is_whispered == ["key/not-done"]
    assert orders_of(told) == [o.Whisper]


def test_the_silence_after_an_earlier_question_is_not_the_answer_to_this_one() -> None:
    told = talking().listener_pressing("*2")
    told.now += timedelta(seconds=15)
    told.listener_pressing("*3")
    told.now += timedelta(seconds=6)

    assert not told.after(h.ListenerWasQuiet(ROBIN)).orders
    assert told.listener_pressing("1").causes == [Cause.DANGER_NOW]


@pytest.mark.parametrize("key", READ_BACK)
def test_a_question_left_alone_lapses(key: str) -> None:
    told = talking().listener_pressing(f"*{key}")
    told.now += timedelta(seconds=20.1)

    assert not told.listener_pressing("1").orders


@pytest.mark.parametrize("key", READ_BACK)
def test_a_question_can_be_answered_for_20_seconds(key: str) -> None:
    told = talking().listener_pressing(f"*{key}")
    told.now += timedelta(seconds=20)

    assert told.listener_pressing("1").orders


def test_a_star_begins_again() -> None:
    assert talking().listener_pressing("*2*1").listener_is_whispered == ["key/second"]
    assert talking().listener_pressing("**2").listener_is_whispered == ["key/agreed"]


@pytest.mark.parametrize("key", "06789#")
def test_a_star_key_that_does_not_exist_is_answered_and_asks_nothing(key: str) -> None:
    told = talking().listener_pressing(f"*{key}")

    assert told.listener_is_whispered == ["key/not-done"]
    assert not told.listener_pressing("1").orders


def test_keys_without_a_star_are_nothing() -> None:
    assert not talking().listener_pressing("1").orders


def test_one_listener_cannot_confirm_what_the_other_asked() -> None:
    told = talking().after(h.ListenerJoined(WREN, Seat.SECOND)).listener_pressing("*3")

    assert not told.listener_pressing("1", WREN).orders


def test_a_listener_who_comes_back_is_asked_anew() -> None:
    told = talking().listener_pressing("*3").after(h.ListenerLeft(ROBIN), h.CallerCameBack())

    assert not told.pressing("1").after(ROBIN_JOINS).listener_pressing("1").causes


def test_a_second_listener_is_rung_for() -> None:
    told = talking().listener_pressing("*11")

    assert [(ring.seat, ring.not_again) for ring in told.of(o.RingListeners)] == [(Seat.SECOND, {ROBIN})]
    assert told.listener_is_whispered == ["key/done"]
    assert not told.caller_is_whispered


# ---- *2: the caller agreed


def test_a_caller_who_agreed_hears_what_will_be_told_and_has_a_moment_to_say_no() -> None:
    told = talking().listener_pressing("*21")

    assert told.caller_is_whispered == ["caller/staff-are-told-you-agreed", "caller/press-2-to-stop"]
    assert told.listener_is_whispered == ["key/caller-can-say-no"]
    assert told.of(o.Later) == [o.Later(h.CallerHadTheirSay(told.now), TO_SAY_NO)]
    assert not told.causes


def test_silence_goes_ahead_once() -> None:
    told = talking().listener_pressing("*21")
    over = h.CallerHadTheirSay(told.now)

    assert told.after(over).causes == [Cause.CALLER_AGREED]
    assert told.listener_is_whispered == ["key/staff-called"]
    assert not told.after(over).orders


@pytest.mark.parametrize("overheard", [False, True])
def test_2_in_the_conversation_takes_it_back(*, overheard: bool) -> None:
    told = talking().after(*([h.CallerSignalled("*")] if overheard else [])).listener_pressing("*21")
    over = h.CallerHadTheirSay(told.now)
    told.after(h.CallerSignalled("2"))

    assert told.caller_is_whispered == ["staff-key/stopped"]
    assert told.listener_is_whispered == ["key/caller-said-no"]
    assert not told.after(over).orders


def test_2_takes_it_back_also_when_the_listener_has_gone_meanwhile() -> None:
    told = talking().listener_pressing("*21").after(h.ListenerLeft(ROBIN), h.CallerCameBack())
    over = h.CallerHadTheirSay(told.now)

    assert told.pressing("2").caller_hears == ["staff-key/stopped"]
    assert not told.after(over).orders
    assert told.after(QUIET).caller_hears == ["talk/listener-gone"]


def test_2_beside_the_conversation_is_answered_where_the_caller_hears_us_and_they_are_let_back() -> None:
    """A whisper goes to the conversation, which they do not hear; and nothing else would bring them back."""
    told = talking().listener_pressing("*21").after(h.CallerPressedStaffKey()).pressing("2")
    assert told.caller_hears == ["staff-key/stopped"]
    over = h.CallerHadTheirSay(told.now)
    told.pressing("2")

    assert told.caller_hears == ["staff-key/stopped"]
    assert told.listener_is_whispered == ["key/caller-said-no"]
    assert told.after(QUIET).let_go_to == [o.Next.BACK]
    assert not told.after(over).causes


def test_2_does_not_say_that_nobody_comes_to_a_caller_whose_0_called_staff() -> None:
    told = talking().listener_pressing("*21").after(h.CallerPressedStaffKey(), QUIET).pressing("2")

    assert told.caller_hears == ["staff-key/taken-back"]
    assert not told.causes


# ---- *2, and a line that is lost before the caller has had their say


def test_who_had_agreed_hears_it_again_and_has_the_same_time_once_more() -> None:
    told = talking().after(h.CallerHadAgreed())

    assert told.caller_is_whispered == ["caller/staff-are-told-you-agreed", "caller/press-2-to-stop"]
    assert told.listener_is_whispered == ["key/caller-can-say-no"]
    assert told.of(o.Later) == [o.Later(h.CallerHadTheirSay(told.now), TO_SAY_NO)]
    assert not told.causes
    assert told.after(h.CallerHadTheirSay(told.now)).causes == [Cause.CALLER_AGREED]


def test_who_had_agreed_and_waits_again_hears_it_before_anything_else() -> None:
    told = waiting().after(h.CallerHadAgreed())
    over = h.CallerHadTheirSay(told.now)
    told.after(h.LineIsBack())

    assert told.of(o.RingListeners)
    assert told.caller_hears == ["caller/staff-are-told-you-agreed", "caller/press-2-to-stop"]
    assert told.of(o.Later) == [o.Later(over, TO_SAY_NO)]
    assert told.after(QUIET).caller_hears == ["wait/still-1"]
    assert told.after(over).causes == [Cause.CALLER_AGREED]


def test_who_had_agreed_and_waits_again_can_say_no() -> None:
    told = waiting().after(h.CallerHadAgreed())
    over = h.CallerHadTheirSay(told.now)

    assert told.after(h.LineIsBack()).pressing("2").caller_hears == ["staff-key/stopped"]
    assert told.after(QUIET).call.phase is Phase.WAITING
    assert not told.after(over).orders


def test_an_earlier_silence_does_not_hurry_a_second_agreement() -> None:
    told = talking().listener_pressing("*21").after(h.CallerSignalled("2"))
    over = h.CallerHadTheirSay(told.now)
    told.now += timedelta(seconds=1)

    assert not told.listener_pressing("*21").after(over).causes
    assert told.after(h.CallerHadTheirSay(told.now)).causes == [Cause.CALLER_AGREED]


def test_who_agreed_and_hangs_up_is_not_left_without_help() -> None:
    assert talking().listener_pressing("*21").after(h.CallerHungUp()).causes == [Cause.CALLER_AGREED]
    assert not talking().listener_pressing("*21").after(h.CallerSignalled("2"), h.CallerHungUp()).causes


def test_other_keys_of_the_caller_are_no_no() -> None:
    told = talking().listener_pressing("*21").after(h.CallerSignalled("1"))

    assert told.after(h.CallerHadTheirSay(told.now)).causes == [Cause.CALLER_AGREED]


# ---- *3: who is in danger


def test_the_listener_hears_which_key_means_what_as_far_as_the_profile_can_tell_of_it() -> None:
    assert talking().listener_pressing("*3").listener_is_whispered == [
        "key/danger",
        *(f"key/danger-{key}" for key in "1234"),
    ]
    on = choosing(threat_to_another=True)
    assert "key/danger-5" in talking(profile=on).listener_pressing("*3").listener_is_whispered
    (menu,) = talking().listener_pressing("*3").of(o.Whisper)
    assert menu.menu


@pytest.mark.parametrize(
    ("key", "cause", "hears"),
    [
        ("1", Cause.DANGER_NOW, "caller/staff-are-told-life"),
        ("2", Cause.REFUSES, "caller/staff-are-told-against"),
        ("3", Cause.OTHER_IN_CELL, "caller/staff-are-told-other"),
        ("5", Cause.THREAT_TO_ANOTHER, "caller/staff-are-told-threat"),
    ],
)
def test_staff_are_told_after_the_caller_and_the_listener_learns_it(key: str, cause: Cause, hears: str) -> None:
    told = talking(profile=choosing(threat_to_another=True)).listener_pressing(f"*3{key}")

    assert told.kinds[:4] == [o.MenuAnswered, o.Whisper, o.Escalate, o.Whisper]
    assert told.caller_is_whispered == [hears]
    assert told.causes == [cause]
    assert told.listener_is_whispered[0] == "key/staff-called"


@pytest.mark.parametrize(
    ("key", "profile", "why"),
    [
        ("2", choosing(attempt_in_progress_refusing=WhenRefusing.RESPECT), "key/kept-no-respected"),
        ("5", choosing(threat_to_another=False), "key/kept-by-rules"),
    ],
)
def test_what_stays_in_the_call_is_said_to_the_listener_alone(key: str, profile: Profile, why: str) -> None:
    told = talking(profile=profile).listener_pressing(f"*3{key}")

    assert told.listener_is_whispered == [why]
    assert orders_of(told) == [o.Whisper]


@pytest.mark.parametrize("key", "13")
@pytest.mark.parametrize(("answer", "condition"), list(zip("123", Condition, strict=True)))
def test_after_1_and_3_the_listener_says_how_the_person_is(key: str, answer: str, condition: Condition) -> None:
    told = talking().listener_pressing(f"*3{key}")
    assert told.listener_is_whispered[-1] == "key/how-are-they"
    told.now += ASKED_HOW_FOR
    told.listener_pressing(answer)

    assert told.of(o.Learn) == [o.Learn(condition)]
    assert told.listener_is_whispered == ["key/done"]


def test_how_the_person_is_may_stay_unknown() -> None:
    assert talking().listener_pressing("*319").listener_is_whispered == ["key/not-done"]
    told = talking().listener_pressing("*31")
    told.now += ASKED_HOW_FOR + timedelta(seconds=1)
    assert not told.listener_pressing("3").orders
    assert not told.after(h.ListenerWasQuiet(ROBIN)).orders


@pytest.mark.parametrize("key", "245")
def test_after_the_others_it_is_not_asked(key: str) -> None:
    told = talking(profile=choosing(threat_to_another=True)).listener_pressing(f"*3{key}")

    assert "key/how-are-they" not in told.listener_is_whispered
    assert not told.listener_pressing("1").orders


# ---- somebody decides first


def asking_first() -> Told:
    return talking().listener_pressing("*34")


def test_where_a_samaritan_decides_nobody_is_told_yet_and_both_hear_it() -> None:
    told = asking_first()

    assert told.caller_is_whispered == [SAMARITAN_IS_ASKED]
    assert told.listener_is_whispered == ["key/samaritan-asked"]
    assert [(one.cause, one.asks_first) for one in told.of(o.Escalate)] == [(Cause.PERSON_AT_RISK, True)]


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("by_somebody", [True, False])
def test_both_hear_what_was_decided(*, told: bool, by_somebody: bool) -> None:
    after = asking_first().after(h.Decided(Cause.PERSON_AT_RISK, told=told, by_somebody=by_somebody))

    assert after.caller_is_whispered == ["caller/staff-are-told-at-risk" if told else "caller/staff-are-not-told"]
    assert after.listener_is_whispered == [
        "key/samaritan-decided" if by_somebody else "key/nobody-reached",
        "key/staff-called" if told else "key/nobody-is-told",
    ]
    assert after.kinds[0] is o.Whisper
    assert not after.causes


def test_a_caller_without_a_listener_hears_it_too_and_then_what_was_being_asked() -> None:
    told = asking_first().after(h.ListenerLeft(ROBIN), h.CallerCameBack())
    told.after(h.Decided(Cause.PERSON_AT_RISK, told=True, by_somebody=True))

    assert told.caller_hears == ["caller/staff-are-told-at-risk"]
    assert told.after(QUIET).caller_hears == ["talk/listener-gone"]


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.ENDED])
def test_the_caller_hears_it_wherever_they_are(phase: Phase) -> None:
    told = EVERY_PHASE[phase]().after(h.Decided(Cause.PERSON_AT_RISK, told=True, by_somebody=True))

    assert [*told.caller_hears, *told.caller_is_whispered] == ["caller/staff-are-told-at-risk"]


def test_who_confirms_with_a_samaritan_asks_first_against_the_callers_will_alone() -> None:
    profile = choosing(who_confirms=WhoConfirms.LISTENER_AND_SAMARITAN)

    assert talking(profile=profile).listener_pressing("*32").caller_is_whispered == [SAMARITAN_IS_ASKED]
    assert talking(profile=profile).listener_pressing("*31").caller_is_whispered == ["caller/staff-are-told-life"]


@pytest.mark.parametrize("keys", ["*34", "*21"])
def test_the_caller_can_still_ask_for_staff_of_whom_none_is_coming(keys: str) -> None:
    """Safeguarding is not staff at the door, and what is not told yet may never be."""
    told = talking().listener_pressing(keys).after(h.CallerPressedStaffKey())

    assert told.caller_hears == ["staff-key/going"]


# ---- the Listener is cut off


def cut_off_at(keys: str, *happenings: h.Happening) -> Told:
    return talking().listener_pressing(keys).after(*happenings)


def test_a_listener_cut_off_while_naming_a_danger_is_a_danger_and_the_caller_is_told_first() -> None:
    told = cut_off_at("*3", h.ListenerLeft(ROBIN))
    assert not told.causes
    told.after(h.CallerCameBack())

    assert told.causes == [Cause.LINE_LOST]
    assert told.caller_hears == ["caller/staff-are-told-line-lost", "talk/listener-gone"]
    assert not told.after(QUIET, h.CallerCameBack()).causes


def test_it_is_also_when_the_caller_is_back_before_we_learn_of_it() -> None:
    told = cut_off_at("*3", h.CallerCameBack())

    assert told.causes == [Cause.LINE_LOST]
    assert told.caller_hears[0] == "caller/staff-are-told-line-lost"


def test_it_is_also_when_the_caller_is_gone_as_well() -> None:
    assert cut_off_at("*3", h.ListenerLeft(ROBIN), h.CallerHungUp()).causes == [Cause.LINE_LOST]
    assert cut_off_at("*3", h.CallerHungUp()).causes == [Cause.LINE_LOST]


@pytest.mark.parametrize("keys", ["", "*", "*2", "*39", "*34", "*1"])
def test_a_listener_who_leaves_otherwise_is_no_danger(keys: str) -> None:
    assert not cut_off_at(keys, h.ListenerLeft(ROBIN), h.CallerCameBack()).causes


def test_a_danger_key_that_has_lapsed_is_no_danger() -> None:
    told = talking().listener_pressing("*3")
    told.now += ASKED_FOR + timedelta(seconds=1)

    assert not told.after(h.ListenerLeft(ROBIN), h.CallerCameBack()).causes


def test_the_listener_who_stays_is_told_and_decides() -> None:
    told = talking().after(h.ListenerJoined(WREN, Seat.SECOND)).listener_pressing("*3").after(h.ListenerLeft(ROBIN))

    assert told.listener_is_whispered == ["key/other-was-naming"]
    assert not told.causes
    assert told.listener_pressing("*31", WREN).causes == [Cause.DANGER_NOW]


# ---- *4, *5


def test_a_caller_who_is_handed_over_gets_another_listener() -> None:
    told = talking(listening=True).listener_pressing("*41")

    assert told.orders == (o.SendAway(ROBIN),)
    assert [ring.not_again for ring in told.after(h.ListenerLeft(ROBIN)).of(o.RingListeners)] == [{ROBIN}]
    assert told.of(o.StopHearing)
    assert told.after(h.CallerCameBack()).caller_hears == ["talk/passing-on"]


def test_a_caller_who_is_back_before_we_learn_of_the_hand_over_is_handed_over_all_the_same() -> None:
    """Asterisk tells both at the same moment, on two links."""
    told = talking().listener_pressing("*41").after(h.CallerCameBack())
    heard = told.caller_hears

    assert [*heard, *told.after(h.ListenerLeft(ROBIN)).caller_hears] == ["talk/passing-on"]


def test_misuse_ends_the_conversation_and_the_caller_hears_so() -> None:
    told = talking(listening=True).after(h.ListenerJoined(WREN, Seat.SECOND)).listener_pressing("*51")

    support = (o.SupportListener(ROBIN), o.SupportListener(WREN))
    assert told.orders == (o.StopHearing(), *support, o.SendAway(ROBIN), o.SendAway(WREN))
    assert told.after(h.ListenerLeft(ROBIN), h.CallerCameBack()).caller_hears == ["talk/ended-by-listener"]
    assert told.call.phase is Phase.ENDING


@settings(max_examples=80, deadline=None)
@given(st.text("*1234567890#", max_size=30))
def test_no_keys_do_anything_without_a_star_key_and_its_1(keys: str) -> None:
    told = talking()
    for place, key in enumerate(keys, start=1):
        told.listener_pressing(key)
        if set(orders_of(told)) - {o.Whisper} or told.caller_is_whispered:
            assert keys[place - 3] == "*"
            assert keys[place - 2] in READ_BACK
            assert key == "1" or (keys[place - 2] == "3" and key in DANGERS)
            return
        assert not told.caller_is_whispered
