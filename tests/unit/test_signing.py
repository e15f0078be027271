"""From a proposal to a profile in force: whose signatures count, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st

from escalation.signing import (
    For,
    Signature,
    State,
    Version,
    coming_into_force,
    hash_of,
    in_force,
    state_of,
    why_not_in_force,
    why_not_sign,
    why_not_withdraw,
)
from models.phrases import Phrase, in_english

HOUR = timedelta(hours=1)
WAS_READ = "a" * 64
CHANGED = "b" * 64
GOVERNOR, PARTNER = Signature("Ward", NOON, WAS_READ), Signature("Okoro", NOON, WAS_READ)
PROPOSAL = Version(number=3, name="uk-listener-adult", hash=WAS_READ, proposed_by="sam", proposed_at=NOON - HOUR)
SIGNED = replace(PROPOSAL, prison=GOVERNOR, scheme=PARTNER)


def since(version: Version, hours: float, number: int = 3) -> Version:
    return replace(version, number=number, in_force_from=NOON + hours * HOUR)


def said(why: Phrase | None) -> str:
    return in_english(why) if why else ""


def test_two_people_sign_each_for_their_own_side() -> None:
    assert why_not_sign(PROPOSAL, For.PRISON, GOVERNOR) is None
    assert why_not_sign(replace(PROPOSAL, prison=GOVERNOR), For.SCHEME, PARTNER) is None
    assert SIGNED.is_signed


def test_one_account_cannot_sign_for_both() -> None:
    why = why_not_sign(replace(PROPOSAL, prison=GOVERNOR), For.SCHEME, GOVERNOR)

    assert why
    assert "another person's" in said(why)
    assert not replace(PROPOSAL, prison=GOVERNOR, scheme=GOVERNOR).is_signed


def test_nobody_signs_twice_for_the_same_side() -> None:
    assert said(why_not_sign(SIGNED, For.PRISON, GOVERNOR)) == "it is signed for the prison already"


def test_what_somebody_else_changed_meanwhile_is_not_signed_unread() -> None:
    why = why_not_sign(replace(PROPOSAL, hash=CHANGED), For.PRISON, GOVERNOR)

    assert said(why) == "it has changed since you read it; read it again"


def test_a_changed_version_has_lost_its_signatures() -> None:
    tampered = replace(SIGNED, hash=CHANGED)

    assert tampered.signature(For.PRISON) is None
    assert not tampered.is_signed
    assert in_force([since(tampered, -1)], NOON) is None
    assert state_of(since(tampered, -1), [], NOON) is State.NOT_WHAT_WAS_SIGNED


@pytest.mark.parametrize("gone", [since(SIGNED, 1), replace(PROPOSAL, withdrawn_at=NOON)])
def test_only_an_open_proposal_is_signed(gone: Version) -> None:
    assert said(why_not_sign(gone, For.PRISON, GOVERNOR)) == "it is no proposal any more; propose it again"


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        (PROPOSAL, "it is not signed for the prison and the scheme"),
        (replace(PROPOSAL, prison=GOVERNOR), "it is not signed for the scheme"),
        (replace(SIGNED, scheme=GOVERNOR), "both signatures are the same account's"),
        (replace(SIGNED, hash=CHANGED), "it is not signed for the prison and the scheme"),
        (replace(SIGNED, withdrawn_at=NOON), "it is no proposal any more; propose it again"),
        (since(SIGNED, -1), "it is no proposal any more; propose it again"),
    ],
)
def test_nothing_comes_into_force_without_both_signatures(version: Version, reason: str) -> None:
    assert [said(why) for why in why_not_in_force(version, [version], NOON + HOUR, NOON)] == [reason]


def test_it_comes_into_force_from_now_or_later_and_not_beside_another_that_is_planned() -> None:
    other = since(SIGNED, 2, number=2)

    assert not list(why_not_in_force(SIGNED, [SIGNED], NOON, NOON))
    assert [said(why) for why in why_not_in_force(SIGNED, [SIGNED], NOON - HOUR, NOON)] == [
        "that time is over; choose one that is to come"
    ]
    assert [said(why) for why in why_not_in_force(SIGNED, [other, SIGNED], NOON, NOON)] == [
        "version 2 is planned already; withdraw that one first"
    ]


def test_a_version_is_replaced_by_the_next_from_its_own_moment_on() -> None:
    old, new = since(SIGNED, -5, number=1), since(SIGNED, 1, number=2)

    assert in_force([new, old], NOON) == old
    assert in_force([new, old], NOON + HOUR) == new
    assert [state_of(one, [old, new], NOON) for one in (old, new)] == [State.IN_FORCE, State.PLANNED]
    assert [state_of(one, [old, new], NOON + HOUR) for one in (old, new)] == [State.REPLACED, State.IN_FORCE]


def test_of_two_from_the_same_moment_the_newer_counts() -> None:
    assert in_force([since(SIGNED, 0, number=5), since(SIGNED, 0, number=4)], NOON) == since(SIGNED, 0, number=5)


def test_the_states_on_the_way() -> None:
    ways = [PROPOSAL, replace(PROPOSAL, scheme=PARTNER), SIGNED, replace(SIGNED, withdrawn_at=NOON)]

    assert [state_of(one, ways, NOON) for one in ways] == [
        State.PROPOSED,
        State.SIGNED_BY_ONE,
        State.SIGNED,
        State.WITHDRAWN,
    ]


def test_what_has_come_into_force_stays_in_the_history() -> None:
    assert why_not_withdraw(PROPOSAL, NOON) is None
    assert why_not_withdraw(since(SIGNED, 1), NOON) is None
    assert said(why_not_withdraw(since(SIGNED, -1), NOON)) == "it has come into force; propose another one instead"
    assert said(why_not_withdraw(replace(PROPOSAL, withdrawn_at=NOON), NOON)) == "it has been withdrawn"


def test_a_planned_one_that_was_withdrawn_does_not_come() -> None:
    assert in_force([replace(since(SIGNED, 1), withdrawn_at=NOON)], NOON + 2 * HOUR) is None


signatures = st.none() | st.builds(
    Signature, st.sampled_from(["Ward", "Okoro"]), st.just(NOON), st.sampled_from([WAS_READ, CHANGED])
)


@st.composite
def histories(draw: st.DrawFn) -> list[Version]:
    return [
        Version(
            number=number,
            name="p",
            hash=WAS_READ,
            proposed_by="sam",
            proposed_at=NOON,
            prison=draw(signatures),
            scheme=draw(signatures),
            in_force_from=draw(st.none() | st.integers(-9, 9).map(lambda hours: NOON + hours * HOUR)),
            withdrawn_at=draw(st.none() | st.just(NOON)),
        )
        for number in range(1, draw(st.integers(1, 6)) + 1)
    ]


@given(histories())
def test_whatever_counts_was_read_and_signed_by_two_different_accounts(history: list[Version]) -> None:
    for one in coming_into_force(history):
        assert one.prison
        assert one.scheme
        assert {one.prison.hash, one.scheme.hash} == {one.hash}
        assert one.prison.by != one.scheme.by
        assert not one.withdrawn_at
    assert sum(state_of(one, history, NOON) is State.IN_FORCE for one in history) <= 1


def test_a_hash_is_of_the_keys_and_not_of_their_order() -> None:
    assert hash_of({"a": 1, "b": ["x"]}) == hash_of({"b": ["x"], "a": 1})
    assert hash_of({"a": 1}) != hash_of({"a": 2})
