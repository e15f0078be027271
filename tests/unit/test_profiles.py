"""Profiles: what comes with Wingline loads, what the site must choose is asked for, what is wrong is said."""

from datetime import date
from pathlib import Path

import pytest

from escalation.profile import Undecided, hearing_on
from escalation.profile_file import as_written, checked, load, shipped
from models.errors import BadProfile
from models.words import Cause, Fact, Hearing, Post

CHOICES = {
    "attempt_in_progress_refusing": "tell_then_disclose",
    "threat_to_another": "off",
    "who_confirms": "listener",
    "hearing": {"mode": "ask"},
}
ON = {**CHOICES, "threat_to_another": "on"}
# Each is loaded with what it was written for: one never listens, one tells of a threat to another.
CHOSEN = {
    "human-only": {name: choice for name, choice in CHOICES.items() if name != "hearing"},
    "ireland": CHOICES,
    "uk-listener-adult": CHOICES,
    "uk-young-people": CHOICES,
    "us-peer": ON,
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
    assert shipped() == tuple(CHOSEN)


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize("refusing", ["respect", "tell_then_disclose"])
def test_a_shipped_profile_loads_and_carries_its_name(name: str, refusing: str) -> None:
    if (name, refusing) == ("uk-young-people", "respect"):
        pytest.skip("a child's refusal is not respected: see below")
    profile = load(name, {**CHOSEN[name], "attempt_in_progress_refusing": refusing})

    assert profile.name == name
    assert profile.exception_rule == frozenset()
    assert checked(as_written(profile), name) == profile


def test_life_rings_control_room_and_healthcare_together() -> None:
    life = load("uk-listener-adult", CHOICES).protocol_for(Cause.DANGER_NOW)

    assert life.steps[0].posts == (Post.CONTROL_ROOM, Post.HEALTHCARE)
    assert life.steps[0].seconds == 60


def test_of_a_child_safeguarding_is_told_without_anybody_being_asked_first() -> None:
    young = load("uk-young-people", CHOICES)

    rule = young.protocol_for(Cause.PERSON_AT_RISK)
    assert young.callers_are_children
    assert rule.decided_by is None
    assert {post for step in rule.steps for post in step.posts} == {Post.SAFEGUARDING, Post.ORDERLY_OFFICER}
    assert Fact.LOCATION in rule.tells


def test_a_childs_refusal_cannot_be_respected() -> None:
    with pytest.raises(BadProfile, match="choose tell_then_disclose"):
        load("uk-young-people", {**CHOICES, "attempt_in_progress_refusing": "respect"})


def test_in_ireland_harm_to_a_child_is_told_when_nobody_can_be_reached_who_decides() -> None:
    adult, ireland = (
        load(name, CHOICES).protocol_for(Cause.PERSON_AT_RISK) for name in ("uk-listener-adult", "ireland")
    )

    assert adult.decided_by
    assert ireland.decided_by
    assert (adult.decided_by.undecided, ireland.decided_by.undecided) == (Undecided.KEEP, Undecided.TELL)


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
        ('off = ["notice/off"]', 'off = ["notice/ask"]', "says that a computer listens only after a yes"),
        ('off = ["notice/off"]', 'off = ["wait/ringing"]', "'wait/ringing' is not a notice"),
        ('opt_out = ["notice/opt-out"]', "opt_out = 3", "notice.opt_out"),
        ('respect = ["notice/told-undecided"]', 'respect = ["x"]\nsometimes = ["y"]\n[notice.more]', "notice.more"),
        ('name = "uk-listener-adult"', 'name = "UK Listener scheme"', "name: 1 to 40 small letters"),
        ('title = "UK Listener scheme, adults"', f'title = "{"words " * 20}"', "title: at most 80"),
        ("protocols.agreed", "protocols.so_many_letters_in_a_name", "its name must have 1 to 20"),
        ("[hearing]", "[choices]\n[hearing]", "move them to the site file"),
        ("[hearing]", "[hearing", "not TOML"),
    ],
)
def test_a_wrong_profile_is_refused_in_words(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(BadProfile, match=complaint):
        load(changed(tmp_path, old, new), CHOICES)


def test_an_unknown_profile_names_those_that_there_are() -> None:
    with pytest.raises(BadProfile, match="human-only, ireland, uk-listener-adult"):
        load("uk-adult", CHOICES)


def test_threat_to_another_must_be_in_the_notice() -> None:
    with pytest.raises(BadProfile, match="add notice/threat-to-another"):
        load("uk-listener-adult", ON)


def test_a_notice_that_says_more_than_the_site_has_chosen_is_refused() -> None:
    with pytest.raises(BadProfile, match=r"take notice/threat-not-prea out of notice\.off, notice\.ask and"):
        load("us-peer", CHOICES)


def test_a_refusal_that_is_respected_leaves_no_room_for_an_exception_rule(tmp_path: Path) -> None:
    ruled = changed(tmp_path, "exception_rule = []", 'exception_rule = ["attempt"]')

    with pytest.raises(BadProfile, match="choose tell_then_disclose"):
        load(ruled, {**CHOICES, "attempt_in_progress_refusing": "respect"})


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
