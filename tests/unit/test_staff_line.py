"""The staff's own line: what is open for whom, what each key does, and that every key is answered in words."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import NOON, a_call, a_cell, a_phone
from sqlalchemy import update

from escalation.case import Case
from escalation.store import Raise
from ivr import staff_menu
from ivr.ports import Ports
from ivr.prompts import languages
from ivr.spoken_time import spoken_since
from ivr.staff_acts import StaffActs
from ivr.staff_line import BYE, speak_with
from models import tables
from models.clock import now
from models.dangers import Danger
from models.words import CallId, Cause, EscalationId, Outcome, PhoneId, Post
from tests.fakes.line import FakeLine, FakeVoice, a_database, a_profile
from tests.fakes.staff import SilentPhones, a_phone_at_each_post, an_engine, phone_of

pytestmark = pytest.mark.anyio
LONDON = ZoneInfo("Europe/London")
NAME = "staff-line/name"
MENU = "staff-line/menu"
HEALTHCARE, CONTROL, ORDERLY = Post.HEALTHCARE, Post.CONTROL_ROOM, Post.ORDERLY_OFFICER


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class StaffOnTheLine:
    """A line with a phone at each post, and a real engine whose phones are silent."""

    ports: Ports
    phones: SilentPhones
    told_to_the_call: list[EscalationId]

    async def raised(self, cause: Cause = Cause.DANGER_NOW, call: str = "one", danger: Danger | None = None) -> str:
        """Each call comes from a cell of its own."""
        with self.ports.database.transaction() as session:
            session.add(a_call(call))
        raising = Raise(
            site=self.ports.site,
            cause=cause,
            profile=a_profile(),
            call=CallId(f"call-{call}"),
            danger=danger,
            phone=PhoneId(f"phone-{call}"),
        )
        return await self.ports.engine.raise_escalation(raising, now())

    async def dials(self, post: Post, *keys: str) -> FakeVoice:
        """Every question takes the next key, and "" is silence; where the dialplan goes on is its last word."""
        voice = FakeVoice(*keys)
        acts = StaffActs(self.ports, self.told_to_the_call.append)
        voice.prompts.append(await speak_with(voice, self.ports, acts, phone_of(post)))  # type: ignore[arg-type]  # a person
        return voice

    def row(self, escalation: str) -> tables.Escalation:
        return self.ports.database.do(lambda session: session.get_one(tables.Escalation, escalation))


@pytest.fixture
async def staff(tmp_path: Path) -> AsyncIterator[StaffOnTheLine]:
    line = FakeLine(a_database(tmp_path))
    line.database.do(a_phone_at_each_post)
    with line.database.transaction() as session:
        session.add(a_cell(2))
        session.flush()
        session.add_all(a_phone(id=f"phone-{call}", cell_id=f"cell-A{n}") for n, call in ((1, "one"), (2, "two")))
    phones = SilentPhones()
    yield StaffOnTheLine(replace(line.ports, engine=an_engine(line.database, phones)), phones, [])
    await line.stop()


def answers(voice: FakeVoice) -> list[str]:
    """What was said to keys: all of their own folder but what describes an escalation."""
    described = {"name", "is-open", "are-open", "since", "nobody-goes", "going", "somebody-at-the-door", "menu"}
    said = [prompt.removeprefix("staff-line/") for prompt in voice.prompts if prompt.startswith("staff-line/")]
    return [prompt for prompt in said if prompt not in described and not prompt.startswith("post-")]


# ---- what they hear


async def test_when_nothing_is_open_it_says_so_and_goodbye(staff: StaffOnTheLine) -> None:
    heard = await staff.dials(HEALTHCARE)

    assert heard.prompts == [NAME, "staff-line/nothing-open", "own/goodbye", BYE]


async def test_what_is_open_is_said_short_with_place_time_and_who_goes(staff: StaffOnTheLine) -> None:
    await staff.raised(danger=Danger.OVERDOSE)

    heard = (await staff.dials(HEALTHCARE)).prompts

    since = heard.index("staff-line/since")
    assert heard[:since] == [
        *(NAME, "digits/1", "staff-line/is-open", "staff/life-in-danger", "staff/danger-overdose"),
        *("letters/alpha", "staff/wing", "staff/landing", "digits/1", "staff/cell", "digits/0", "digits/0", "digits/1"),
    ]
    assert heard[since : heard.index(MENU) + 1][-2:] == ["staff-line/nobody-goes", MENU]


async def test_the_oldest_is_first_9_is_the_next_and_after_the_last_it_begins_again(staff: StaffOnTheLine) -> None:
    older = await staff.raised()
    await staff.raised(Cause.CALLER_ASKED, "two")
    earlier = update(tables.Escalation).where(tables.Escalation.id == older)
    staff.ports.database.do(lambda db: db.execute(earlier.values(raised_at=now() - timedelta(hours=30))))

    heard = (await staff.dials(CONTROL, "9", "9")).prompts

    kinds = [prompt for prompt in heard if prompt in {"staff/life-in-danger", "staff/asked-for-staff"}]
    assert heard[1:3] == ["digits/2", "staff-line/are-open"]
    assert kinds[:3] == ["staff/life-in-danger", "staff/asked-for-staff", "staff/life-in-danger"]
    assert "staff-line/from-the-first" in heard


async def test_9_with_only_one_open_says_so(staff: StaffOnTheLine) -> None:
    await staff.raised()

    assert answers(await staff.dials(HEALTHCARE, "9")) == ["no-other"]


async def test_nobody_hears_by_dialling_what_no_step_would_tell_them(staff: StaffOnTheLine) -> None:
    await staff.raised(Cause.DANGER_NOW)
    await staff.raised(Cause.LINE_BROKEN, "two")

    technician = (await staff.dials(Post.TECHNICIAN)).prompts
    nurse = (await staff.dials(HEALTHCARE)).prompts
    safeguarding = (await staff.dials(Post.SAFEGUARDING)).prompts

    assert "staff/line-broken" in technician
    assert "staff/life-in-danger" not in technician
    assert "staff/life-in-danger" in nurse
    assert "staff/line-broken" not in nurse
    assert "staff-line/nothing-open" in safeguarding


async def test_before_it_is_decided_nobody_hears_of_it_not_even_who_decides(staff: StaffOnTheLine) -> None:
    await staff.raised(Cause.PERSON_AT_RISK)

    for post in Post:
        assert "staff-line/nothing-open" in (await staff.dials(post)).prompts


async def test_a_phone_of_no_post_is_told_so(staff: StaffOnTheLine) -> None:
    voice = FakeVoice()
    acts = StaffActs(staff.ports, staff.told_to_the_call.append)

    assert await speak_with(voice, staff.ports, acts, PhoneId("phone-caller")) == BYE  # type: ignore[arg-type]
    assert voice.prompts == ["staff-line/no-post"]


async def test_silence_says_it_once_more_and_then_goodbye_and_changes_nothing(staff: StaffOnTheLine) -> None:
    escalation = await staff.raised()

    heard = await staff.dials(HEALTHCARE)

    assert heard.prompts.count(MENU) == 2
    assert heard.prompts[-2:] == ["own/goodbye", BYE]
    assert staff.row(escalation).acknowledged_at is None


@pytest.mark.parametrize(("key", "said"), [("0", []), ("*", []), ("7", ["own/no-such-key"])])
async def test_0_and_the_star_say_it_again_and_a_key_without_a_meaning_is_said_so(
    staff: StaffOnTheLine, key: str, said: list[str]
) -> None:
    await staff.raised()

    heard = (await staff.dials(HEALTHCARE, key)).prompts

    again = heard[heard.index(MENU) + 1 :]
    assert again[: len(said) + 1] == [*said, "staff/life-in-danger"]


# ---- what they do


async def test_1_acknowledges_for_the_post_of_the_phone_and_says_that_others_are_wanted(staff: StaffOnTheLine) -> None:
    escalation = await staff.raised()

    heard = await staff.dials(HEALTHCARE, "1")

    row = staff.row(escalation)
    assert (row.acknowledged_by, row.acknowledged_posts) == (HEALTHCARE, [HEALTHCARE])
    answer = heard.prompts.index("staff-line/you-go")
    assert heard.prompts[answer + 1] == "staff/others-wanted"
    assert staff.told_to_the_call == [escalation]


async def test_the_call_hears_of_the_first_who_goes_and_not_of_the_second(staff: StaffOnTheLine) -> None:
    escalation = await staff.raised()

    await staff.dials(HEALTHCARE, "1")
    last = await staff.dials(ORDERLY, "1")

    assert staff.told_to_the_call == [escalation]
    assert staff.row(escalation).acknowledged_posts == [HEALTHCARE, ORDERLY]
    assert "staff/others-wanted" not in last.prompts[last.prompts.index("staff-line/you-go") :]


async def test_who_says_nothing_but_that_they_are_at_the_door_is_going_too(staff: StaffOnTheLine) -> None:
    escalation = await staff.raised(Cause.CALLER_ASKED)

    heard = await staff.dials(CONTROL, "2")

    row = staff.row(escalation)
    assert answers(heard) == ["you-are-at-the-door"]
    assert (row.acknowledged_by, row.at_door_by) == (CONTROL, CONTROL)
    assert staff.told_to_the_call == [escalation]


async def test_going_at_the_door_spoken_and_closed_is_a_life_in_five_keys(staff: StaffOnTheLine) -> None:
    escalation = await staff.raised(Cause.CALLER_ASKED)

    heard = await staff.dials(CONTROL, "1", "2", "3", "5", "2")

    row = staff.row(escalation)
    assert answers(heard)[:3] == ["you-go", "you-are-at-the-door", "you-have-spoken"]
    assert answers(heard)[-2:] == ["closed", "nothing-open"]
    assert "staff-line/closing-means-spoken" not in heard.prompts
    assert (row.closed_by, row.spoken_by, row.outcome) == (CONTROL, CONTROL, Outcome.HEALTHCARE_ATTENDED)


async def test_what_has_been_done_already_is_said_so(staff: StaffOnTheLine) -> None:
    await staff.raised(Cause.CALLER_ASKED)

    assert answers(await staff.dials(CONTROL, "4", "1", "1")) == ["nothing-changed", "you-go", "nothing-changed"]


async def test_4_hands_over_and_it_begins_again(staff: StaffOnTheLine) -> None:
    escalation = await staff.raised(Cause.CALLER_ASKED)
    await staff.dials(CONTROL, "1")
    staff.phones.rung.clear()

    heard = await staff.dials(CONTROL, "4")

    assert answers(heard) == ["handed-over"]
    assert staff.row(escalation).acknowledged_at is None
    assert phone_of(HEALTHCARE) in staff.phones.rung


async def test_6_could_not_speak_to_them_climbs_again(staff: StaffOnTheLine) -> None:
    escalation = await staff.raised(Cause.CALLER_ASKED)
    await staff.dials(CONTROL, "1", "2")
    staff.phones.rung.clear()

    heard = await staff.dials(CONTROL, "6")

    row = staff.row(escalation)
    assert answers(heard) == ["not-spoken"]
    assert (row.acknowledged_at, row.at_door_at, row.closed_at) == (None, None, None)
    assert phone_of(ORDERLY) in staff.phones.rung


@pytest.mark.parametrize(("key", "outcome"), staff_menu.PICK_LIST.items())
async def test_5_closes_with_one_more_key(staff: StaffOnTheLine, key: str, outcome: Outcome) -> None:
    escalation = await staff.raised(Cause.CALLER_ASKED)

    heard = await staff.dials(CONTROL, "5", key)

    row = staff.row(escalation)
    assert "staff-line/closing-means-spoken" in heard.prompts
    assert (row.outcome, row.spoken_by, row.closed_by) == (outcome, CONTROL, CONTROL)


@pytest.mark.parametrize("key", ["*", "6", ""])
async def test_the_star_another_key_and_silence_close_nothing(staff: StaffOnTheLine, key: str) -> None:
    escalation = await staff.raised(Cause.CALLER_ASKED)

    heard = await staff.dials(CONTROL, "5", key)

    assert answers(heard)[-1] == "not-closed"
    assert heard.prompts[-2:] == ["own/goodbye", BYE]
    assert staff.row(escalation).closed_at is None


async def test_after_one_is_closed_the_next_one_is_said(staff: StaffOnTheLine) -> None:
    await staff.raised(Cause.CALLER_ASKED)
    await staff.raised(Cause.DANGER_NOW, "two")

    heard = (await staff.dials(CONTROL, "5", "1")).prompts

    closed = heard.index("staff-line/closed")
    assert heard[closed + 1] == "staff/life-in-danger"
    assert "staff/asked-for-staff" not in heard[closed:]


# ---- the words


def test_the_pick_list_is_the_one_of_staff_and_leaves_out_what_staff_cannot_say() -> None:
    assert list(staff_menu.PICK_LIST) == ["1", "2", "3", "4", "5"]
    assert Outcome.NOT_TOLD not in staff_menu.PICK_LIST.values()


def test_everything_that_staff_can_hear_has_words() -> None:
    english = languages()[0].prompts
    protocol = a_profile().protocol_for(Cause.DANGER_NOW)
    cases = [
        Case(protocol),
        Case(protocol, acknowledged_at=NOON, acknowledged_by="nurse"),
        Case(protocol, acknowledged_at=NOON, acknowledged_by="healthcare", posts=tuple(Post), at_door_at=NOON),
        Case(protocol, acknowledged_at=NOON, spoken_at=NOON),
    ]

    said = {prompt for case in cases for prompt in (*staff_menu.how_far(case), *staff_menu.pick_list(case))}
    assert said <= set(english)


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (datetime(2026, 3, 10, 11, 0, tzinfo=UTC), ("numbers/11", "numbers/hundred")),
        (datetime(2026, 3, 10, 0, 5, tzinfo=UTC), ("digits/0", "digits/0", "digits/0", "digits/5")),
        (datetime(2026, 3, 9, 22, 30, tzinfo=UTC), ("time/yesterday", "numbers/20", "digits/2", "numbers/30")),
        (datetime(2026, 3, 7, 9, 15, tzinfo=UTC), ("time/saturday", "digits/0", "digits/9", "numbers/15")),
    ],
)
def test_since_when_is_said_on_the_24_hour_clock(raised: datetime, said: tuple[str, ...]) -> None:
    assert spoken_since(raised, now=NOON, zone=LONDON) == said


def test_the_hour_that_comes_twice_says_when_it_is_the_second() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    assert spoken_since(second, now=second + timedelta(minutes=1), zone=LONDON) == (
        *("digits/0", "digits/1", "numbers/30", "time/after-the-clocks-go-back"),
    )
