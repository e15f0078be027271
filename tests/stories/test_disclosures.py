"""Every way in which something leaves a call, or does not: docs/disclosures.md has them in a table."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import tables
from models.clock import now
from models.words import Cause, Outcome, Post
from stories.conftest import QUICK, Story
from stories.losses import line_dies, line_is_back
from stories.people import Caller, Listener
from stories.test_escalation import escalations

pytestmark = pytest.mark.anyio

WINGS = {"A": "Alpha", "B": "Bravo", "C": "Charlie"}
Under = Callable[..., Awaitable[None]]


async def in_conversation(story: Story, notice: str = "notice/told-life") -> tuple[Caller, Listener]:
    """After the notice that says what these rules tell."""
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.presses("1")
    await caller.hears(notice)
    await caller.presses("2")
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    return caller, kestrel


async def names(listener: Listener, key: str) -> None:
    """*3 and who is in danger, while the menu is still being spoken."""
    await listener.presses("*3")
    await listener.is_whispered("key/danger")
    await listener.presses(key)


async def says_how_they_are(listener: Listener, key: str) -> None:
    await listener.is_whispered("key/how-are-they")
    await listener.presses(key)
    await listener.is_whispered("key/done")


def wing_of(caller: Caller) -> str:
    return f"{WINGS[caller.phone.name[0]]} wing"


def causes(story: Story) -> list[str]:
    return [one.cause for one in escalations(story)]


@pytest.fixture
async def under(story: Story, tmp_path: Path) -> AsyncIterator[Under]:
    """The line begins again under other choices, or another profile, and afterwards under its own."""
    site_file = story.world.settings.site_file
    before = site_file.read_text()

    async def begins_again(text: str) -> None:
        site_file.write_text(text)
        await line_dies(story)
        await line_is_back(story)

    async def other_rules(*changes: tuple[str, str], **choices: str) -> None:
        profile = QUICK.read_text()
        for was, becomes in changes:
            assert was in profile
            profile = profile.replace(was, becomes)
        (tmp_path / "other.toml").write_text(profile)
        lines = [_chosen(line, choices) for line in before.splitlines()]
        await begins_again("\n".join(lines).replace(str(QUICK), str(tmp_path / "other.toml")) + "\n")

    yield other_rules
    if site_file.read_text() != before:
        story.world.database.do(_close)
        await story.everybody_hangs_up()
        await story.nothing_is_left()
        await begins_again(before)


def _chosen(line: str, choices: dict[str, str]) -> str:
    name = line.partition(" = ")[0]
    return f'{name} = "{choices[name]}"' if name in choices else line


def _close(session: Session) -> None:
    session.execute(update(tables.Escalation).values(closed_at=now(), due_at=None))


# ---- E1: the caller agreed


async def test_a_caller_who_agreed_can_take_it_back_and_nobody_is_told(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await kestrel.presses("*2")
    await kestrel.is_whispered("key/agreed")
    await kestrel.presses("1")
    await caller.hears("caller/staff-are-told-you-agreed")
    await caller.hears("caller/press-2-to-stop")
    await caller.presses("2")
    await caller.hears("staff-key/stopped")
    await kestrel.is_whispered("key/caller-said-no")
    await nurse.is_not_rung(7)

    assert causes(story) == []


# ---- E2: life in danger, and they cannot decide


async def test_unconscious_after_an_act_staff_hear_the_sites_code_and_how_the_person_is(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await names(kestrel, "1")
    told = await caller.hears("caller/staff-are-told-life")
    await nurse.is_rung()
    await says_how_they_are(kestrel, "2")
    await nurse.answers()
    code = await nurse.hears("staff/code-blue", 14)
    await nurse.hears(wing_of(caller), 14)
    await nurse.hears("staff/condition-breathing", 14)

    assert told < code
    assert causes(story) == [Cause.DANGER_NOW]


# ---- E3: life in danger, and they say no


async def test_against_their_no_the_caller_is_told_first_where_the_site_has_chosen_so(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await names(kestrel, "2")
    told = await caller.hears("caller/staff-are-told-against")
    await nurse.is_rung()
    await nurse.answers()
    said = await nurse.hears("staff/caller-said-no", 30)

    assert told < said
    assert causes(story) == [Cause.REFUSES]


async def test_where_a_no_is_respected_the_listener_hears_that_nothing_was_told(story: Story, under: Under) -> None:
    await under(attempt_in_progress_refusing="respect")
    caller, kestrel = await in_conversation(story, "notice/told-undecided")
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await names(kestrel, "2")
    await kestrel.is_whispered("key/kept-no-respected")
    await nurse.is_not_rung(2)
    await caller.does_not_hear("caller/staff-are-told-against", 0.1)

    assert causes(story) == []


# ---- E9: somebody else in the cell


async def test_a_cell_mate_who_does_not_breathe_is_told_at_once(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await names(kestrel, "3")
    await caller.hears("caller/staff-are-told-other")
    await nurse.is_rung()
    await says_how_they_are(kestrel, "3")
    await nurse.answers()
    await nurse.hears("staff/other-in-cell", 14)
    await nurse.hears("staff/condition-not-breathing", 20)

    assert causes(story) == [Cause.OTHER_IN_CELL]


# ---- E4: a child, or an adult who cannot protect themself


async def test_of_a_person_at_risk_the_samaritans_leader_decides_and_then_safeguarding_is_told(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    leader, safeguarding, nurse = await story.staff(Post.SCHEME_LEADER, Post.SAFEGUARDING, Post.HEALTHCARE)
    await names(kestrel, "4")
    await caller.hears("caller/a-samaritan-is-asked")
    await kestrel.is_whispered("key/samaritan-asked")
    await leader.is_rung()
    await leader.answers()
    await leader.hears("staff/you-decide", 14)
    await leader.hears("staff/person-at-risk", 14)
    assert [one.cell_id for one in escalations(story)] == [None]
    await leader.presses("1")
    await leader.hears("staff/they-are-told")
    told = await caller.hears("caller/staff-are-told-at-risk")
    await kestrel.is_whispered("key/samaritan-decided")
    await safeguarding.is_rung()
    await safeguarding.answers()
    where = await safeguarding.hears(wing_of(caller), 20)

    assert told < where
    assert not nurse.rings_since(0)
    assert escalations(story)[0].cell_id is not None


async def test_a_leader_who_decides_that_staff_are_not_told_leaves_nothing_of_where_they_are(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    leader, safeguarding = await story.staff(Post.SCHEME_LEADER, Post.SAFEGUARDING)
    await names(kestrel, "4")
    await leader.is_rung()
    await leader.answers()
    await leader.hears("staff/you-decide", 14)
    await leader.presses("3")
    await leader.hears("staff/they-are-not-told")
    await caller.hears("caller/staff-are-not-told")
    await kestrel.is_whispered("key/nobody-is-told")
    await safeguarding.is_not_rung(2)

    (one,) = escalations(story)
    assert (one.outcome, one.cell_id) == (Outcome.NOT_TOLD, None)


async def test_when_no_leader_can_be_reached_the_listener_hears_so_and_nobody_is_told(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    (safeguarding,) = await story.staff(Post.SAFEGUARDING)
    await names(kestrel, "4")
    await kestrel.is_whispered("key/nobody-reached")
    await caller.hears("caller/staff-are-not-told")
    await safeguarding.is_not_rung(2)


async def test_where_callers_are_children_safeguarding_is_told_at_once(story: Story, under: Under) -> None:
    await under(
        ('decided_by = { post = "scheme_leader", seconds = 40, undecided = "keep" }', ""),
        ("exception_rule = []", "exception_rule = []\ncallers_are_children = true"),
        ("notice/told-life", "notice/told-child"),
    )
    caller, kestrel = await in_conversation(story, "notice/told-child")
    safeguarding, leader = await story.staff(Post.SAFEGUARDING, Post.SCHEME_LEADER)
    await names(kestrel, "4")
    told = await caller.hears("caller/staff-are-told-at-risk")
    await safeguarding.is_rung()
    await safeguarding.answers()
    where = await safeguarding.hears(wing_of(caller), 20)

    assert told < where
    assert not leader.rings_since(0)


# ---- E7: an attack on the Listener


async def test_an_attack_ends_the_call_and_the_listener_will_be_rung_and_nobody_of_the_prison_is(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    staff = await story.staff(Post.HEALTHCARE, Post.ORDERLY_OFFICER, Post.CONTROL_ROOM, Post.DUTY_OFFICE)
    await kestrel.presses("*5")
    await kestrel.is_whispered("key/misuse")
    await kestrel.presses("1")
    await caller.hears("talk/ended-by-listener")
    await caller.is_cut_off(12)
    await kestrel.hears("after/will-be-rung")

    assert causes(story) == []
    assert not any(one.rings_since(0) for one in staff)
    with story.world.database.transaction() as session:
        wanting = session.scalars(select(tables.Listener.code_name).where(tables.Listener.wants_debrief)).all()
    assert wanting == ["Kestrel"]


# ---- E8: serious harm to somebody who can be named


async def test_a_threat_to_another_is_told_only_where_it_is_on_and_then_the_notice_says_so(
    story: Story, under: Under
) -> None:
    await under(("notice/told-life", "notice/threat-to-another"), threat_to_another="on")
    caller, kestrel = await in_conversation(story, "notice/threat-to-another")
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await names(kestrel, "5")
    told = await caller.hears("caller/staff-are-told-threat")
    await nurse.is_rung()
    await nurse.answers()
    said = await nurse.hears("staff/threat-to-another", 14)

    assert told < said


async def test_where_it_is_off_the_listener_is_not_offered_it_and_nothing_is_told(story: Story) -> None:
    _, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await names(kestrel, "5")
    await kestrel.is_whispered("key/kept-by-rules")
    await nurse.is_not_rung(2)

    assert causes(story) == []


# ---- the Listener is cut off


async def test_a_listener_cut_off_while_naming_a_danger_brings_staff_and_the_caller_is_told_first(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await kestrel.presses("*3")
    await kestrel.is_whispered("key/danger")
    await kestrel.hangs_up()
    told = await caller.hears("caller/staff-are-told-line-lost")
    await nurse.is_rung()
    await nurse.answers()
    said = await nurse.hears("staff/line-lost", 14)

    assert told < said
    assert causes(story) == [Cause.LINE_LOST]
