"""The list of OWASP's ASVS is whole, names files and tests that are there, and counts itself rightly.

Beside it a few requirements that no other test tries.
"""

import math
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from itsdangerous import Signer, URLSafeTimedSerializer
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from console import accounts, accounts_invited
from console.sessions import SIGNED, Sessions
from console.signing_in_rules import SigningIn

ROOT = Path(__file__).parents[2]
LIST = ROOT / "docs/asvs.md"
# Of ASVS 5.0.0: in each section, which requirements are of level 1 and which of level 2. Those of level 3 are not here.
SECTIONS = {
    "1.1": ("", "1-2"), "1.2": ("1-5", "6-9"), "1.3": ("1-2", "3-11"), "1.4": ("", "1-3"), "1.5": ("1", "2"),
    "2.1": ("1", "2-3"), "2.2": ("1-2", "3"), "2.3": ("1", "2-4"), "2.4": ("", "1"),
    "3.2": ("1-2", ""), "3.3": ("1", "2-4"), "3.4": ("1-2", "3-6"), "3.5": ("1-3", "4-5"), "3.7": ("", "1-2"),
    "4.1": ("1", "2-3"), "4.2": ("", "1"), "4.3": ("", "1-2"), "4.4": ("1", "2-4"),
    "5.1": ("", "1"), "5.2": ("1-2", "3"), "5.3": ("1-2", ""), "5.4": ("", "1-3"),
    "6.1": ("1", "2-3"), "6.2": ("1-8", "9-12"), "6.3": ("1-2", "3-4"), "6.4": ("1-2", "3-4"), "6.5": ("", "1-5"),
    "6.6": ("", "1-3"), "6.8": ("", "1-4"),
    "7.1": ("", "1-3"), "7.2": ("1-4", ""), "7.3": ("", "1-2"), "7.4": ("1-2", "3-5"), "7.5": ("", "1-2"),
    "7.6": ("", "1-2"),
    "8.1": ("1", "2"), "8.2": ("1-2", "3"), "8.3": ("1", ""), "8.4": ("", "1"),
    "9.1": ("1-3", ""), "9.2": ("1", "2-4"),
    "10.1": ("", "1-2"), "10.2": ("", "1-2"), "10.3": ("", "1-4"), "10.4": ("1-5", "6-11"), "10.5": ("", "1-5"),
    "10.6": ("", "1-2"), "10.7": ("", "1-3"),
    "11.1": ("", "1-2"), "11.2": ("", "1-3"), "11.3": ("1-2", "3"), "11.4": ("1", "2-4"), "11.5": ("", "1"),
    "11.6": ("", "1"),
    "12.1": ("1", "2-3"), "12.2": ("1-2", ""), "12.3": ("", "1-4"),
    "13.1": ("", "1"), "13.2": ("", "1-5"), "13.3": ("", "1-2"), "13.4": ("1", "2-5"),
    "14.1": ("", "1-2"), "14.2": ("1", "2-4"), "14.3": ("1", "2-3"),
    "15.1": ("1", "2-3"), "15.2": ("1", "2-3"), "15.3": ("1", "2-7"),
    "16.1": ("", "1"), "16.2": ("", "1-5"), "16.3": ("", "1-4"), "16.4": ("", "1-3"), "16.5": ("", "1-3"),
    "17.1": ("", "1"), "17.2": ("", "1-4"), "17.3": ("", "1-2"),
}  # fmt: skip
STATES = ("holds", "does not apply", "not met")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`((?:[a-z_]+/)[A-Za-z0-9_./-]+)(?:::(test_[a-z0-9_]+))?`")
BY_READING = "(read)"


class Row(NamedTuple):
    number: str
    level: str
    asks: str
    state: str
    by: str


@pytest.fixture(scope="module")
def text() -> str:
    return LIST.read_text()


@pytest.fixture(scope="module")
def rows(text: str) -> list[Row]:
    return [Row(*found.groups()) for found in ROW.finditer(text)]


def the_standards() -> list[tuple[str, str]]:
    return [
        (f"{section}.{number}", level)
        for section, levels in SECTIONS.items()
        for level, span in zip("12", levels, strict=True)
        if span
        for number in range(int(span.partition("-")[0]), int(span.rpartition("-")[2]) + 1)
    ]


def test_every_requirement_of_levels_1_and_2_stands_there_once_and_in_its_place(rows: list[Row]) -> None:
    wanted = the_standards()

    assert Counter(level for _, level in wanted) == {"1": 70, "2": 183}
    assert [(row.number, row.level) for row in rows] == wanted
    assert {row.state for row in rows} <= set(STATES)


def test_every_file_and_test_that_is_named_is_there(text: str) -> None:
    named = NAMED.findall(text)
    missing = [(file, test) for file, test in named if not _is_there(ROOT / file, test)]
    linked = re.findall(r"\]\(([^)#:]+)\)", text)

    assert len(named) > 300
    assert missing == []
    assert [one for one in linked if not (LIST.parent / one).exists()] == []


