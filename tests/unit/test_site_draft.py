"""A part of the site file is changed, and everything else stays as people wrote it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.complaints import Body, Reached
from console.set_up.edits import ComplaintsEdit, Edit, PostsEdit, SiteEdit, WingSaid, WingsEdit, part_of
from console.set_up.wings_file import as_csv, read_wings
from models.errors import BadSite
from models.words import Language, Post
from wingline.site import checked_site
from wingline.site_draft import edited

EXAMPLE = (Path(__file__).parents[2] / "docs/site-example.toml").read_text("utf-8")
CODES = {"short_code": "100", "duty_code": "101", "own_code": "200", "wait_code": "201", "kept_code": "102"}
REACHED = [
    Reached(Body.SCHEME, "Samaritans", phone="116 123"),
    Reached(Body.MONITORING_BOARD, "IMB", 'the "box" \\ wing'),
]
EDITS: Mapping[str, Edit] = {
    "site": SiteEdit("HMP Nowhere", "Europe/Dublin", Language("cy"), {**CODES, "staff_code": "333"}),
    "wings": WingsEdit(
        [WingSaid("A", "Alpha", "", ("A-1-001", "B-1-001", "B-2-005")), WingSaid("C", "C", "A", ("C-1",))]
    ),
    "posts": PostsEdit([Post.HEALTHCARE, Post.TECHNICIAN]),
    "complaints": ComplaintsEdit([*REACHED, Reached(Body.OMBUDSMAN, "Ombudsman", "by envelope")]),
}
every_edit = pytest.mark.parametrize("part", EDITS)


def without(text: str, part: str) -> dict[str, Any]:
    return {name: value for name, value in tomllib.loads(text).items() if name != part}


@every_edit
def test_only_its_part_is_changed_and_the_result_is_a_site(part: str) -> None:
    after = edited(EXAMPLE, EDITS[part])

    assert part_of(EDITS[part]) == part
    assert without(after, part) == without(EXAMPLE, part)
    assert after != EXAMPLE
    checked_site(after, "site.toml")


@every_edit
def test_to_change_it_again_in_the_same_way_changes_nothing(part: str) -> None:
    once = edited(EXAMPLE, EDITS[part])

    assert edited(once, EDITS[part]) == once


@every_edit
def test_comments_of_other_parts_stay(part: str) -> None:
    after = edited(EXAMPLE, EDITS[part])
    comments = [line for line in EXAMPLE.splitlines() if line.startswith("#")]

    assert [line for line in comments if line not in after.splitlines()] == []


def test_a_code_that_is_not_in_the_file_is_written_only_when_it_is_another_than_ours() -> None:
    short = EXAMPLE.replace('staff_code = "300"', "# staff_code")
    same = SiteEdit("HMP Example", "Europe/London", Language("en"), {**CODES, "staff_code": "300"})

    assert edited(short, same) == short
    assert tomllib.loads(edited(short, EDITS["site"]))["site"]["staff_code"] == "333"


def test_a_file_that_is_no_toml_is_refused() -> None:
    with pytest.raises(BadSite, match="this is not TOML"):
        edited("posts = [", EDITS["posts"])


def test_whoever_must_be_reachable_is() -> None:
    with pytest.raises(BadSite) as refused:
        checked_site(edited(EXAMPLE, ComplaintsEdit([*REACHED, Reached(Body.SCHEME, "again")])), "site.toml")

    said = str(refused.value)
    assert "complaints: scheme is named twice" in said
    assert 'to = "ombudsman"' in said
    assert "complaints.scheme: write an address or a phone" in said


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
cells = st.lists(words, min_size=1, max_size=12, unique=True)


@given(st.lists(cells, min_size=1, max_size=4), words)
@pytest.mark.slow
def test_wings_come_back_from_their_csv_and_from_the_file_as_they_were(places: list[list[str]], name: str) -> None:
    wings = tuple(
        WingSaid(letter, f"{name} {letter}", "A" if letter != "A" else "", tuple(f"{letter}{cell}" for cell in of))
        for letter, of in zip("ABCD", places, strict=False)
    )
    read = read_wings(as_csv(wings))

    assert (read.wings, read.wrong) == (wings, ())
    found = tomllib.loads(edited(EXAMPLE, WingsEdit(wings)))["wings"]
    assert [(wing["letter"], wing["name"], tuple(wing["cells"])) for wing in found] == [
        (wing.letter, wing.name, wing.cells) for wing in wings
    ]
