"""A day's head: what it says, who signed it, and what it finds that the chain alone cannot show."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import NOON
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from models.audit import BEGINNING, Chain, Deed, Entry, Link, next_entry
from models.audit_check import broken
from wingline.audit_heads import (
    Head,
    HeadWrong,
    by_fingerprint,
    days_without,
    fingerprint,
    read_head,
    sign,
    signature_is_right,
    wrong_heads,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = by_fingerprint([KEY.public_key()])
TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)


def entries(count: int, after: Link = BEGINNING, who: str = "nurse") -> list[Entry]:
    made: list[Entry] = []
    for n in range(count):
        deed = Deed(NOON + timedelta(minutes=n), who, "acknowledged", f"esc-{n}")
        made.append(next_entry(made[-1].link if made else after, deed))
    return made


def a_head(last: Link, day: date = YESTERDAY, key: Ed25519PrivateKey = KEY, site: str = "demo") -> Head:
    return sign(Head(site=site, day=day, last=last, kept=last.number, signed_at=NOON, key=""), key)


def said_by(
    heads: Sequence[Head | None], kept: Sequence[Entry], anchors: Sequence[Link] = ()
) -> list[tuple[object, ...]]:
    named = {f"{n}.head": head for n, head in enumerate(heads)}
    found = wrong_heads(named, Chain(tuple(anchors), tuple(kept)), site="demo", keys=KEYS, today=TODAY)
    return [(one.wrong, one.first, one.last) for one in found]


def test_a_head_is_small_text_that_a_person_can_read() -> None:
    head = a_head(entries(3)[-1].link)

    assert head.text.splitlines()[:4] == ["Wingline audit head", "Site: demo", "Day: 2026-03-09", "Last entry: 3"]
    assert f"Key: {fingerprint(KEY.public_key())}" in head.text
    assert max(len(line) for line in head.text.splitlines()) <= 100


@pytest.mark.parametrize(
    "carried",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "Dear board,\n\n" + "".join(f"> {line}\n" for line in text.splitlines()) + "\nYours",
    ],
    ids=["as it is", "by another system", "quoted in a mail"],
)
def test_a_head_is_read_again_however_it_came(carried: object) -> None:
    head = a_head(entries(3)[-1].link)
    came = read_head(carried(head.text))  # type: ignore[operator]  # a function of the text

    assert came == head
    assert signature_is_right(came, KEY.public_key())


@pytest.mark.parametrize("text", ["", "a letter", "Site: demo\nDay: 2026-03-09\n"])
def test_what_is_no_head_is_said_to_be_none(text: str) -> None:
    assert read_head(text) is None
    assert said_by([None], entries(3)) == [(HeadWrong.UNREADABLE, None, None)]


@pytest.mark.parametrize(
    "changes",
    [
        {"day": TODAY},
        {"last": Link(2, "ab" * 32)},
        {"kept": 2},
        {"signed_at": NOON + timedelta(seconds=1)},
        {"site": "elsewhere"},
        {"signature": "AAAA"},
        {"signature": "no base64!"},
    ],
)
def test_whatever_is_changed_in_a_head_breaks_its_signature(changes: dict[str, object]) -> None:
    changed = replace(a_head(entries(3)[-1].link), **changes)  # type: ignore[arg-type]  # a test changes what it likes

    assert said_by([changed], entries(3)) == [(HeadWrong.BAD_SIGNATURE, None, None)]


def test_a_head_that_another_key_signed_does_not_count() -> None:
    assert said_by([a_head(entries(3)[-1].link, key=OTHER_KEY)], entries(3)) == [(HeadWrong.UNKNOWN_KEY, None, None)]


def test_a_head_with_our_keys_name_that_another_key_signed_is_found() -> None:
    false = replace(a_head(entries(3)[-1].link, key=OTHER_KEY), key=fingerprint(KEY.public_key()))

    assert said_by([false], entries(3)) == [(HeadWrong.BAD_SIGNATURE, None, None)]


def test_a_head_of_another_site_is_named() -> None:
    assert said_by([a_head(entries(3)[-1].link, site="elsewhere")], entries(3)) == [(HeadWrong.OTHER_SITE, None, None)]


def test_heads_that_fit_say_nothing() -> None:
    made = entries(5)

    assert said_by([a_head(BEGINNING), a_head(made[2].link), a_head(made[4].link)], made) == []


def test_an_end_that_was_cut_off_is_found_and_the_entries_named() -> None:
    made = entries(5)

    assert broken(Chain((), tuple(made[:3]))) == []
    assert said_by([a_head(made[4].link)], made[:3]) == [(HeadWrong.CUT_OFF, 4, 5)]


def test_a_chain_that_was_made_anew_is_found_since_the_last_head_that_fits() -> None:
    made = entries(6)
    anew = [*made[:3], *entries(3, made[2].link, who="robin")]

    assert broken(Chain((), tuple(anew))) == []
    assert said_by([a_head(made[1].link), a_head(made[4].link)], anew) == [(HeadWrong.DIFFERENT, 3, 5)]


def test_entries_that_went_before_their_time_are_found() -> None:
    made = entries(6)

    assert broken(Chain((made[3].link,), tuple(made[4:]))) == []
    assert said_by([a_head(made[1].link)], made[4:], [made[3].link]) == [(HeadWrong.FORGOTTEN_EARLY, 3, 4)]


def test_entries_that_went_after_two_years_are_no_matter() -> None:
    made = entries(6)
    long_ago = TODAY - timedelta(days=730)

    assert said_by([a_head(made[1].link, day=long_ago), a_head(made[3].link)], made[4:], [made[3].link]) == []


def test_an_anchor_that_a_head_contradicts_is_found() -> None:
    made = entries(6)
    false = Link(4, "ab" * 32)

    assert said_by([a_head(made[3].link)], entries(2, false), [false]) == [(HeadWrong.DIFFERENT, 4, 4)]


def test_a_day_without_a_head_is_named_and_the_last_two_have_time() -> None:
    heads = [a_head(BEGINNING, day=TODAY - timedelta(days=n)) for n in (6, 5, 3)]

    assert [one.head for one in days_without(heads, Chain((), ()), today=TODAY)] == ["2026-03-06", "2026-03-08"]


def test_a_chain_of_days_with_no_head_at_all_is_not_silent() -> None:
    chain = Chain((), tuple(entries(2)))

    assert days_without([], chain, today=TODAY + timedelta(days=1)) == []
    assert [one.head for one in days_without([], chain, today=TODAY + timedelta(days=2))] == ["2026-03-10"]


@given(count=st.integers(2, 10), places=st.data())
def test_with_heads_no_single_tampering_is_overlooked(count: int, places: st.DataObject) -> None:
    made = entries(count)
    heads = [a_head(link) for link in (BEGINNING, *(entry.link for entry in made))]
    one = places.draw(st.integers(0, count - 1))
    tampered = places.draw(
        st.sampled_from(
            [
                made[:one],  # cut off
                [*made[:one], *made[one + 1 :]],  # taken out
                [
                    *made[:one],
                    *entries(count - one, made[one - 1].link if one else BEGINNING, who="robin"),
                ],  # made anew
                [*made[:one], replace(made[one], deed=replace(made[one].deed, what="closed")), *made[one + 1 :]],
                entries(count - one, made[one].link),  # the beginning taken for something forgotten
            ]
        )
    )
    anchors = [made[one].link] if tampered and tampered[0].previous == made[one].hash else []

    assert broken(Chain(tuple(anchors), tuple(tampered))) or said_by(heads, tampered, anchors)
