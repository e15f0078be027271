"""The Listener's star keys: each is read back, does nothing before a 1, and a mis-key does nothing at all."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr import happenings as h
from ivr import orders as o
from ivr.call import STAR_KEYS, Phase
from models.words import Cause, Seat
from tests.fakes.told import ROBIN, ROBIN_JOINS, WREN, talking

READ_BACK = {"1": "key/second", "2": "key/agreed", "3": "key/danger", "4": "key/hand-over", "5": "key/misuse"}


def test_these_are_the_star_keys() -> None:
    assert {key: ask.value for key, ask in STAR_KEYS.items()} == READ_BACK


@pytest.mark.parametrize(("key", "prompt"), READ_BACK.items())
def test_a_star_key_is_read_back_to_the_listener_alone_and_nothing_else_happens(key: str, prompt: str) -> None:
    told = talking().listener_pressing(f"*{key}")

    assert told.listener_is_whispered == [prompt]
    assert told.kinds == [o.Whisper]


@pytest.mark.parametrize("key", READ_BACK)
@pytest.mark.parametrize("answer", "234567890#")
def test_anything_but_1_takes_it_back(key: str, answer: str) -> None:
    told = talking().listener_pressing(f"*{key}{answer}")

    assert told.listener_is_whispered == ["key/not-done"]
    assert told.kinds == [o.Whisper]
    assert not told.listener_pressing("1").orders


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


@pytest.mark.parametrize(
    ("keys", "cause", "hears"),
    [
        ("*21", Cause.CALLER_AGREED, "caller/staff-are-told-you-agreed"),
        ("*31", Cause.DANGER_NOW, "caller/staff-are-told-life"),
    ],
)
def test_staff_are_told_after_the_caller_and_the_listener_learns_it(keys: str, cause: Cause, hears: str) -> None:
    told = talking().listener_pressing(keys)

    assert told.kinds == [o.Whisper, o.Escalate, o.Whisper]
    assert told.caller_is_whispered == [hears]
    assert told.causes == [cause]
    assert told.listener_is_whispered == ["key/staff-called"]


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

    assert told.orders == (o.StopHearing(), o.SendAway(ROBIN), o.SendAway(WREN))
    assert told.after(h.ListenerLeft(ROBIN), h.CallerCameBack()).caller_hears == ["talk/ended-by-listener"]
    assert told.call.phase is Phase.ENDING


@settings(max_examples=200, deadline=None)
@given(st.text("*1234567890#", max_size=30))
def test_no_keys_do_anything_without_a_star_key_and_its_1(keys: str) -> None:
    told = talking()
    for place, key in enumerate(keys, start=1):
        told.listener_pressing(key)
        if set(told.kinds) - {o.Whisper}:
            assert keys[place - 3] == "*"
            assert keys[place - 2] in READ_BACK
            assert key == "1"
            return
        assert not told.caller_is_whispered
