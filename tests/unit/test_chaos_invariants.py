"""Each promise is shown to be seen as broken, and not to be seen as broken where a fault explains it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from models.words import TellingEnd
from wingline.chaos.bounds import Bounds
from wingline.chaos.history import (
    CallerStory,
    Dialled,
    EndedBy,
    Escalation,
    Fault,
    Heard,
    History,
    Left,
    Member,
    PhoneCall,
    Ring,
    Rows,
    Talk,
    Telling,
)
from wingline.chaos.invariants import everything_broken
from wingline.chaos.kinds import FaultKind
from wingline.chaos.plan import CallPlan

BOUNDS = Bounds(human=20, rung_anew=15, silence=8, nobody_told=18, written=10, rang=6)
PLAN = CallPlan(number=3, lane=0, begins=1, stays=40, presses=(), through=5)


def heard(*what: tuple[str, float]) -> tuple[Heard, ...]:
    return tuple(Heard(name, at, at + 2) for name, at in what)


# A Listener is there from 12 s on, and says something every few seconds until the caller hangs up.
TALK = heard(
    ("wait/ringing", 7), ("talk/listener-here", 12), *(("voice:Kestrel", float(at)) for at in range(14, 50, 4))
)
CALL = PhoneCall("caller-0", 2, 50, EndedBy.SELF, TALK)
LISTENERS_CALL = PhoneCall("Kestrel", 9, 50, EndedBy.OTHER, heard(("voice:caller-0", 20), ("voice:caller-0", 25)))
GOOD_ROWS = Rows(talks=(Talk("call-1", "Kestrel", "first", 11, 50.5),))
MEMBERS = (Member("caller-0", "call-1", 11.5, 50), Member("Kestrel", "call-1", 11, 50))
STORY = CallerStory(PLAN, "A-1-008", (Dialled(1.8, 2, 2),), (CALL,))
GOOD = History(60, callers=(STORY,), others=(LISTENERS_CALL,), members=MEMBERS, rows=GOOD_ROWS)


def names(history: History) -> set[str]:
    return {one.invariant for one in everything_broken(history, BOUNDS)}


def with_call(**changed: object) -> History:
    return replace(GOOD, callers=(replace(STORY, calls=(replace(CALL, **changed),)),))  # type: ignore[arg-type]


def with_fault(history: History, kind: FaultKind, began: float, over: float | None, who: str | None = None) -> History:
    return replace(history, faults=(*history.faults, Fault(kind, began, over, who)))


def test_a_call_as_it_should_be_breaks_nothing() -> None:
    assert names(GOOD) == set()


# ---- callers


def test_a_caller_without_a_human_or_a_word_about_one_is_seen() -> None:
    nobody = with_call(heard=heard(("line/name", 3), ("wait/ringing", 7), ("voice:Kestrel", 49)))

    assert names(nobody) == {"reaches_a_human"}
    assert names(with_fault(nobody, FaultKind.ASTERISK_STOPPED, 8, 40)) == set()
    # A line that is killed is no excuse: the exchange alone knows the way.
    assert names(with_fault(nobody, FaultKind.LINE_KILLED, 8, 14)) == {"reaches_a_human"}


@pytest.mark.parametrize("sign", ["alone/notice", "wait/outside", "wait/duty-office", "voice:duty_office", "grounding"])
def test_a_word_about_the_next_human_is_enough(sign: str) -> None:
    told = heard(("wait/ringing", 7), (sign, 20), (sign, 38))

    assert names(with_call(heard=told)) == set()


def test_who_hung_up_early_was_not_kept_from_anybody() -> None:
    assert names(with_call(heard=(), ended=19)) == set()


def test_silence_is_seen_and_lost_sound_explains_it() -> None:
    silent = with_call(silent=((20.0, 30.0),))

    assert names(silent) == {"is_never_silent"}
    assert names(with_fault(silent, FaultKind.LINE_STOPPED, 19, 28)) == {"is_never_silent"}
    assert names(with_fault(silent, FaultKind.SOUND_LOST, 21, 27, "Kestrel")) == set()


def test_a_phone_that_lost_its_power_is_not_missed_at_once_by_who_talks_with_it() -> None:
    silent = with_call(silent=((20.0, 48.0),))

    assert names(with_fault(silent, FaultKind.PHONE_UNPLUGGED, 19, 23, "Kestrel")) == set()
    assert names(with_fault(silent, FaultKind.PHONE_UNPLUGGED, 19, 23, "Wren")) == {"is_never_silent"}
    gone_before = replace(silent, members=(MEMBERS[0], replace(MEMBERS[1], left=19.5)))
    assert "is_never_silent" in names(with_fault(gone_before, FaultKind.PHONE_UNPLUGGED, 19, 23, "Kestrel"))


def test_who_is_not_answered_is_seen() -> None:
    story = replace(STORY, dialled=(Dialled(1.8, 8, None), *STORY.dialled))
    unanswered = replace(GOOD, callers=(story,))

    assert names(unanswered) == {"is_answered"}
    assert names(with_fault(unanswered, FaultKind.LINE_KILLED, 1, 9)) == {"is_answered"}
    assert names(with_fault(unanswered, FaultKind.ASTERISK_KILLED, 1, 9)) == set()


def test_who_is_cut_off_is_seen() -> None:
    cut = with_call(by=EndedBy.OTHER, heard=heard(("talk/listener-here", 20), ("grounding", 33), ("wait/ringing", 40)))

    assert names(cut) == {"is_not_cut_off"}
    assert names(with_fault(cut, FaultKind.ASTERISK_KILLED, 49, 55)) == set()
    assert names(with_fault(cut, FaultKind.PHONE_UNPLUGGED, 49, 55, "Kestrel")) == {"is_not_cut_off"}
    assert names(with_fault(cut, FaultKind.PHONE_UNPLUGGED, 49, 55, "caller-0")) == set()


@pytest.mark.parametrize("last", ["talk/goodbye", "talk/ended-by-listener", "voice:outside"])
def test_a_call_that_ends_as_it_says_is_not_cut_off(last: str) -> None:
    over = with_call(by=EndedBy.OTHER, heard=heard(("wait/ringing", 7), ("talk/listener-here", 22), (last, 41)))

    assert names(over) == set()


def test_who_was_cut_off_by_asterisks_death_gets_through_again() -> None:
    story = replace(STORY, calls=(replace(CALL, by=EndedBy.OTHER),), dialled=(*STORY.dialled, Dialled(80, 86, None)))
    died = with_fault(replace(GOOD, ended=100, callers=(story,)), FaultKind.ASTERISK_KILLED, 49, 53)

    assert names(died) == {"is_answered", "calls_again"}
    assert names(with_fault(died, FaultKind.ASTERISK_STOPPED, 78, 90)) == set()


def test_a_call_is_over_when_asterisk_dies_and_what_its_phone_does_not_hear_after_that_is_nobodys_fault() -> None:
    died = with_call(heard=TALK[:4], silent=((24.0, 50.0),))

    assert names(died) == {"reaches_a_human", "is_never_silent"}
    assert names(with_fault(died, FaultKind.ASTERISK_KILLED, 24, 28)) == set()


# ---- who is with whom


def with_talks(*talks: Talk) -> History:
    return replace(GOOD, rows=replace(GOOD_ROWS, talks=talks))


def test_two_listeners_in_one_seat_are_seen() -> None:
    (talk,) = GOOD_ROWS.talks

    assert names(with_talks(talk, replace(talk, listener="Wren", began=30))) == {"has_one_listener"}
    assert names(with_talks(talk, replace(talk, listener="Wren", seat="second", began=30))) == set()
    assert names(with_talks(replace(talk, ended=29), replace(talk, listener="Wren", began=30))) == set()


def test_a_listener_in_two_calls_is_seen() -> None:
    (talk,) = GOOD_ROWS.talks

    assert names(with_talks(talk, replace(talk, call="call-2", began=30))) == {"has_one_call"}


def test_three_in_a_conference_for_two_are_seen_and_two_callers_in_one() -> None:
    third, stranger = Member("Wren", "call-1", 20, 30), Member("caller-1", "call-1", 20, 30)

    assert names(replace(GOOD, members=(*MEMBERS, third))) == {"has_one_listener"}
    assert names(replace(GOOD, members=(*MEMBERS, stranger))) == {"has_one_listener"}
    assert names(replace(GOOD, members=(*MEMBERS, replace(third, joined=51, left=None)))) == set()


def test_voices_of_two_listeners_at_once_are_seen_by_whom_they_reach() -> None:
    both = tuple(sorted((*TALK, *heard(("voice:Wren", 19))), key=lambda one: one.at))

    assert names(with_call(heard=both)) == {"has_one_listener"}
    crossed = replace(
        LISTENERS_CALL, heard=heard(("voice:caller-0", 20), ("voice:caller-1", 23), ("voice:caller-0", 25))
    )
    stories = (STORY, replace(STORY, calls=(replace(CALL, who="caller-1"),)))
    assert names(replace(GOOD, others=(crossed,), callers=stories)) == {"has_one_call"}


# ---- escalations

ESCALATION = Escalation("esc-1", "call-1", "danger_now", "A-1-008", 21, 58)


def tellings(*spans: tuple[float, float | None], post: str = "healthcare") -> tuple[Telling, ...]:
    return tuple(Telling("esc-1", post, began, ended, TellingEnd.NO_ANSWER) for began, ended in spans)


def told(rows: Rows, *, rings: Sequence[float] = (21.5, 31.5, 41.5)) -> History:
    hears = tuple(sorted((*TALK, *heard(("caller/staff-are-told-life", 20))), key=lambda one: one.at))
    history = with_call(heard=hears)
    listener = replace(LISTENERS_CALL, heard=(*LISTENERS_CALL.heard, *heard(("key/staff-called", 23))))
    rung = tuple(Ring("healthcare", at) for at in rings)
    return replace(history, others=(listener,), rings=rung, rows=replace(rows, talks=GOOD_ROWS.talks))


TOLD = Rows(escalations=(ESCALATION,), tellings=tellings((21, 31), (31, 41), (41, 58)))


def test_an_escalation_that_is_told_until_it_is_closed_breaks_nothing() -> None:
    assert names(told(TOLD)) == set()


def broken_for(history: History) -> list[str]:
    return [one.call for one in everything_broken(history, BOUNDS)]


def test_an_escalation_that_was_promised_and_has_no_row_is_seen_by_caller_and_listener() -> None:
    lost = told(Rows(), rings=())

    assert [one.call for one in everything_broken(lost, BOUNDS)] == ["3", "Kestrel"]
    assert names(lost) == {"is_not_lost"}
    # The line died in the moment between the words and the file that says so; not later.
    assert broken_for(with_fault(lost, FaultKind.LINE_KILLED, 20.2, 27)) == ["Kestrel"]
    assert broken_for(with_fault(lost, FaultKind.LINE_KILLED, 22.5, 27)) == ["3"]
    assert broken_for(with_fault(lost, FaultKind.LINE_KILLED, 24, 27)) == ["3", "Kestrel"]
    # On a full disk there is no such file.
    full = with_fault(lost, FaultKind.DISK_FULL, 15, 25)
    assert broken_for(full) == ["3", "Kestrel"]
    assert broken_for(with_fault(full, FaultKind.LINE_KILLED, 24, 27)) == []
    elsewhere = told(replace(TOLD, escalations=(replace(ESCALATION, cell="B-1-008"),)))
    assert names(elsewhere) == {"is_not_lost"}


def test_two_escalations_behind_one_door_are_seen() -> None:
    other = replace(ESCALATION, id="esc-2", raised=30.0)
    also_told = (*TOLD.tellings, *(replace(one, escalation="esc-2") for one in TOLD.tellings[1:]))
    doubled = told(replace(TOLD, escalations=(ESCALATION, other), tellings=also_told))

    assert names(doubled) == {"is_not_doubled"}
    assert (
        names(told(replace(TOLD, escalations=(ESCALATION, replace(other, cell="B-1-008")), tellings=also_told)))
        == set()
    )


def test_an_escalation_that_nobody_is_told_of_any_more_is_seen() -> None:
    quiet = told(replace(TOLD, tellings=tellings((21, 31))), rings=(21.5,))

    assert names(quiet) == {"somebody_is_told"}
    assert names(with_fault(quiet, FaultKind.DATABASE_LOCKED, 32, 45)) == set()
    assert names(with_fault(quiet, FaultKind.CLOCK_JUMPED, 32, 45)) == set()


def test_a_phone_that_did_not_ring_although_the_row_says_so_is_seen() -> None:
    mute = told(TOLD, rings=(21.5, 41.5))

    assert names(mute) == {"rings_as_written"}
    assert names(with_fault(mute, FaultKind.AMI_HALF_OPEN, 29, 33)) == set()
    assert names(with_fault(mute, FaultKind.CLOCK_JUMPED, 29, 33)) == set()
    engaged = replace(mute, others=(*mute.others, PhoneCall("healthcare", 25, 35, EndedBy.SELF)))
    assert names(engaged) == set()


@pytest.mark.parametrize("end", ["acknowledged", "cannot_go", "not_needed"])
def test_staff_who_are_hung_up_on_without_a_word_are_seen(end: str) -> None:
    row = Telling("esc-1", "healthcare", 21, 33, end)
    others = replace(TOLD, tellings=(row, *tellings((31, 41), (41, 58), post="orderly")))

    def one(*what: tuple[str, float], by: EndedBy = EndedBy.OTHER, began: float = 25) -> History:
        before = told(others, rings=(21.5,))
        rings = (*before.rings, Ring("orderly", 31.5), Ring("orderly", 41.5))
        return replace(before, rings=rings, others=(PhoneCall("healthcare", began, 35, by, heard(*what)),))

    assert names(one(("staff/listener-line", 25))) == {"staff_hear_what_came_of_it"}
    assert names(one(("staff/you-are-going", 33.2))) == set()
    assert names(one(("staff/somebody-is-going", 25))) == {"staff_hear_what_came_of_it"}
    assert names(one(by=EndedBy.SELF)) == set()
    assert names(one(began=32.5)) == set()
    assert names(with_fault(one(), FaultKind.AGI_SLOW, 30, 34)) == set()
    again = (*others.tellings, *tellings((33.2, 40)))
    assert names(replace(one(), rows=replace(others, tellings=again))) == set()


# ---- the end


@pytest.mark.parametrize(
    "left",
    [
        replace(GOOD, left=Left(("a channel in ConfBridge of wl-talk",))),
        replace(GOOD, left=Left((), {"line": (40, 90)})),
        replace(GOOD, rows=replace(GOOD_ROWS, open_calls=1)),
        replace(GOOD, rows=replace(GOOD_ROWS, open_offers=2)),
        replace(GOOD, rows=replace(GOOD_ROWS, talks=(Talk("call-1", "Kestrel", "first", 11, None),))),
    ],
)
def test_what_is_left_is_seen(left: History) -> None:
    assert names(left) == {"nothing_is_left"}


def test_a_few_more_descriptors_are_not_a_leak() -> None:
    assert names(replace(GOOD, left=Left((), {"line": (40, 45)}))) == set()


def test_words_tracebacks_and_parts_that_stay_away_are_seen() -> None:
    assert names(replace(GOOD, words=("words of the caller in /var/log/x as text",))) == {"no_word_anywhere"}
    assert names(replace(GOOD, log_trouble=("line.log: 1 times KeyError, which nobody caught",))) == {
        "logs_say_no_surprise"
    }
    assert names(with_fault(GOOD, FaultKind.SPEECH_KILLED, 20, None)) == {"everything_comes_back"}
