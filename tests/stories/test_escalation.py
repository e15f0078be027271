"""From the Listener's key to somebody who has spoken to the person."""

import asyncio
import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest
from sqlalchemy import select

from models import tables
from models.words import Post, TellingEnd
from stories.conftest import Story
from stories.people import Caller, Listener

# The quick profile's 10 s for a step, and a little.
NEXT_STEP = 14.0
# A caller who agreed hears what will be told, and has 5 s to say no.
TO_SAY_NO = 16.0

pytestmark = pytest.mark.anyio


async def in_conversation(story: Story, listener: str = "Kestrel") -> tuple[Caller, Listener]:
    caller = await story.caller()
    (kestrel,) = await story.listeners(listener)
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    return caller, kestrel


async def says_danger(listener: Listener) -> None:
    await listener.presses("*3")
    await listener.is_whispered("key/danger")
    await listener.presses("1")


def escalations(story: Story) -> list[tables.Escalation]:
    with story.world.database.transaction() as session:
        return list(session.scalars(select(tables.Escalation)))


def tellings(story: Story) -> list[tuple[str, int, str | None]]:
    with story.world.database.transaction() as session:
        rows = session.scalars(select(tables.Telling).order_by(tables.Telling.rang_at))
        return [(row.post, row.step, row.end) for row in rows]


async def test_the_nurse_hears_where_and_what_was_agreed_and_acknowledges(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await kestrel.presses("*2")
    await kestrel.is_whispered("key/agreed")
    await kestrel.presses("1")
    told = await caller.hears("caller/staff-are-told-you-agreed")
    await nurse.is_rung(TO_SAY_NO)
    await nurse.answers()
    letter = caller.phone.name[0]
    wing = await nurse.hears(f"{ {'A': 'Alpha', 'B': 'Bravo', 'C': 'Charlie'}[letter] } wing", 30)
    await nurse.hears("staff/caller-agreed", 20)
    await nurse.presses("1")
    await nurse.hears("staff/you-are-going")
    await kestrel.is_whispered("key/staff-acknowledged")

    assert told < wing
    (one,) = escalations(story)
    assert one.acknowledged_at is not None
    assert one.closed_at is None


@pytest.mark.parametrize("step", [0, 2])
async def test_whoever_acknowledges_first_at_whichever_step_stops_the_others(story: Story, step: int) -> None:
    _, kestrel = await in_conversation(story)
    posts = [Post.HEALTHCARE, Post.ORDERLY_OFFICER, Post.DUTY_OFFICE]
    staff = await story.staff(*posts)
    await says_danger(kestrel)
    for earlier in staff[:step]:
        await earlier.is_rung(NEXT_STEP)
    await staff[step].acknowledges(NEXT_STEP)
    for earlier in staff[:step]:
        await earlier.is_cut_off()
    for later in staff[step + 1 :]:
        await later.is_not_rung(0.5)

    (one,) = escalations(story)
    assert one.acknowledged_at is not None


async def test_who_is_still_listening_when_somebody_else_goes_hears_it(story: Story) -> None:
    _, kestrel = await in_conversation(story)
    nurse, orderly = await story.staff(Post.HEALTHCARE, Post.ORDERLY_OFFICER)
    await says_danger(kestrel)
    await nurse.is_rung()
    await orderly.is_rung(NEXT_STEP)
    await orderly.answers()
    await orderly.hears("staff/life-in-danger", 20)
    await nurse.answers()
    await nurse.hears("staff/life-in-danger", 20)
    await nurse.presses("1")
    await nurse.hears("staff/you-are-going")
    await orderly.hears("staff/somebody-is-going")
    await orderly.is_cut_off()


async def test_a_step_with_nobody_reachable_is_skipped_at_once(story: Story) -> None:
    _, kestrel = await in_conversation(story)
    (duty,) = await story.staff(Post.DUTY_OFFICE)
    await says_danger(kestrel)
    await duty.is_rung(2)

    assert [(post, end) for post, _, end in tellings(story)][:2] == [
        (Post.HEALTHCARE, TellingEnd.UNREACHABLE),
        (Post.ORDERLY_OFFICER, TellingEnd.UNREACHABLE),
    ]


async def test_who_cannot_go_brings_the_next(story: Story) -> None:
    _, kestrel = await in_conversation(story)
    nurse, orderly = await story.staff(Post.HEALTHCARE, Post.ORDERLY_OFFICER)
    await says_danger(kestrel)
    await nurse.is_rung()
    await nurse.answers()
    await asyncio.sleep(1)
    await nurse.hears("staff/life-in-danger", 20)
    await nurse.presses("3")
    await nurse.hears("staff/next-is-rung")
    await orderly.is_rung(4)


async def test_acknowledged_but_not_spoken_to_the_person_comes_back(story: Story) -> None:
    story.expected_trouble.append("escalation.warning")
    _, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await says_danger(kestrel)
    await nurse.acknowledges()
    await nurse.is_cut_off(12)
    await nurse.is_rung(NEXT_STEP)
    await nurse.answers()
    await nurse.hears("staff/not-spoken-to-yet", 12)


async def test_only_spoken_to_the_person_yes_closes_it(story: Story) -> None:
    story.expected_trouble.append("escalation.warning")
    _, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await kestrel.presses("*2")
    await kestrel.is_whispered("key/agreed")
    await kestrel.presses("1")
    await nurse.acknowledges(TO_SAY_NO)
    (one,) = escalations(story)
    console = await asyncio.to_thread(Console, story)
    await asyncio.to_thread(console.close, one.id, "no")
    assert escalations(story)[0].closed_at is None
    await asyncio.to_thread(console.close, one.id, "yes")

    assert escalations(story)[0].closed_at is not None
    nurse.rings_expected.extend(nurse.rings_since(1))


class Console:
    """A member of staff at the screen."""

    def __init__(self, story: Story) -> None:
        self._url = story.world.console_url
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self._post("sign-in", name="staff", password=story.world.password)

    def close(self, escalation: str, spoken: str) -> None:
        self._post(f"escalations/{escalation}/close", spoken=spoken, outcome="safe_now" if spoken == "yes" else "")

    def _post(self, path: str, **fields: str) -> None:
        page = self._open(self._url).read().decode()
        token = re.search(r'name="token" value="([^"]+)"', page)
        assert token, "the page has no form of ours"
        fields["token"] = token[1]
        self._open(self._url + path, urllib.parse.urlencode(fields).encode())
