"""Challenges for passkeys: ours, of one browser, for a few minutes, once."""

from datetime import UTC, datetime, timedelta

import pytest

from console.passkeys import Challenges, NotAccepted, Relying, Signed, challenge_in, made

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def challenges() -> Challenges:
    return Challenges("a secret of the site")


def test_a_challenge_is_taken_once(challenges: Challenges) -> None:
    one = challenges.make("mark", NOON)

    assert challenges.take("mark", one, NOON + MINUTE)
    assert not challenges.take("mark", one, NOON + MINUTE)


def test_no_two_are_the_same(challenges: Challenges) -> None:
    assert len({challenges.make("mark", NOON) for _ in range(50)}) == 50


@pytest.mark.parametrize(("minutes", "taken"), [(4.9, True), (5.1, False), (60, False)])
def test_a_challenge_is_for_five_minutes(challenges: Challenges, minutes: float, *, taken: bool) -> None:
    one = challenges.make("mark", NOON)

    assert challenges.take("mark", one, NOON + minutes * MINUTE) is taken


def test_a_challenge_of_another_browser_or_another_site_is_not_ours(challenges: Challenges) -> None:
    one = challenges.make("mark", NOON)

    assert not challenges.take("another mark", one, NOON)
    assert not Challenges("another secret").take("mark", one, NOON)


def test_another_node_of_the_site_takes_it(challenges: Challenges) -> None:
    assert Challenges("a secret of the site").take("mark", challenges.make("mark", NOON), NOON)


@pytest.mark.parametrize("place", range(40))
def test_a_challenge_with_one_byte_changed_is_not_ours(challenges: Challenges, place: int) -> None:
    one = bytearray(challenges.make("mark", NOON))
    one[place] ^= 1

    assert not challenges.take("mark", bytes(one), NOON)


@pytest.mark.parametrize("given", [b"", b"x", b"x" * 39, b"x" * 5000])
def test_what_is_no_challenge_is_not_ours(challenges: Challenges, given: bytes) -> None:
    assert not challenges.take("mark", given, NOON)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"response": None},
        {"response": {"clientDataJSON": "ünï"}},
        {"response": {"clientDataJSON": "AAAA"}},
        {"response": {"clientDataJSON": 7}},
        {"response": {"clientDataJSON": "W10"}},
    ],
)
def test_what_no_browser_answers_is_not_accepted(answer: dict[str, object]) -> None:
    with pytest.raises(NotAccepted):
        challenge_in(answer)
    with pytest.raises(NotAccepted):
        made(Relying("https://wingline.example"), Signed(answer, b"x"))


def test_a_passkey_is_for_the_name_of_the_address() -> None:
    one = Relying("https://wingline.prison.example:8443")

    assert (one.id, one.origin) == ("wingline.prison.example", "https://wingline.prison.example:8443")
