"""How well a caller is understood, and that the machine is the less ready to flag the less it understands."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.dangers import Danger
from speech.gate import FRAME_BYTES, HANG_OVER
from speech.judge import Judge, Limits
from speech.listening import Listening, Means, Noticed, Pass
from speech.meaning import Likely, Meaning
from speech.recogniser import Heard
from speech.second import Counts
from speech.understanding import PENDING_SECONDS, Understanding

LIMITS = Limits(dict.fromkeys(Danger, 0.9), lets_stand=0.2, also=0.3, understood=0.6, surer=2.4)


def after(*phrases: tuple[str, str]) -> float:
    understanding = Understanding()
    for second, (first, again) in enumerate(phrases):
        understanding.first_heard(first, float(second), 0.0)
        understanding.heard_again(again, second + 0.1)
    return understanding.agreement


def test_who_has_said_nothing_yet_counts_as_understood() -> None:
    assert after() == 1


def test_the_further_both_passes_are_apart_the_less_is_understood() -> None:
    same, near, apart = (
        after(("i told the nurse about it", again))
        for again in ("I told the nurse about it.", "I told an hour about it.", "See men run too.")
    )

    assert same == 1
    assert near > 0.6 > apart


def test_many_words_count_for_more_than_few() -> None:
    apart = ("the not rung i leave a message", "they would not run or live in a mess age")

    assert after(("yes", "Yes."), apart) < after(
        apart, ("yes i told the nurse about it", "Yes, I told the nurse about it")
    )


def test_what_only_one_of_them_heard_at_all_was_not_understood() -> None:
    assert after(("", "I told the nurse about it.")) < 0.5
    assert after(("i told the nurse about it", "")) < 0.5
    assert after(("", "")) == 1


def test_nothing_follows_from_a_piece_that_the_first_has_not_settled_on() -> None:
    understanding = Understanding()
    understanding.first_heard("what was said", 3.0, 0.0)
    understanding.heard_again("Something else.", 7.0)

    assert understanding.agreement == 1


def test_what_waits_for_the_second_pass_is_no_words_and_is_forgotten() -> None:
    understanding = Understanding()
    understanding.first_heard("a canary", 1.0, 0.0)
    assert "canary" not in repr(understanding) + repr(understanding._pending)
    assert not any(isinstance(kept, str) for phrase in understanding._pending for kept in phrase.words)

    understanding.forget_old(PENDING_SECONDS)
    assert not understanding._pending
    understanding.first_heard("a canary", 2.0, 20.0)
    understanding.heard_again("A canary.", 2.0)
    assert not understanding._pending
    understanding.first_heard("a canary", 3.0, 20.0)
    understanding.wipe()
    assert not understanding._pending


@given(st.lists(st.tuples(st.text("ab ", max_size=9), st.text("ab ", max_size=9)), max_size=9))
def test_agreement_is_a_share(phrases: list[tuple[str, str]]) -> None:
    assert 0 <= after(*phrases) <= 1


def test_the_limit_is_its_own_for_who_is_understood_and_higher_for_who_is_not() -> None:
    at_nothing = LIMITS.of(Danger.ATTEMPT, 0.0)

    assert LIMITS.of(Danger.ATTEMPT, 0.6) == LIMITS.of(Danger.ATTEMPT, 1.0) == 0.9
    assert 0.9 < LIMITS.of(Danger.ATTEMPT, 0.3) < at_nothing
    # Odds of 9 to 1, and e to the 2.4 as much.
    assert at_nothing == pytest.approx(99.2 / 100.2, abs=1e-3)


def test_a_kind_that_is_switched_off_stays_off() -> None:
    off = Limits(dict.fromkeys(Danger, 1.1), 0.2, 0.3, understood=0.6, surer=2.4)

    assert off.of(Danger.ATTEMPT, 0.0) == 1.1


class Vosk:
    """Settles on these words, phrase by phrase, when a phrase is over."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._left = list(phrases)

    def hear(self, pcm: bytes) -> Heard:
        del pcm
        return Heard("", settled=False)

    def finish(self) -> Heard:
        return Heard(self._left.pop(0), settled=True)


class Moonshine:
    counts = Counts()

    def __init__(self, phrases: Sequence[str]) -> None:
        self._left = list(phrases)

    def hear(self, pcm: bytearray, told: Callable[[str], None], *, owner: object) -> None:
        del pcm, owner
        told(self._left.pop(0))

    def forget(self, owner: object) -> None:
        """Nothing waits here."""


def noticed(first: Sequence[str], again: Sequence[str]) -> list[Noticed]:
    """Each phrase said after the other; the encoder is .95 sure of a danger where it hears "knot"."""

    def meaning(text: str) -> Likely:
        return Likely(0.95 if text.endswith("knot") else 0.0, {kind: float(kind is Danger.ATTEMPT) for kind in Danger})

    listening, found = Listening(means(first, again, meaning), lambda: 0.0), []
    for _ in first:
        found += says(listening)
    return found


def means(first: Sequence[str], again: Sequence[str], meaning: Meaning) -> Means:
    return Means(lambda: Vosk(first), lambda: any, Judge(meaning, LIMITS), Moonshine(again))


def says(listening: Listening, *, seconds: float = 0.4) -> list[Noticed]:
    """A phrase of this length, and silence until it is over."""
    found = []
    for _ in range(round(seconds / 0.1)):
        found += listening.hear([b"\x01" * FRAME_BYTES] * 5)
    return [*found, *listening.hear([bytes(FRAME_BYTES)] * (HANG_OVER + 1))]


def says_neither(text: str) -> Likely:
    """Leaves it to the rules."""
    del text
    return Likely(0.5, {kind: float(kind is Danger.ATTEMPT) for kind in Danger})


def test_who_speaks_for_long_without_a_pause_is_understood_as_well_as_others() -> None:
    """The second pass hears it in pieces, of which none has the words that the first one settles on."""
    whole, pieces = "all of it was the same to me", ["All of it", "was the same to me."]
    listening = Listening(means([whole], pieces, says_neither), lambda: 0.0)

    says(listening, seconds=11)

    assert listening._understanding.agreement == 1


@pytest.mark.parametrize(
    ("first", "again", "by"),
    [
        (["my rope is purple", "i'm going to kill myself"], ["my rope is purple", "see men run"], Pass.FIRST),
        (["my rope is purple", "see men run"], ["my rope is purple", "i'm going to kill myself"], Pass.SECOND),
    ],
)
def test_what_led_to_a_flag_is_forgotten_by_both_passes(first: Sequence[str], again: Sequence[str], by: Pass) -> None:
    listening = Listening(means(first, again, says_neither), lambda: 0.0)
    says(listening)
    assert kept(listening) == {"my rope is purple"}

    (flag,) = says(listening)

    assert (flag.by, kept(listening)) == (by, set())


def kept(listening: Listening) -> set[str]:
    return {said for by in (listening._first, listening._again) for said in by._window.with_newest("")[:-1]}


def test_the_same_words_are_a_flag_of_who_is_understood_and_none_of_who_is_not() -> None:
    said = ["we had the dinner late", "i like the knot"]

    assert noticed(said, ["We had the dinner late.", "I like the nod."])
    assert not noticed(said, ["Wheel hat is thin her lay.", "Eye lie canopy."])
