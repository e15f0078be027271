"""What the console has from others: as it was fetched, complete, and without what is not ours to use."""

import re

import pytest

from console.vendoring import VENDORED, adapted, packages, wrong_files

CSS = sorted(VENDORED.glob("*.css"))


def test_every_file_is_as_it_was_fetched_and_none_is_unlisted() -> None:
    assert wrong_files() == []


def test_every_package_has_its_licence_beside_it() -> None:
    licences = " ".join(path.read_text() for path in VENDORED.glob("LICENCE-*.txt"))

    assert [package.name for package in packages() if package.name not in licences] == []


@pytest.mark.parametrize("style", CSS, ids=lambda path: path.name)
def test_a_style_names_no_font_or_arms_of_the_government_and_only_pictures_that_are_there(style: str) -> None:
    text = (VENDORED / style).read_text()

    assert not re.findall(r"GDS Transport|@font-face|crest[\w-]*\.svg|sourceMappingURL", text)
    assert [name for name in re.findall(r"url\(([^)]+)\)", text) if not (VENDORED / name).is_file()] == []


def test_what_is_no_style_or_script_stays_as_it_is() -> None:
    assert adapted("images/one.svg", b"GDS Transport,") == b"GDS Transport,"
    assert adapted("one.css", b"a{font-family:GDS Transport,arial}") == b"a{font-family:arial}"
