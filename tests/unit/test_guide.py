"""The guides for people name what is there: pictures, pages, words on buttons, keys and what the phones say."""

import re
import struct
from pathlib import Path

import pytest

from console.roles import pages_of
from ivr.prompts.texts import ENGLISH, languages
from models.words import AccountRole
from wingline.setup.paths import SOURCE

GUIDE = SOURCE / "docs" / "guide"
PICTURES = GUIDE / "pictures"
OF = {
    AccountRole.STAFF: "duty-staff",
    AccountRole.COORDINATOR: "coordinator",
    AccountRole.SCHEME_PARTNER: "scheme-partner",
    AccountRole.MONITORING_BOARD: "monitoring-board",
    AccountRole.TECHNICIAN: "technician",
    AccountRole.GOVERNOR: "governor",
}
GUIDES = sorted(GUIDE.glob("*.md"))
ON_THE_CONSOLE = sorted([*(SOURCE / "console").rglob("*.py"), *(SOURCE / "console" / "pages").glob("*.html")])
SPOKEN = next(one.prompts for one in languages() if one.code == ENGLISH)
# Menus that say what each key does: the words before the key, or after it.
KEY_LAST = re.compile(r"([^.,]+(?:, [^.,]+)??),(?: press)? (\d)\.")
KEY_FIRST = re.compile(r"(?:Press )?(\d)[:,]? ([^.?]+)\.")
MENUS = {
    "staff-line/menu": KEY_LAST,
    "own/menu": KEY_LAST,
    "offer/keys": KEY_LAST,
    "staff/press-1-2-3": KEY_FIRST,
    "staff/press-1-tell-3-not": KEY_FIRST,
    "staff/press-1-close": KEY_FIRST,
    "key/how-are-they": KEY_FIRST,
    **{f"key/danger-{number}": KEY_FIRST for number in range(1, 6)},
}


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def words_in(guide: Path, pattern: str) -> list[str]:
    return re.findall(pattern, one_line(guide.read_text("utf-8")))


def test_each_role_has_a_guide_that_names_each_of_its_pages() -> None:
    lacking = [
        (guide, page.label)
        for role, guide in OF.items()
        for page in pages_of(role, "/")
        if f"**{page.label}**" not in (GUIDE / f"{guide}.md").read_text("utf-8")
    ]

    assert set(OF) == set(AccountRole)
    assert lacking == []


def test_each_picture_that_is_named_is_there_and_each_that_is_there_is_named() -> None:
    named = {name for guide in GUIDES for name in words_in(guide, r"\]\(pictures/([^)]+)\)")}

    assert named == {file.name for file in PICTURES.iterdir()}


@pytest.mark.parametrize("picture", sorted(PICTURES.iterdir()), ids=lambda file: file.stem)
def test_a_picture_is_small(picture: Path) -> None:
    kind, width = struct.unpack("!8s8xI", picture.read_bytes()[:20])

    assert kind == b"\x89PNG\r\n\x1a\n"
    assert width == 1000
    assert picture.stat().st_size <= 60_000


@pytest.mark.parametrize(
    "guide", [GUIDE / f"{name}.md" for name in ("README", *OF.values())], ids=lambda file: file.stem
)
def test_what_stands_in_bold_stands_on_the_console(guide: Path) -> None:
    there = one_line(" ".join(file.read_text("utf-8") for file in ON_THE_CONSOLE))
    said = set(words_in(guide, r"\*\*([^*]+)\*\*"))

    assert [one for one in sorted(said) if one not in there] == []


@pytest.mark.parametrize("sheet", ["listener", "caller", "duty-staff"])
def test_what_stands_in_quotes_is_spoken(sheet: str) -> None:
    spoken = " ".join(SPOKEN.values())
    said = words_in(GUIDE / f"{sheet}.md", r'"([A-Z][^"]+\.?)"')

    assert said
    assert [one for one in said if one not in spoken] == []


@pytest.mark.parametrize("menu", MENUS)
def test_the_table_of_keys_says_what_the_menus_say(menu: str) -> None:
    table = (GUIDE / "keys.md").read_text("utf-8").replace("their life. ", "their life; ")
    pairs = [(said, key) if key.isdigit() else (key, said) for said, key in MENUS[menu].findall(SPOKEN[menu])]

    assert pairs
    assert [(key, said) for said, key in pairs if f"| {key} | {said.strip()}" not in table] == []