def _is_there(file: Path, test: str) -> bool:
    return file.exists() and (not test or re.search(rf"(?m)^(?:async )?def {test}\(", file.read_text()) is not None)


def test_what_holds_is_shown_by_a_file_and_a_test_or_says_that_it_was_only_read(rows: list[Row]) -> None:
    held = [row for row in rows if row.state == "holds"]

    assert [row.number for row in held if ("::test_" in row.by) is (BY_READING in row.by)] == []
    assert [row.number for row in held if not (NAMED.search(row.by) or "](" in row.by or "below" in row.by)] == []


def test_its_first_paragraph_counts_rightly_and_names_all_that_is_not_met(text: str, rows: list[Row]) -> None:
    count = Counter(row.state for row in rows)
    read = sum(BY_READING in row.by for row in rows)
    head = text.partition("\n## ")[0]

    assert f"**{count['holds']} hold**, {count['holds'] - read} of them by a test and {read} by reading" in head
    assert f"**{count['does not apply']} do not apply**" in head
    assert f"**{count['not met']} are not met**" in head
    not_met = [row.number for row in rows if row.state == "not met"]
    assert sorted(re.findall(r"\b\d+\.\d+\.\d+\b", head)) == sorted(["5.0.0", *not_met])
    assert [row.number for row in rows if row.state == "not met" and len(row.by) < 30] == []


def test_the_summary_beside_the_threats_has_the_same_counts(rows: list[Row]) -> None:
    count = Counter(row.state for row in rows)
    threats = " ".join((ROOT / "docs/threats.md").read_text().split())

    assert (
        f"all {len(rows)} requirements of levels 1 and 2, each with what does it and the test that tries it: "
        f"{count['holds']} requirements hold, {count['does not apply']} do not apply, {count['not met']} are not met."
    ) in threats


# ---- what no other test tries


def test_every_known_password_that_is_long_enough_is_refused() -> None:
    known = [one for one in FREQUENCY_LISTS["passwords"] if len(one) >= accounts.SHORTEST_PASSWORD]

    assert len(known) > 200
    assert [one for one in known if accounts.password_complaint(one, "nurse", "HMP Example") is None] == []


def test_a_password_is_masked_and_a_password_manager_may_fill_it_in() -> None:
    fields = [
        field
        for page in sorted((ROOT / "console/pages").glob("*.html"))
        for field in re.findall(r'govuk\.input\("(?:password|before)".*', page.read_text())
    ]

    assert len(fields) == 4
    assert all('type="password"' in field and re.search(r'"(?:current|new)-password"', field) for field in fields)


@pytest.mark.slow
def test_a_password_is_hashed_as_slowly_as_asvs_says() -> None:
    """In a process of its own: tests hash quicker."""
    asks = "from console import accounts; print(accounts.hash_of('purple otters weigh less'))"
    said = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    found = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$", said)

    assert found
    assert (int(found[1]) >= 12288, int(found[2]) >= 3) == (True, True)


def test_a_first_code_has_as_many_bits_as_a_plain_hash_needs() -> None:
    letters = accounts_invited._GROUPS * accounts_invited._GROUP
    bits = letters * math.log2(len(set(accounts_invited.LETTERS)))

    assert 112 <= bits < 128
    assert f"{bits:.0f} bits" in LIST.read_text()


def test_the_mark_of_a_browser_has_more_than_128_random_bits() -> None:
    marks = {Sessions("s" * 40, SigningIn().at_most).begin().mark for _ in range(100)}

    assert len(marks) == 100
    assert {len(mark) * 6 for mark in marks} == {144}


def test_another_secret_of_the_console_ends_every_session() -> None:
    lasts = SigningIn().at_most
    cookie = Sessions("s" * 40, lasts).cookie(Sessions("s" * 40, lasts).begin())

    assert Sessions("s" * 40, lasts).read(cookie)
    assert Sessions("t" * 40, lasts).read(cookie) is None


def test_cookies_and_forms_are_signed_with_sha_256() -> None:
    sessions = Sessions("s" * 40, SigningIn().at_most)
    browser = sessions.begin()

    theirs = URLSafeTimedSerializer("s" * 40, salt="console session").dumps([browser.mark])
    assert sessions.read(str(theirs)) is None
    assert not sessions.is_our_form(browser, Signer("s" * 40, salt="console form").get_signature(browser.mark).decode())
    assert SIGNED["digest_method"]().digest_size * 8 == 256


def test_no_script_of_ours_stores_anything_in_the_browser() -> None:
    scripts = sorted((ROOT / "console/pages/assets").glob("*.js"))

    assert len(scripts) == 4
    assert [
        one.name for one in scripts if re.search(r"localStorage|sessionStorage|indexedDB|cookie", one.read_text())
    ] == []
