"""What is still to be done before a prison may rely on its line."""

from dataclasses import replace

from console.complaints import REQUIRED, Reached
from console.health.store import PhoneHere
from console.set_up.edits import CODES, WingSaid
from console.set_up.ports import SiteSaid
from console.set_up.steps import Facts, posts_without_phone, steps
from escalation.drills import Kind
from escalation.nightly import Link, Nightly, NightlyId
from escalation.profile_file import load
from models.words import Language, PhoneId, PhoneKind, Post
from tests.builders import NOON
from tests.fakes.line import CHOICES

NURSE = PhoneHere(PhoneId("p1"), PhoneKind.STAFF, Post.HEALTHCARE)
SITE = SiteSaid(
    name="HMP Demo",
    zone="Europe/London",
    language=Language("en"),
    codes=dict.fromkeys(CODES, "100"),
    wings=(WingSaid("A", "Alpha", "", ("A-1-001",)),),
    posts=tuple(Post),
    complaints=tuple(Reached(body, "them", "there") for body in REQUIRED),
)
NIGHT = Nightly(NightlyId("n"), Kind.PLANNED, NOON, NOON, None)
READY = Facts(
    site=SITE,
    phones=[NURSE],
    unreachable=frozenset(),
    profile=load("uk-listener-adult", CHOICES),
    signed=True,
    own_recordings=3,
    prompts_missing=0,
    last_night=NIGHT,
)


def not_done(facts: Facts) -> list[str]:
    return [step.title for step in steps(facts) if not step.done]


def test_a_line_that_is_ready_has_nothing_left_to_do() -> None:
    assert not_done(READY) == []


def test_each_thing_that_is_missing_is_its_own_step() -> None:
    assert not_done(replace(READY, unreachable=frozenset({NURSE.id}))) == ["Phones"]
    assert not_done(replace(READY, signed=False)) == ["The profile: who may be told what"]
    assert not_done(replace(READY, own_recordings=0)) == ["Prompts"]
    assert not_done(replace(READY, prompts_missing=1)) == ["Prompts"]
    assert not_done(replace(READY, last_night=None)) == ["Test call"]
    assert not_done(replace(READY, last_night=replace(NIGHT, broken=Link.HEARD))) == ["Test call"]
    assert not_done(replace(READY, site=replace(SITE, complaints=SITE.complaints[1:]))) == [
        "Whom people can complain to"
    ]


def test_a_post_that_the_profile_rings_needs_a_phone() -> None:
    missing = replace(SITE, posts=(Post.HEALTHCARE,))
    assert not_done(replace(READY, site=missing)) == ["Staff posts"]
    found = posts_without_phone(READY.profile, {Post.HEALTHCARE})

    assert Post.HEALTHCARE not in found
    assert Post.ORDERLY_OFFICER in found
    (step,) = (one for one in steps(replace(READY, site=missing)) if one.title == "Staff posts")
    assert "Orderly officer" in step.says
