"""What is found in an audit that somebody has been at: nothing in a whole one, and the right numbers otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st

from models.audit import BEGINNING, Chain, Deed, Entry, Link, hash_of, next_entry
from models.audit_check import Finding, Wrong, broken

DOCUMENTATION = Path(__file__).parents[2] / "docs/audit.md"
ANCHOR = Link(500, "ab" * 32)


def deeds(count: int) -> list[Deed]:
    return [Deed(NOON + timedelta(minutes=n), "nurse", "acknowledged", f"esc-{n}") for n in range(count)]


def entries(count: int, after: Link = BEGINNING) -> list[Entry]:
    made: list[Entry] = []
    for deed in deeds(count):
        made.append(next_entry(made[-1].link if made else after, deed))
    return made


def said_of(*kept: Entry, anchors: Sequence[Link] = ()) -> list[str]:
    return [one.sentence for one in broken(Chain(tuple(anchors), kept))]


def forged(entry: Entry, who: str = "somebody else", previous: str | None = None) -> Entry:
    """Another deed in its place, with a hash that is right for it."""
    changed = replace(entry.deed, who=who)
    after = previous or entry.previous
    return Entry(entry.number, changed, after, hash_of(after, entry.number, changed))


def test_a_whole_chain_has_nothing_wrong() -> None:
    assert said_of(*entries(5)) == []
    assert said_of(*entries(5, ANCHOR), anchors=[ANCHOR]) == []
    assert said_of() == []
    assert said_of(anchors=[ANCHOR]) == []


def test_an_entry_is_hashed_as_the_documentation_says() -> None:
    """With printf and sha256sum, so that nobody needs Wingline to check it (docs/audit.md)."""
    first = next_entry(BEGINNING, Deed(NOON, "nurse", "acknowledged", "esc-1"))

    assert first.hash == "1da35a2215390133c6c6ea9a51a0fd74da64129e2b13a62742598e9277b1b9d3"
    assert first.hash in DOCUMENTATION.read_text()


@pytest.mark.parametrize(
    "changes",
    [
        {"who": "robin"},
        {"what": "closed"},
        {"about": None},
        {"about": "esc-9"},
        {"at": NOON + timedelta(microseconds=1)},
    ],
)
def test_a_changed_field_is_found_and_the_entry_named(changes: dict[str, object]) -> None:
    one, two, three = entries(3)
    changed = replace(two, deed=replace(two.deed, **changes))  # type: ignore[arg-type]  # a test changes what it likes

    assert said_of(one, changed, three) == ["entry 2 was changed"]


@pytest.mark.parametrize("field", ["hash", "previous"])
def test_a_changed_hash_is_found_and_only_that_entry_named(field: str) -> None:
    one, two, three = entries(3)

    assert said_of(one, replace(two, **{field: "cd" * 32}), three) == ["entry 2 was changed"]  # type: ignore[arg-type]


def test_what_was_changed_and_hashed_anew_does_not_fit_the_next() -> None:
    one, two, three = entries(3)

    (found,) = broken(Chain((), (one, forged(two), three)))
    assert (found.wrong, found.first) == (Wrong.REPLACED, 2)


def test_entries_that_are_missing_are_named() -> None:
    one, _, _, four, five, _, seven = entries(7)

    assert said_of(one, four, five, seven) == ["entries 2 to 3 were taken out", "entry 6 was taken out"]


def test_the_first_entry_is_missed_too() -> None:
    assert said_of(*entries(3)[1:]) == ["entry 1 was taken out"]
    assert said_of(*entries(3, ANCHOR)[1:], anchors=[ANCHOR]) == ["entry 501 was taken out"]


def test_one_taken_out_and_the_rest_numbered_anew_is_found() -> None:
    made = entries(6)
    closed_up = [replace(entry, number=entry.number - 1) for entry in made[3:]]

    assert said_of(*made[:2], *closed_up) == [
        "entry 3 was taken out",
        "entries 3 to 5 were moved: made as 4 and onwards",
    ]


def test_entries_that_changed_places_are_named() -> None:
    one, two, three, four = entries(4)

    assert said_of(one, replace(three, number=2), replace(two, number=3), four) == [
        "entry 2 was moved: made as 3",
        "entry 3 was moved: made as 2",
    ]


def test_a_copy_is_found() -> None:
    one, two, three = entries(3)

    assert said_of(one, two, three, replace(two, number=4)) == ["entry 4 was put in"]


def test_one_put_between_with_the_rest_numbered_anew_is_found() -> None:
    one, two, three, four = entries(4)
    later = [replace(entry, number=entry.number + 1) for entry in (two, three, four)]

    assert said_of(one, forged(two), *later) == [
        "entry 2 was put in",
        "entries 3 to 5 were moved: made as 2 and onwards",
    ]


def test_an_entry_where_all_has_been_forgotten_is_found() -> None:
    before = replace(entries(1)[0], number=-3)

    assert said_of(before, *entries(2)) == ["entry -3 was put in"]
    assert said_of(*entries(500)[499:], *entries(2, ANCHOR), anchors=[ANCHOR]) == ["entry 500 was put in"]


def test_an_anchor_that_was_taken_out_leaves_entries_missing() -> None:
    assert said_of(*entries(2, ANCHOR)) == ["entries 1 to 500 were taken out"]


def test_a_changed_anchor_is_found() -> None:
    (found,) = broken(Chain((Link(500, "cd" * 32),), tuple(entries(2, ANCHOR))))

    assert (found.wrong, found.first) == (Wrong.ANCHOR, 500)


def test_a_second_anchor_is_found() -> None:
    (found,) = broken(Chain((Link(3, "cd" * 32), ANCHOR), tuple(entries(2, ANCHOR))))

    assert (found.wrong, found.first) == (Wrong.ANCHOR, 3)


def test_each_of_several_wrongs_is_named() -> None:
    made = entries(9)
    made[1] = replace(made[1], deed=replace(made[1].deed, who="robin"))
    made[7] = replace(made[7], deed=replace(made[7].deed, who="robin"))
    del made[4]

    assert said_of(*made) == ["entry 2 was changed", "entry 5 was taken out", "entry 8 was changed"]


# ---- any single act of somebody who can write the table

Tampering = Callable[[list[Entry], int, int], tuple[list[Entry], set[int]]]


def _changes(made: list[Entry], one: int, _: int) -> tuple[list[Entry], set[int]]:
    made[one] = replace(made[one], deed=replace(made[one].deed, about="esc-other"))
    return made, {made[one].number}


def _changes_and_hashes_anew(made: list[Entry], one: int, _: int) -> tuple[list[Entry], set[int]]:
    made[one] = forged(made[one])
    return made, {made[one].number}


def _takes_out(made: list[Entry], one: int, _: int) -> tuple[list[Entry], set[int]]:
    gone = made.pop(one)
    return made, {gone.number}


def _takes_out_and_closes_up(made: list[Entry], one: int, _: int) -> tuple[list[Entry], set[int]]:
    gone = made.pop(one)
    return [*made[:one], *(replace(entry, number=entry.number - 1) for entry in made[one:])], {gone.number}


def _makes_room_and_puts_in(made: list[Entry], one: int, _: int) -> tuple[list[Entry], set[int]]:
    put_in = forged(made[one])
    return [*made[:one], put_in, *(replace(entry, number=entry.number + 1) for entry in made[one:])], {put_in.number}


def _swaps(made: list[Entry], one: int, other: int) -> tuple[list[Entry], set[int]]:
    here, there = made[one], made[other]
    made[one], made[other] = replace(there, number=here.number), replace(here, number=there.number)
    return made, {here.number, there.number}


def _hashes_all_but_the_last_anew(made: list[Entry], one: int, _: int) -> tuple[list[Entry], set[int]]:
    end = made[one - 1].link if one else Link(made[0].number - 1, made[0].previous)
    last = made[-1]
    for place in range(one, len(made) - 1):
        made[place] = next_entry(end, replace(made[place].deed, who="robin"))
        end = made[place].link
    return [*made[:-1], last], {made[-2].number}


@given(
    count=st.integers(3, 12),
    start=st.sampled_from([BEGINNING, ANCHOR]),
    tamper=st.sampled_from(
        [
            _changes,
            _changes_and_hashes_anew,
            _takes_out,
            _takes_out_and_closes_up,
            _makes_room_and_puts_in,
            _swaps,
            _hashes_all_but_the_last_anew,
        ]
    ),
    places=st.data(),
)
def test_any_single_tampering_before_the_end_is_found_and_named(
    count: int, start: Link, tamper: Tampering, places: st.DataObject
) -> None:
    # What was done to the very last entry is for the heads.
    one = places.draw(st.integers(0, count - 2))
    other = places.draw(st.integers(0, count - 1).filter(lambda number: number != one))
    tampered, named = tamper(entries(count, start), one, other)
    found = broken(Chain((start,) if start.number else (), tuple(tampered)))

    assert named <= {number for one_found in found for number in _numbers(one_found)}


def _numbers(found: Finding) -> range:
    return range(found.first, found.last + 1)


def test_a_thousand_changed_entries_are_one_finding_and_take_no_time() -> None:
    made = entries(5000)
    made[1000:2000] = [replace(one, deed=replace(one.deed, who="robin")) for one in made[1000:2000]]

    assert said_of(*made) == ["entries 1001 to 2000 were changed"]
