"""Where a caller can be, and how a story brings one there: a moment for each state of the call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from models.words import Post
from stories.conftest import NOBODY_THERE, Story
from stories.people import Caller, Person, they_hear_each_other


@dataclass(frozen=True, slots=True)
class Moment:
    """A caller in one state of the call, and whose phone rings for them or who is with them, if anybody."""

    caller: Caller
    other: Person | None = None


Reach = Callable[[Story], Awaitable[Moment]]


async def languages(story: Story) -> Moment:
    caller = await story.caller()
    await caller.dials("100")
    await caller.hears("line/name")
    return Moment(caller)


async def notice(story: Story) -> Moment:
    caller = await story.caller()
    await caller.dials("100")
    await caller.presses("1")
    await caller.hears("notice/ask")
    return Moment(caller)


async def through_the_notice(story: Story) -> Caller:
    caller = await story.caller()
    await caller.dials("100")
    await caller.is_through_the_notice()
    return caller


async def listener_rings(story: Story) -> Moment:
    (kestrel,) = await story.listeners("Kestrel")
    caller = await through_the_notice(story)
    await kestrel.is_rung()
    return Moment(caller, kestrel)


async def listener_hears_the_brief(story: Story) -> Moment:
    (kestrel,) = await story.listeners("Kestrel")
    caller = await through_the_notice(story)
    await kestrel.is_rung()
    await kestrel.answers()
    await kestrel.hears("Listener call.")
    return Moment(caller, kestrel)


async def with_a_listener(story: Story) -> Moment:
    (kestrel,) = await story.listeners("Kestrel")
    caller = await through_the_notice(story)
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    return Moment(caller, kestrel)


async def asked_what_next(story: Story) -> Moment:
    with_kestrel = await with_a_listener(story)
    assert with_kestrel.other
    await with_kestrel.other.hangs_up()
    await with_kestrel.caller.hears("talk/listener-gone")
    return Moment(with_kestrel.caller)


async def helpline_rings(story: Story) -> Moment:
    helpline = await story.outside_helpline()
    caller = await through_the_notice(story)
    await helpline.is_rung(14)
    return Moment(caller, helpline)


async def with_the_helpline(story: Story) -> Moment:
    return await _answered(await helpline_rings(story))


async def duty_office_rings(story: Story) -> Moment:
    story.expected_trouble += NOBODY_THERE
    (duty,) = await story.staff(Post.DUTY_OFFICE)
    caller = await through_the_notice(story)
    await duty.is_rung(25)
    return Moment(caller, duty)


async def with_the_duty_office(story: Story) -> Moment:
    return await _answered(await duty_office_rings(story))


async def asked_about_a_visit(story: Story) -> Moment:
    story.expected_trouble += NOBODY_THERE
    caller = await through_the_notice(story)
    await caller.hears("wait/visit", 40)
    return Moment(caller)


async def grounding(story: Story) -> Moment:
    story.expected_trouble += NOBODY_THERE
    caller = await through_the_notice(story)
    await caller.hears("grounding", 60)
    return Moment(caller)


async def _answered(moment: Moment) -> Moment:
    assert moment.other
    await moment.other.answers()
    await they_hear_each_other(moment.caller, moment.other)
    return moment
