"""A prison in one file: what is wrong in it is said in words, before anything is done."""

from pathlib import Path

import pytest

from models.errors import BadSite
from wingline.site import read_site

PATH = Path(__file__).parents[2] / "docs" / "site-example.toml"
EXAMPLE = PATH.read_text("utf-8")
PATTERN = (
    '\n[[patterns]]\nname = "{name}"\nstarts = 08:00:00\nends = 09:00:00\nfirst = 1\nbackup = 0\nexperienced = 2\n'
)
SHIFT = '\n[[shifts]]\nlistener = "{listener}"\ncover = "first"\non = {on}\nstarts = {starts}\nends = {ends}\n'


def test_the_example_is_a_site_with_a_scheme_for_its_rota() -> None:
    scheme = read_site(PATH).scheme()

    assert {pattern.name for pattern in scheme.patterns} == {"day", "evening", "small hours", "early"}
    assert scheme.limits.nights_in_a_row == 3


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (SHIFT.format(listener="Heron", on="2026-12-02", starts="07:00:00", ends="09:00:00"), "Heron is on two shifts"),
        (SHIFT.format(listener="Robin", on="2026-12-09", starts="07:00:00", ends="09:00:00"), "no Listener Robin"),
        (PATTERN.format(name="day"), "a name is used twice"),
        (PATTERN.format(name="x") + 'wing = "Z"\n', "no wing Z\n.*more experienced"),
    ],
    ids=["two at once", "unknown Listener", "pattern twice", "unknown wing"],
)
def test_what_is_wrong_is_named(tmp_path: Path, more: str, complaint: str) -> None:
    text = EXAMPLE.replace("[rota]", more + "\n[rota]")
    file = tmp_path / "site.toml"
    file.write_text(text, "utf-8")

    with pytest.raises(BadSite, match=complaint):
        read_site(file)


def test_patterns_want_the_rules_that_nobody_but_the_scheme_can_settle(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(EXAMPLE[: EXAMPLE.index("[rota]")], "utf-8")

    with pytest.raises(BadSite, match=r"there must be a part \[rota\]"):
        read_site(file)


@pytest.mark.parametrize("key", ["nights_in_a_row", "weekly_minutes", "new_days", "swaps_approved_by"])
def test_no_rule_of_the_rota_is_silently_assumed(tmp_path: Path, key: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text("\n".join(line for line in EXAMPLE.splitlines() if not line.startswith(key)), "utf-8")

    with pytest.raises(BadSite, match=f"rota.{key}"):
        read_site(file)
