"""Profiles: what comes with Wingline loads, what the site must choose is asked for, what is wrong is said."""

from datetime import date
from pathlib import Path

import pytest

from escalation.profile import hearing_on
from escalation.profile_file import load, shipped
from models.errors import BadProfile
from models.words import Cause, Hearing, Post

CHOICES = {
    "attempt_in_progress_refusing": "tell_then_disclose",
    "threat_to_another": "off",
    "who_confirms": "listener",
    "hearing": {"mode": "ask"},
}
UNTIL = date(2026, 6, 30)
ADULT = Path("profiles/uk-listener-adult.toml")


def changed(folder: Path, old: str, new: str) -> Path:
    """The adult profile with one thing changed."""
    text = (Path(__file__).parents[2] / ADULT).read_text("utf-8")
    assert old in text
    file = folder / "changed.toml"
    file.write_text(text.replace(old, new), "utf-8")
    return file


def test_what_comes_with_wingline() -> None:
    assert shipped() == ("human-only", "uk-listener-adult")


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_profile_loads_and_carries_its_name(name: str) -> None:
    profile = load(name, CHOICES)

    assert profile.name == name
    assert profile.exception_rule == frozenset()


def test_life_rings_control_room_and_healthcare_together() -> None:
    life = load("uk-listener-adult", CHOICES).protocols.for_cause(Cause.DANGER_NOW)

    assert life.steps[0].posts == (Post.CONTROL_ROOM, Post.HEALTHCARE)
    assert life.steps[0].seconds == 60


@pytest.mark.parametrize("missing", CHOICES)
def test_a_choice_that_the_site_has_not_made_is_asked_for(missing: str) -> None:
    with pytest.raises(BadProfile, match=rf"site file:\n{missing} = (.|\n)*domain.md 5.2"):
        load("uk-listener-adult", {name: choice for name, choice in CHOICES.items() if name != missing})


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("calm_words_every = 15", "calm_words_every = 16", "calm_words_every.*less than or equal to 15"),
        ('posts = ["orderly_officer"]', 'posts = ["police"]', "protocols.agreed.steps.1.posts.0"),
        ('posts = ["orderly_officer"]', "posts = []", "protocols.agreed.steps.1.posts"),
        ("spoken_within = 300", "", "protocols.life.spoken_within: Field required"),
        ("spoken_within = 300", "spoken_within = 300\nrepeat = false", "repeat"),
        ("after_seconds = 0", "after_seconds = 5", "ring_stages must start after 0"),
        ('ask = ["notice/ask"]', "ask = []", "notice.ask says nothing"),
        ("exception_rule = []", 'exception_rule = ["attempt"]', "add notice/exception-rule"),
        ("exception_rule = []", 'exception_rule = ["crime"]', "exception_rule"),
        ("[hearing]", "[choices]\n[hearing]", "move them to the site file"),
        ("[hearing]", "[hearing", "not TOML"),
    ],
)
def test_a_wrong_profile_is_refused_in_words(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(BadProfile, match=complaint):
        load(changed(tmp_path, old, new), CHOICES)


def test_an_unknown_profile_names_those_that_there_are() -> None:
    with pytest.raises(BadProfile, match="human-only, uk-listener-adult"):
        load("uk-adult", CHOICES)


def test_threat_to_another_must_be_in_the_notice() -> None:
    with pytest.raises(BadProfile, match="add notice/threat-to-another"):
        load("uk-listener-adult", {**CHOICES, "threat_to_another": "on"})


def test_a_site_cannot_make_a_profile_listen_that_never_does() -> None:
    with pytest.raises(BadProfile, match="never listens"):
        load("human-only", {**CHOICES, "hearing": {"mode": "ask"}})


@pytest.mark.parametrize("lacking", [{"mode": "opt_out"}, {"mode": "opt_out", "dpia": "D1"}])
def test_opting_out_needs_a_dpia_and_a_last_day(lacking: dict[str, object]) -> None:
    with pytest.raises(BadProfile, match=r"hearing\.dpia"):
        load("uk-listener-adult", {**CHOICES, "hearing": lacking})


@pytest.mark.parametrize(
    ("today", "mode"), [(UNTIL, Hearing.OPT_OUT), (date(2026, 7, 1), Hearing.ASK)], ids=["last day", "day after"]
)
def test_opting_out_falls_back_to_asking(today: date, mode: Hearing) -> None:
    profile = load("uk-listener-adult", {**CHOICES, "hearing": {"mode": "opt_out", "dpia": "D1", "until": UNTIL}})

    assert hearing_on(profile, today) is mode
