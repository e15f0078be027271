"""The scheme's partner turns the listening off in the middle of a conversation, and on again."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from ivr.listening_switch import From, Hand, WhyOff, WhyOn, off_at, turn_off, turn_on
from models.clock import now
from stories.conftest import Story
from stories.losses import are_heard
from stories.people import Caller, Listener

pytestmark = pytest.mark.anyio

DANGER = "I am going to kill myself"


def turn(story: Story, *, off: bool) -> None:
    """As the page does it: a row, which the line finds."""
    site, hand = story.world.site.id, Hand("scheme_partner", now())

    def act(session: Session) -> None:
        if off:
            turn_off(session, site, From.SCHEME, WhyOff.COMPLAINT, hand)
        else:
            turn_on(session, site, WhyOn.PUT_RIGHT, hand)

    story.world.database.do(act)


async def is_prompted(listener: Listener, caller: Caller) -> None:
    """The caller says it again until the machine, on a busy computer, has heard it."""
    prompt = asyncio.create_task(listener.hears("flag/suicide_intent", 30, after=time.monotonic()))
    while not prompt.done():
        await caller.says(DANGER)
    await prompt


@pytest.fixture
def on_again(story: Story) -> Iterator[None]:
    """Whatever happens in between: the other stories of this prison are heard."""
    yield
    if story.world.database.do(lambda session: off_at(session, story.world.site.id)):
        turn(story, off=False)


@pytest.mark.usefixtures("on_again")
async def test_turned_off_nobody_is_heard_any_more_and_on_again_only_who_had_agreed(story: Story) -> None:
    caller, other = await story.caller(), await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice(listening=True)
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await are_heard(story, 1)

    turn(story, off=True)
    assert await are_heard(story, 0) < 5
    await kestrel.is_whispered("key/not-listening")
    await caller.says(DANGER)
    await kestrel.does_not_hear("flag/suicide_intent", 3)

    # Who calls now is told of no machine, and is asked nothing.
    (linnet,) = await story.listeners("Linnet")
    await other.dials("100")
    await other.hears("language/own-name")
    await other.presses("1")
    await other.hears("notice/off")
    await other.presses("1")
    await linnet.takes_the_call(20)
    await other.hears("A Listener is with you now.")

    turn(story, off=False)
    await are_heard(story, 1)
    await other.says(DANGER)
    await linnet.does_not_hear("flag/suicide_intent", 3)
    await is_prompted(kestrel, caller)
    await are_heard(story, 1)
