"""A Listener does by phone what they have to do with the rota: signs on, swaps, covers; and waits on the line."""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import tables
from models.clock import now
from models.words import Cover, CoverEnd
from stories.conftest import QUICK, Story
from stories.people import Listener
from wingline.demo.prison import ZONE, site_toml
from wingline.demo.world import World

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
PIN = "1379#"
# Has the one seat of the pattern, so that nobody is rung for it before a story empties it.
HAS_THE_SEAT = "Teal"


def on_the_hour(at: datetime) -> datetime:
    """The next hour, which is said in fewer words than any minute."""
    return (at + HOUR - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)


SEAT_BEGINS = on_the_hour(now() + 2 * HOUR)


def a_site_with_a_rota(at: datetime) -> str:
    """The demonstration's, with one shift of one seat a day, which begins in two hours or a little more."""
    starts = SEAT_BEGINS.astimezone(ZoneInfo(ZONE))
    return f"""{site_toml(at, profile=str(QUICK))}
[[patterns]]
name = "soon"
starts = {starts:%H:%M:00}
ends = {starts + HOUR:%H:%M:00}
first = 1
backup = 0
experienced = 0

[rota]
nights_in_a_row = 30
weekly_minutes = 9000
new_days = 0
rest_hours = 0
swaps_approved_by = "rule"
"""


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A prison of its own, for only here a scheme keeps the rota."""
    one = World(a_site_with_a_rota(now()))
    with (tmp_path_factory.getbasetemp().parent / "building").open("w") as door:
        await asyncio.to_thread(fcntl.flock, door, fcntl.LOCK_EX)
        await one.prepare()
        one.database.do(everybody_has_signed_on)
        await one.start()
    yield one
    await one.stop()
    one.clear_away()


@pytest.fixture(autouse=True)
def rota(world: World) -> Iterator[None]:
    yield
    world.database.do(as_at_the_beginning)


def everybody_has_signed_on(session: Session) -> None:
    session.execute(update(tables.Shift).values(checked_in_at=now()))
    day = SEAT_BEGINS.astimezone(ZoneInfo(ZONE)).date()
    seat = a_shift(HAS_THE_SEAT, SEAT_BEGINS, slot=f"soon {day.isoformat()}", hours=1)
    session.add(seat)


def as_at_the_beginning(session: Session) -> None:
    for table in (tables.CoverOffer, tables.Swap):
        session.execute(delete(table))
    session.execute(delete(tables.Shift).where(tables.Shift.id.not_like("file-%")))
    session.execute(update(tables.Shift).values(late_at=None))
    session.execute(update(tables.Listener).values(pin=None, wrong_pins=0))
    everybody_has_signed_on(session)


def a_shift(listener: str, starts_at: datetime, *, hours: float, slot: str | None = None) -> tables.Shift:
    return tables.Shift(
        id=f"story-{listener}-{starts_at:%d%H%M}",
        site_id="demo",
        listener_id=f"demo-{listener.lower()}",
        cover=Cover.FIRST.value,
        starts_at=starts_at,
        ends_at=starts_at + hours * HOUR,
        slot=slot,
    )


def has_not_signed_on(session: Session, *listeners: str) -> None:
    ids = [f"demo-{name.lower()}" for name in listeners]
    session.execute(update(tables.Shift).where(tables.Shift.listener_id.in_(ids)).values(checked_in_at=None))


def signed_on(story: Story, listener: str) -> bool:
    query = select(tables.Shift.checked_in_at).where(tables.Shift.listener_id == f"demo-{listener.lower()}")
    with story.world.database.transaction() as session:
        return all(session.scalars(query.where(tables.Shift.starts_at <= now())))


async def on_their_own_line(listener: Listener) -> None:
    """With a PIN that they choose now."""
    await listener.dials("200")
    await listener.hears("own/pin-choose")
    await listener.presses(PIN)
    await listener.hears("own/pin-again")
    await listener.presses(PIN)
    await listener.hears("own/pin-kept")


async def test_a_listener_signs_on_for_the_shift_that_runs(story: Story) -> None:
    (kestrel,) = await story.listeners("Kestrel")
    story.world.database.do(lambda session: has_not_signed_on(session, "Kestrel"))
    await on_their_own_line(kestrel)
    await kestrel.hears("own/key-sign-on")
    await kestrel.presses("1")
    await kestrel.hears("own/signed-on")
    await kestrel.hears("own/key-off-duty")

    assert signed_on(story, "Kestrel")


async def test_the_pin_is_asked_the_next_time_and_a_wrong_one_is_said_so(story: Story) -> None:
    (kestrel,) = await story.listeners("Kestrel")
    await on_their_own_line(kestrel)
    await kestrel.hangs_up()
    await kestrel.dials("200")
    await kestrel.hears("own/pin")
    await kestrel.presses("1378#")
    await kestrel.hears("own/pin-wrong")
    await kestrel.presses(PIN)
    await kestrel.hears("own/menu")


async def test_one_asks_for_a_swap_and_another_takes_it_each_on_their_own_line(story: Story) -> None:
    kestrel, heron = await story.listeners("Kestrel", "Heron")
    later = a_shift("Kestrel", on_the_hour(now() + 20 * HOUR), hours=2)
    with story.world.database.transaction() as session:
        session.add(later)
    await on_their_own_line(kestrel)
    await kestrel.presses("3")
    await kestrel.hears("own/to-ask-for-a-swap-press")
    await kestrel.presses("1")
    await kestrel.hears("own/swap-asked")
    await kestrel.hangs_up()
    await on_their_own_line(heron)
    await heron.presses("4")
    await heron.hears("own/to-take-it")
    await heron.presses("1")
    await heron.hears("own/shift-is-yours")

    with story.world.database.transaction() as session:
        assert session.get_one(tables.Shift, later.id).listener_id == "demo-heron"


async def test_a_stand_in_is_rung_for_an_empty_seat_and_takes_it(story: Story) -> None:
    with story.world.database.transaction() as session:
        session.execute(delete(tables.Shift).where(tables.Shift.slot.is_not(None)))
    (swift,) = await story.listeners("Swift")
    await swift.is_rung(15)
    await swift.answers()
    await swift.hears("cover/empty")
    await swift.hears("cover/can-you-take-it")
    await swift.presses("1")
    await swift.hears("own/shift-is-yours")

    with story.world.database.transaction() as session:
        taken = session.scalars(select(tables.Shift.listener_id).where(tables.Shift.slot.is_not(None))).all()
        assert taken == ["demo-swift"]
        assert session.scalars(select(tables.CoverOffer.end)).all() == [CoverEnd.TAKEN]


async def test_when_the_first_has_not_signed_on_the_backup_is_rung(story: Story) -> None:
    (wren,) = await story.listeners("Wren")
    story.world.database.do(lambda session: has_not_signed_on(session, "Kestrel", "Wren", "Linnet"))
    await wren.is_rung(15)
    await wren.answers()
    await wren.hears("cover/late")
    await wren.presses("1")
    await wren.hears("own/signed-on")

    assert signed_on(story, "Wren")
    assert not signed_on(story, "Kestrel")


async def test_a_listener_whose_phone_cannot_be_rung_waits_on_the_line_and_is_called_there(story: Story) -> None:
    caller = await story.caller()
    (wren,) = await story.listeners("Wren")
    await wren.dials("201")
    await wren.hears("own/on-the-line")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await wren.hears("Listener call.")
    await wren.presses("1")
    await wren.hears("You are through.")
    await caller.hears("A Listener is with you now.")
    await caller.hangs_up()
    await wren.hears("after/debrief")
    await wren.presses("1")
    await wren.hears("after/all-right")

    assert await wren.phone.ends(2) is None
