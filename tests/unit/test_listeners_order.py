"""Who is rung for a caller, in which order, and why the others are not."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from builders import NOON, a_candidate
from hypothesis import given
from hypothesis import strategies as st

from listeners.candidate import Candidate
from listeners.order import CallersWishes, Order, order_for
from models.words import Cover, Language, LeftOut, ListenerId, Standing, WingId

ENGLISH, WELSH = Language("en"), Language("cy")
MINUTE = timedelta(minutes=1)
ROBIN = ListenerId("robin")


def ring(*candidates: Candidate, **wishes: object) -> list[str]:
    wants = CallersWishes(**{"language": ENGLISH} | wishes)  # type: ignore[arg-type]  # a test wishes what it likes
    return list(order_for(wants, candidates, now=NOON).ring)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"on_shift": None}, LeftOut.NOT_ON_ROTA),
        ({"standing": Standing.SUSPENDED}, LeftOut.NOT_CERTIFIED),
        ({"away": True}, LeftOut.AWAY),
        ({"off_duty": True}, LeftOut.OFF_DUTY),
        ({"in_call": True}, LeftOut.IN_CALL),
        ({"ringing": True}, LeftOut.RINGING),
        ({"resting_until": NOON + MINUTE}, LeftOut.RESTING),
        ({"reachable": False}, LeftOut.UNREACHABLE),
        ({"languages": frozenset({WELSH})}, LeftOut.OTHER_LANGUAGE),
        ({"had_enough": True}, LeftOut.HAD_ENOUGH),
    ],
)
def test_a_listener_who_cannot_be_rung_is_left_out_with_the_reason(changes: dict[str, Any], reason: LeftOut) -> None:
    order = order_for(CallersWishes(language=ENGLISH), [a_candidate(**changes)], now=NOON)

    assert order == Order(ring=(), left_out=((ROBIN, reason),))


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ("already_rung", LeftOut.ALREADY_RUNG),
        ("not_again", LeftOut.CHANGED_BY_CALLER),
        ("kept_apart", LeftOut.KEPT_APART),
    ],
)
def test_a_listener_whom_the_caller_had_or_refused_or_must_not_meet_is_left_out(wish: str, reason: LeftOut) -> None:
    wants = CallersWishes(language=ENGLISH, **{wish: frozenset({ROBIN})})  # type: ignore[arg-type]

    assert order_for(wants, [a_candidate()], now=NOON).left_out == ((ROBIN, reason),)


def test_of_several_reasons_the_first_is_given() -> None:
    resting_and_off_rota = a_candidate(on_shift=None, resting_until=NOON + MINUTE)

    order = order_for(CallersWishes(language=ENGLISH), [resting_and_off_rota], now=NOON)
    assert order.left_out == ((ROBIN, LeftOut.NOT_ON_ROTA),)


def test_rest_is_over_at_its_end() -> None:
    assert ring(a_candidate(resting_until=NOON)) == ["robin"]


def test_a_caller_cut_off_is_offered_the_same_listener_first_and_from_their_rest() -> None:
    again = a_candidate("z", on_shift=Cover.BACKUP, resting_until=NOON + MINUTE)

    assert ring(a_candidate("a"), again, same_again=ListenerId("z")) == ["z", "a"]


def test_the_same_listener_is_not_taken_out_of_another_call() -> None:
    assert ring(a_candidate("a"), a_candidate("z", in_call=True), same_again=ListenerId("z")) == ["a"]


def test_first_cover_of_another_wing_comes_before_backup_of_the_callers_own() -> None:
    backup = a_candidate("a", wing="A", on_shift=Cover.BACKUP)

    assert ring(backup, a_candidate("b", wing="B"), wing=WingId("wing-A")) == ["b", "a"]


def test_the_callers_wing_comes_first_then_its_backup_then_the_rest() -> None:
    candidates = (a_candidate("a", wing="C"), a_candidate("b", wing="B"), a_candidate("c", wing="A"))

    assert ring(*candidates, wing=WingId("wing-A"), backup_wing=WingId("wing-B")) == ["c", "b", "a"]


def test_who_talked_least_today_comes_first() -> None:
    assert ring(a_candidate("a", talked=40 * MINUTE), a_candidate("b", talked=39 * MINUTE)) == ["b", "a"]


def test_who_has_been_left_alone_longest_comes_first() -> None:
    lately = a_candidate("a", last_talk_ended_at=NOON - MINUTE)
    long_ago = a_candidate("b", last_talk_ended_at=NOON - 9 * MINUTE)

    assert ring(lately, long_ago, a_candidate("c")) == ["c", "b", "a"]


def test_where_the_caller_is_does_not_show_in_a_log() -> None:
    wants = CallersWishes(language=ENGLISH, wing=WingId("wing-A"), backup_wing=WingId("wing-B"))

    assert "wing-" not in repr(wants)


names = st.sampled_from("abcdefgh")
some = st.frozensets(names, max_size=4)
people = st.lists(
    st.builds(
        a_candidate,
        names,
        wing=st.sampled_from("ABC"),
        standing=st.sampled_from([Standing.CERTIFIED, Standing.CERTIFIED, Standing.LAPSED]),
        on_shift=st.sampled_from([Cover.FIRST, Cover.BACKUP, None]),
        away=st.booleans(),
        had_enough=st.booleans(),
        off_duty=st.booleans(),
        in_call=st.booleans(),
        ringing=st.booleans(),
        reachable=st.booleans(),
        resting_until=st.sampled_from([None, NOON - MINUTE, NOON + MINUTE]),
        talked=st.integers(min_value=0, max_value=3).map(lambda minutes: minutes * MINUTE),
        languages=st.sampled_from([frozenset({ENGLISH}), frozenset({WELSH}), frozenset({ENGLISH, WELSH})]),
    ),
    unique_by=lambda candidate: candidate.id,
)
wishes = st.builds(
    CallersWishes,
    language=st.sampled_from([ENGLISH, WELSH]),
    wing=st.sampled_from([None, WingId("wing-A")]),
    backup_wing=st.sampled_from([None, WingId("wing-B")]),
    same_again=st.none() | names,
    not_again=some,
    already_rung=some,
    kept_apart=some,
)


@given(wishes, people)
def test_every_candidate_is_rung_or_left_out_never_both(wants: CallersWishes, candidates: list[Candidate]) -> None:
    order = order_for(wants, candidates, now=NOON)

    everybody = [*order.ring, *(listener for listener, _ in order.left_out)]
    assert sorted(everybody) == sorted(candidate.id for candidate in candidates)


@given(wishes, people, st.randoms(use_true_random=False))
def test_the_same_people_are_always_rung_in_the_same_order(
    wants: CallersWishes, candidates: list[Candidate], random: Random
) -> None:
    shuffled = random.sample(candidates, len(candidates))

    assert order_for(wants, candidates, now=NOON) == order_for(wants, shuffled, now=NOON)


@given(wishes, people)
def test_nobody_is_rung_who_is_busy_away_unfit_or_unwanted(wants: CallersWishes, candidates: list[Candidate]) -> None:
    known = {candidate.id: candidate for candidate in candidates}

    for listener in order_for(wants, candidates, now=NOON).ring:
        one = known[listener]
        assert one.on_shift is not None
        assert one.standing is Standing.CERTIFIED
        assert not any((one.away, one.off_duty, one.in_call, one.ringing))
        assert one.reachable
        assert wants.language in one.languages
        assert listener not in wants.not_again | wants.already_rung | wants.kept_apart
        assert not one.had_enough or listener == wants.same_again
        assert one.resting_until != NOON + MINUTE or listener == wants.same_again


@given(wishes, people)
def test_nobody_is_left_out_without_a_reason_that_is_true(wants: CallersWishes, candidates: list[Candidate]) -> None:
    known = {candidate.id: candidate for candidate in candidates}

    for listener, reason in order_for(wants, candidates, now=NOON).left_out:
        one = known[listener]
        true = {
            LeftOut.NOT_ON_ROTA: one.on_shift is None,
            LeftOut.NOT_CERTIFIED: one.standing is not Standing.CERTIFIED,
            LeftOut.OFF_DUTY: one.off_duty,
            LeftOut.IN_CALL: one.in_call,
            LeftOut.RINGING: one.ringing,
            LeftOut.RESTING: one.resting_until == NOON + MINUTE,
            LeftOut.UNREACHABLE: not one.reachable,
            LeftOut.OTHER_LANGUAGE: wants.language not in one.languages,
            LeftOut.ALREADY_RUNG: listener in wants.already_rung,
            LeftOut.CHANGED_BY_CALLER: listener in wants.not_again,
            LeftOut.AWAY: one.away,
            LeftOut.KEPT_APART: listener in wants.kept_apart,
            LeftOut.HAD_ENOUGH: one.had_enough,
        }
        assert true[reason]
