"""Who is just being told of the line itself hears when it is over by itself, and may say all the same that they go."""

import pytest
from test_staff_dialog import Meanwhile, Rung, anyio_backend, line, raising, rung

from escalation.alarms import tell
from models import tables
from models.alarms import Alarm
from models.clock import now
from models.words import Cause, Post
from tests.fakes.line import FakeLine

__all__ = ["anyio_backend", "line"]
pytestmark = pytest.mark.anyio


async def an_alarm(line: FakeLine) -> Rung:
    one = await rung(line, Cause.LINE_BROKEN)
    told = tables.HeardAlarm(
        id="alarm-1", site_id=one.ports.site, name=Alarm.NOBODY_ON_DUTY, fingerprint="0" * 16, since=now(),
        escalation_id=one.escalation,
    )  # fmt: skip
    line.database.do(lambda session: session.add(told))
    return one


async def is_over(one: Rung) -> None:
    with one.ports.database.transaction() as session:
        session.get_one(tables.HeardAlarm, "alarm-1").ended_at = now()
    broken = raising(one.ports, Cause.LINE_BROKEN)
    await one.ports.engine.act(lambda turn: tell(turn, broken), now())


@pytest.mark.parametrize(("key", "last"), [("", "staff/alarm-over"), ("1", "staff/you-are-going")])
async def test_who_listens_when_it_is_over_hears_so_and_whose_key_came_as_it_ended_goes(
    line: FakeLine, key: str, last: str
) -> None:
    one = await an_alarm(line)
    heard = await one.hears_by(Meanwhile(key, happens=lambda: is_over(one)), one.phones.telling_at(Post.TECHNICIAN))

    assert heard.prompts[1] == "staff/listener-line"
    assert "staff/alarm-nobody-on-duty" in heard.prompts
    assert heard.prompts[-1] == last
    assert (one.row().acknowledged_at is not None) is bool(key)
