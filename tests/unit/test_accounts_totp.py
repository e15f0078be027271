"""Codes of an authenticator app, against the clock and against RFC 6238."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyotp
import pytest

from console.accounts_totp import Seal, in_groups, new_secret, picture, step_of

# RFC 6238, appendix B: the key "12345678901234567890", and eight digits of which apps show the last six.
KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NOON = datetime(2026, 11, 28, 12, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert step_of(KEY, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(
    ("ahead", "right"), [(-70, False), (-41, False), (-40, True), (0, True), (19, True), (49, True), (50, False)]
)
def test_a_clock_may_be_one_step_behind_or_ahead(ahead: int, *, right: bool) -> None:
    code = pyotp.TOTP(KEY).at(NOON + timedelta(seconds=ahead))

    assert (step_of(KEY, code, NOON) is not None) is right


def test_a_code_says_of_which_step_it_is() -> None:
    steps = [step_of(KEY, pyotp.TOTP(KEY).at(NOON + timedelta(seconds=30 * ahead)), NOON) for ahead in (-1, 0, 1)]

    assert all(one is not None and other is not None and other == one + 1 for one, other in pairwise(steps))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "²³⁴⁵⁶⁷", "٢٨٧٠٨٢", "-28708", "0x1234", "2" * 9999])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert step_of(KEY, code, NOON) is None


def test_what_is_sealed_opens_with_the_same_key_alone() -> None:
    sealed = Seal("ours").close(KEY)

    assert KEY not in sealed
    assert len(sealed) <= 200
    assert Seal("ours").open(sealed) == KEY
    assert Seal("theirs").open(sealed) is None
    assert Seal("ours").open(sealed[:-4] + "AAAA") is None
    assert Seal("ours").open("ünï") is None


def test_no_two_secrets_are_the_same_and_each_has_160_bits() -> None:
    made = {new_secret() for _ in range(50)}

    assert len(made) == 50
    assert {len(one) for one in made} == {32}


def test_the_picture_may_stand_in_a_page_that_allows_nothing_inline() -> None:
    svg = picture(KEY, '<b>"x"</b>')

    assert svg.startswith("<svg")
    assert not re.search(r"style|script|on\w+=|<b>|http(?!://www.w3.org/2000/svg)", svg)


def test_letters_to_be_typed_come_in_fours() -> None:
    assert in_groups("ABCDEFGHIJ") == "ABCD EFGH IJ"
