"""Lost RTP excuses the call that was cut, and whoever was with a phone that was mute; as long as it was, no longer."""

from dataclasses import replace

import pytest
from test_chaos_invariants import CALL, GOOD, LISTENERS_CALL, MEMBERS, STORY, heard, names, with_call

from models.words import TellingEnd
from wingline.chaos.history import Cut, EndedBy, Escalation, History, PhoneCall, Ring, Telling


def cut(history: History, who: str, began: float, over: float, *, deaf: bool = True, mute: bool = False) -> History:
    return replace(history, cuts=(*history.cuts, Cut(who, deaf, mute, began, over)))


SILENT = with_call(silent=((20.0, 42.0),))


def test_a_phone_to_which_nothing_came_heard_nothing() -> None:
    assert names(SILENT) == {"is_never_silent"}
    assert names(cut(SILENT, "caller-0", 20, 36)) == set()
    assert names(cut(SILENT, "caller-0", 20, 36, deaf=False, mute=True)) == {"is_never_silent"}
    assert names(cut(SILENT, "caller-1", 20, 36)) == {"is_never_silent"}


@pytest.mark.parametrize(("began", "over"), [(20, 31), (32, 42), (2, 19), (43, 49)])
def test_before_and_after_it_silence_is_as_long_as_ever(began: float, over: float) -> None:
    assert names(cut(SILENT, "caller-0", began, over)) == {"is_never_silent"}


def test_who_is_with_a_phone_that_is_mute_hears_nobody() -> None:
    assert names(cut(SILENT, "Kestrel", 20, 36, deaf=False, mute=True)) == set()
    assert names(cut(SILENT, "Kestrel", 20, 36)) == {"is_never_silent"}
    assert names(cut(SILENT, "Wren", 20, 36, deaf=False, mute=True)) == {"is_never_silent"}
    left = replace(SILENT, members=(MEMBERS[0], replace(MEMBERS[1], left=21)))
    assert names(cut(left, "Kestrel", 20, 36, deaf=False, mute=True)) == {"is_never_silent"}


def test_outside_of_a_conference_a_voice_says_who_was_with_whom() -> None:
    helpline = PhoneCall("outside", 10, 50, EndedBy.OTHER, heard(("voice:caller-0", 15)))
    with_them = replace(SILENT, others=(*SILENT.others, helpline))

    assert names(cut(with_them, "outside", 20, 36, deaf=False, mute=True)) == set()
    with_another = replace(SILENT, others=(replace(helpline, heard=heard(("voice:caller-1", 15))),))
    assert names(cut(with_another, "outside", 20, 36, deaf=False, mute=True)) == {"is_never_silent"}


def test_the_next_call_of_that_phone_is_not_cut() -> None:
    first = replace(CALL, began=2, ended=19, heard=(), silent=())
    second = replace(CALL, began=19.5)
    redialled = replace(GOOD, callers=(replace(STORY, calls=(first, replace(second, silent=((22.0, 38.0),)))),))

    assert names(cut(redialled, "caller-0", 18, 38)) == {"is_never_silent"}


def test_a_listener_who_came_back_has_sound_again() -> None:
    calls = (replace(LISTENERS_CALL, ended=21), replace(LISTENERS_CALL, began=22))
    members = (MEMBERS[0], replace(MEMBERS[1], left=21), replace(MEMBERS[1], joined=22))
    came_back = replace(SILENT, others=calls, members=members)

    assert names(cut(came_back, "Kestrel", 20, 36, deaf=False, mute=True)) == {"is_never_silent"}
    assert names(cut(came_back, "Kestrel", 22, 36, deaf=False, mute=True)) == set()


def test_words_about_a_human_may_have_been_said_to_a_phone_that_heard_none() -> None:
    nobody = with_call(heard=heard(("wait/ringing", 7), ("voice:Kestrel", 45)))

    assert names(nobody) == {"reaches_a_human"}
    assert names(cut(nobody, "caller-0", 20, 34)) == set()
    assert names(cut(nobody, "caller-0", 8, 14)) == {"reaches_a_human"}


def test_a_caller_whose_keys_are_lost_hears_the_opening_to_its_end() -> None:
    later = with_call(heard=heard(("wait/ringing", 30), ("voice:Kestrel", 40)))

    assert names(later) == {"reaches_a_human"}
    assert names(cut(later, "caller-0", 3, 9, deaf=False, mute=True)) == set()
    assert names(cut(later, "caller-0", 3, 9)) == {"reaches_a_human"}
    assert names(cut(later, "caller-0", 12, 19, deaf=False, mute=True)) == {"reaches_a_human"}


def test_a_goodbye_may_have_been_said_to_a_phone_that_heard_none() -> None:
    over = with_call(by=EndedBy.OTHER, heard=heard(("talk/listener-here", 20), ("grounding", 33)))

    assert names(over) == {"is_not_cut_off"}
    assert names(cut(over, "caller-0", 34, 49)) == set()
    assert names(cut(over, "caller-0", 34, 49, deaf=False, mute=True)) == {"is_not_cut_off"}
    assert names(cut(over, "caller-0", 22, 35)) == {"is_not_cut_off"}


def test_what_staff_are_answered_may_not_have_come_to_them() -> None:
    rows = replace(
        GOOD.rows,
        escalations=(Escalation("esc-1", "call-1", "danger_now", "A-1-008", 21, 45),),
        tellings=(Telling("esc-1", "healthcare", 21, 43, TellingEnd.ACKNOWLEDGED),),
    )
    nurse = PhoneCall("healthcare", 25, 45, EndedBy.OTHER)
    unanswered = replace(GOOD, rows=rows, rings=(Ring("healthcare", 21.5),), others=(nurse,))

    assert names(unanswered) == {"staff_hear_what_came_of_it"}
    assert names(cut(unanswered, "healthcare", 30, 44)) == set()
    assert names(cut(unanswered, "healthcare", 26, 35)) == {"staff_hear_what_came_of_it"}
    assert names(cut(unanswered, "Kestrel", 30, 44)) == {"staff_hear_what_came_of_it"}
