"""The site's monitoring says that something is wrong with the line: staff are rung, and a life comes before it."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from sqlalchemy import select

from console.api_alarms import WHERE
from console.api_tokens import Scope, make_token
from models import tables
from models.clock import new_id, now
from models.words import Cause, Post, TellingEnd
from rota.site_rota import By
from stories.conftest import Story
from stories.test_escalation import Console, in_conversation, says_danger

pytestmark = pytest.mark.anyio

# The line looks every two seconds for what is to be told.
TOLD_WITHIN = 8.0

Tell = Callable[[str], Awaitable[dict[str, object]]]


@pytest.fixture
def monitoring(story: Story) -> Tell:
    """Alertmanager, which says of one alarm that it fires or is resolved."""
    site, began_at = story.world.site.id, now()
    secret = story.world.database.do(
        lambda session: make_token(session, site, new_id("token"), Scope.ALARMS, By("root", now()))
    )

    async def tell(status: str) -> dict[str, object]:
        alert = {
            "status": status,
            "labels": {"alertname": "StaffPhoneAway", "severity": "page"},
            "startsAt": began_at.isoformat(),
            "fingerprint": "7ef77533a43abb34",
        }
        async with httpx.AsyncClient(base_url=story.world.console_url, timeout=20) as client:
            body, bearer = {"version": "4", "alerts": [alert]}, {"Authorization": f"Bearer {secret}"}
            taken = await client.post(WHERE, json=body, headers=bearer)
        assert taken.status_code == 200, taken.text
        said: dict[str, object] = taken.json()
        return said

    return tell


def faults(story: Story) -> list[tables.Escalation]:
    with story.world.database.transaction() as session:
        asked = select(tables.Escalation).where(tables.Escalation.cause == Cause.LINE_BROKEN)
        return list(session.scalars(asked))


async def test_an_alarm_rings_staff_who_hear_what_is_wrong_and_it_is_closed_like_any_other(
    story: Story, monitoring: Tell
) -> None:
    (duty,) = await story.staff(Post.DUTY_OFFICE)
    assert (await monitoring("firing"))["began"] == 1
    await duty.is_rung(TOLD_WITHIN)
    await duty.answers()
    await duty.hears("staff/listener-line", 12)
    heard = await duty.hears("staff/alarm-staff-phone", 12)
    assert (await monitoring("firing"))["known"] == 1
    await duty.presses("1")
    await duty.hears("staff/you-are-going", 12, after=heard)

    await monitoring("resolved")
    (fault,) = faults(story)
    assert (fault.acknowledged_by, fault.closed_at, fault.cell_id) == (Post.DUTY_OFFICE, None, None)
    console = await asyncio.to_thread(Console, story)
    await asyncio.to_thread(console.close, fault.id, "yes")
    assert faults(story)[0].closed_at is not None
    await duty.is_not_rung(3)


async def test_what_is_over_before_anybody_answers_rings_no_more(story: Story, monitoring: Tell) -> None:
    (duty,) = await story.staff(Post.DUTY_OFFICE)
    await monitoring("firing")
    await duty.is_rung(TOLD_WITHIN)
    await monitoring("resolved")
    await asyncio.sleep(TOLD_WITHIN)

    assert not duty.phone.ringing
    (fault,) = faults(story)
    assert (fault.acknowledged_at, fault.closed_at) == (None, None)


async def test_a_life_takes_the_phone_on_which_somebody_is_told_of_the_line(story: Story, monitoring: Tell) -> None:
    _, kestrel = await in_conversation(story)
    # Nobody else's phone is plugged in: the first two steps of the life reach nobody, and it is theirs at once.
    (duty,) = await story.staff(Post.DUTY_OFFICE)
    await monitoring("firing")
    await duty.is_rung(TOLD_WITHIN)
    await duty.answers()
    heard = await duty.hears("staff/alarm-staff-phone", 12)
    await says_danger(kestrel)
    # At once after the end of the other call, so that nobody could look at that in between.
    await duty.is_rung(20)
    await duty.answers()
    heard = await duty.hears("staff/life-in-danger", 20, after=heard)
    await duty.presses("1")
    await duty.hears("staff/you-are-going", 12, after=heard)

    told = (
        select(tables.Escalation.cause, tables.Telling.end)
        .join(tables.Telling)
        .where(tables.Telling.post == Post.DUTY_OFFICE)
        .order_by(tables.Telling.rang_at)
    )
    ends = story.world.database.do(lambda session: [tuple(row) for row in session.execute(told)])
    assert ends == [(Cause.LINE_BROKEN, TellingEnd.NOT_NEEDED), (Cause.DANGER_NOW, TellingEnd.ACKNOWLEDGED)]
