"""Who is rung for an empty place on the rota, when, and what becomes of their answer."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import NOON, a_candidate, a_shift_row, local
from sqlalchemy import select, update

from ivr import cover_store
from ivr.asking import Asking
from ivr.cover_calls import LONGEST, CoverCalls, Ring, rings
from ivr.cover_dialog import CoverDialog
from ivr.cover_store import Asked, Need
from ivr.ports import Ports
from models import tables
from models.clock import now
from models.words import Cover, CoverEnd, ListenerId, PhoneId, Standing
from rota.rules import Limits
from rota.scheme import Scheme
from rota.slot import Pattern
from tests.fakes.line import FakeLine, FakeVoice, a_database, eventually, settled

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LONDON = ZoneInfo("Europe/London")
ROBIN, WREN, TEAL = (ListenerId(f"listener-{name}") for name in ("robin", "wren", "teal"))
NOBODY_YET = Asked(frozenset(), frozenset(), frozenset())
LIMITS = Limits(nights_in_a_row=9, weekly_minutes=9999, rest=timedelta())


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


# ---- the decision


def a_need(*best: ListenerId, slot: str = "night", starts_at: datetime = NOON + HOUR) -> Need:
    return Need(slot, starts_at, best)


def whom(
    needs: Sequence[Need], asked: Asked = NOBODY_YET, *, at: datetime = NOON, **changes: Any
) -> list[tuple[str, str]]:
    """Slot and name of each ring; ``changes`` are Robin's."""
    known = [a_candidate("listener-robin", **changes), a_candidate("listener-wren"), a_candidate("listener-teal")]
    found = rings(needs, asked, {one.id: one for one in known}, now=at, zone=LONDON)
    return [(ring.slot, ring.listener.removeprefix("listener-")) for ring in found]


def test_the_best_is_rung_and_nobody_else() -> None:
    assert whom([a_need(ROBIN, WREN)]) == [("night", "robin")]


def test_who_was_asked_for_it_is_not_asked_again_and_the_next_is() -> None:
    asked = replace(NOBODY_YET, before=frozenset({("night", ROBIN)}))

    assert whom([a_need(ROBIN, WREN)], asked) == [("night", "wren")]
    assert whom([a_need(ROBIN)], asked) == []


def test_one_is_rung_at_a_time_for_a_place() -> None:
    asked = replace(NOBODY_YET, slots_now=frozenset({"night"}))

    assert whom([a_need(ROBIN, WREN)], asked) == []


def test_nobody_is_rung_for_two_places_at_once_and_the_nearer_one_comes_first() -> None:
    needs = [a_need(ROBIN, slot="later", starts_at=NOON + 2 * HOUR), a_need(ROBIN, WREN, slot="sooner")]

    assert whom(needs) == [("sooner", "robin")]
    assert whom(needs, replace(NOBODY_YET, listeners_now=frozenset({ROBIN}))) == [("sooner", "wren")]


@pytest.mark.parametrize(
    "changes",
    [
        {"in_call": True},
        {"ringing": True},
        {"resting_until": NOON + MINUTE},
        {"had_enough": True},
        {"off_duty": True},
        {"away": True},
        {"reachable": False},
        {"standing": Standing.SUSPENDED},
    ],
)
def test_who_talks_rests_has_had_enough_is_off_duty_away_or_not_certified_is_left_alone(
    changes: dict[str, Any],
) -> None:
    assert whom([a_need(ROBIN, WREN)], **changes) == [("night", "wren")]


def test_a_rest_that_is_over_keeps_nobody_from_being_asked() -> None:
    assert whom([a_need(ROBIN)], resting_until=NOON) == [("night", "robin")]


def test_a_stranger_is_not_rung() -> None:
    assert whom([a_need(ListenerId("listener-nobody"), WREN)]) == [("night", "wren")]


TUESDAY, SPRING, AUTUMN = date(2026, 12, 1), date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize(
    ("day", "clock", "ahead", "rung"),
    [
        (TUESDAY, "21:59", 20, True),
        (TUESDAY, "22:00", 20, False),
        (TUESDAY, "06:59", 20, False),
        (TUESDAY, "07:00", 20, True),
        (TUESDAY, "00:00", 3, True),
        (TUESDAY, "00:00", 3.1, False),
        (TUESDAY, "02:00", -0.1, True),
        # Three hours are three hours, whatever the clocks do meanwhile.
        (SPRING, "00:30", 3, True),
        (AUTUMN, "00:30", 3, True),
        (AUTUMN, "00:30", 3.1, False),
        (SPRING, "07:00", 20, True),
        (AUTUMN, "06:59", 20, False),
    ],
)
def test_nobody_is_woken_for_a_shift_that_is_more_than_three_hours_away(
    day: date, clock: str, ahead: float, *, rung: bool
) -> None:
    at = local(day, clock)
    certified = {"certified_from": NOON - 99 * HOUR, "certified_until": None}

    assert bool(whom([a_need(ROBIN, starts_at=at + ahead * HOUR)], at=at, **certified)) is rung


# ---- what is empty, and who was asked, in the database


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[FakeLine]:
    """Robin (first) and Wren (backup) are on since an hour ago for another; Teal is not."""
    one = FakeLine(a_database(tmp_path), "robin", "teal", "wren")
    with one.database.transaction() as session:
        session.execute(update(tables.Shift).values(checked_in_at=now()))
        session.execute(update(tables.Shift).where(tables.Shift.listener_id == WREN).values(cover=Cover.BACKUP.value))
        session.query(tables.Shift).where(tables.Shift.listener_id == TEAL).delete()
    yield one
    await one.stop()


class Site:
    """A line that rings for what is missing, by a scheme with these patterns."""

    def __init__(self, line: FakeLine, *patterns: Pattern, at: datetime | None = None) -> None:
        self.line = line
        self.scheme = Scheme(patterns=patterns, limits=LIMITS, new_for=timedelta())
        self.ports: Ports = replace(line.ports, scheme=self.scheme)
        self.calls = CoverCalls(self.ports)
        self.now = at or now()

    async def tick(self) -> list[str]:
        """Who is rung after it."""
        await self.calls.tick(self.now)
        await settled()
        return [phone for phone in ("phone-robin", "phone-teal", "phone-wren") if self.line.telephony.rings_of(phone)]

    def rows(self) -> list[tuple[str, str | None]]:
        rows = self.line.asked(select(tables.CoverOffer).order_by(tables.CoverOffer.rang_at, tables.CoverOffer.id))
        return [(row.listener_id.removeprefix("listener-"), row.end) for row in rows]

    async def answers(self, phone: str, *keys: str) -> FakeVoice:
        leg = self.line.telephony.rings_of(phone)[0]
        self.line.telephony.answers(leg)
        voice = FakeVoice(*keys)
        await CoverDialog(Asking(voice, self.ports), self.ports, leg).run(self.scheme)  # type: ignore[arg-type]  # a person
        self.line.telephony.hangs_up(leg)
        await settled()
        return voice

    async def misses(self, phone: str) -> None:
        self.line.telephony.fails(self.line.telephony.rings_of(phone)[0])
        assert await eventually(lambda: all(end for _, end in self.rows()))


def two_hours_from(at: datetime) -> Pattern:
    """A shift of one place that begins in two hours, so that it is no matter when this test runs."""
    starts = (at + 2 * HOUR).astimezone(LONDON)
    return Pattern(name="soon", starts=starts.time(), ends=(starts + 2 * HOUR).time())


def on_shift(line: FakeLine, listener: ListenerId) -> list[tables.Shift]:
    return line.asked(select(tables.Shift).where(tables.Shift.listener_id == listener))


@pytest.mark.anyio
async def test_an_empty_seat_is_offered_to_the_best_stand_in_who_takes_it(line: FakeLine) -> None:
    at = now()
    site = Site(line, two_hours_from(at), at=at)

    (rung,) = await site.tick()
    heard = await site.answers(rung, "1")

    assert heard.prompts[:2] == ["cover/listener-line", "cover/empty"]
    assert heard.prompts[-1] == "own/shift-is-yours"
    listener = rung.replace("phone", "listener")
    assert [shift.cover for shift in on_shift(line, ListenerId(listener)) if shift.slot] == [Cover.FIRST]
    assert site.rows() == [(rung.removeprefix("phone-"), CoverEnd.TAKEN)]
    assert await site.tick() == []


@pytest.mark.anyio
async def test_the_next_is_rung_after_a_no_and_after_a_missed_ring_and_nobody_twice(line: FakeLine) -> None:
    at = now()
    site = Site(line, two_hours_from(at), at=at)

    (first,) = await site.tick()
    assert await site.tick() == [first]
    heard = await site.answers(first, "2")
    (second,) = await site.tick()
    await site.misses(second)
    (third,) = await site.tick()
    await site.answers(third, "", "")

    assert heard.prompts[-1] == "cover/cannot"
    assert {first, second, third} == {"phone-robin", "phone-teal", "phone-wren"}
    assert sorted(str(end) for _, end in site.rows()) == ["cannot", "missed", "missed"]
    assert await site.tick() == []


@pytest.mark.anyio
async def test_a_yes_that_comes_too_late_is_thanked(line: FakeLine) -> None:
    at = now()
    site = Site(line, two_hours_from(at), at=at)
    (rung,) = await site.tick()
    slot = line.asked(select(tables.CoverOffer.slot))[0]
    quicker = next(one for one in (ROBIN, WREN, TEAL) if one != rung.replace("phone", "listener"))
    with line.database.transaction() as session:
        session.add(
            a_shift_row(quicker.removeprefix("listener-"), slot=slot, starts_at=at + 2 * HOUR, ends_at=at + 4 * HOUR)
        )

    heard = await site.answers(rung, "1")

    assert heard.prompts[-1] == "cover/filled"
    assert site.rows() == [(rung.removeprefix("phone-"), CoverEnd.LOST)]


@pytest.mark.anyio
async def test_a_seat_that_is_more_than_a_day_away_is_nobodys_ring_yet(line: FakeLine) -> None:
    at = now()
    local_day = (at + 30 * HOUR).astimezone(LONDON)
    pattern = Pattern(
        name="later",
        starts=local_day.time(),
        ends=(local_day + HOUR).time(),
        weekdays=frozenset({local_day.weekday()}),
    )

    assert await Site(line, pattern, at=at).tick() == []


def running(at: datetime, *, for_another: timedelta) -> Pattern:
    """A shift of one place that began an hour ago, and is not there tomorrow."""
    began, ends = (at - HOUR).astimezone(LONDON), (at + for_another).astimezone(LONDON)
    return Pattern(name="runs", starts=began.time(), ends=ends.time(), weekdays=frozenset({began.weekday()}))


@pytest.mark.anyio
async def test_a_seat_of_a_shift_that_runs_is_offered_and_who_takes_it_is_there(line: FakeLine) -> None:
    at = now()
    site = Site(line, running(at, for_another=HOUR), at=at)

    assert await site.tick() == ["phone-teal"]
    await site.answers("phone-teal", "1")

    assert on_shift(line, TEAL)[0].checked_in_at is not None


@pytest.mark.anyio
async def test_for_the_last_half_hour_of_a_shift_nobody_is_rung(line: FakeLine) -> None:
    at = now()

    assert await Site(line, running(at, for_another=30 * MINUTE), at=at).tick() == []


@pytest.mark.anyio
async def test_a_phone_that_cannot_be_rung_is_a_missed_ring(line: FakeLine) -> None:
    line.telephony.refuses.add("ring")
    at = now()
    site = Site(line, two_hours_from(at), at=at)

    await site.tick()
    await site.tick()

    assert [end for _, end in site.rows()] == [CoverEnd.MISSED, CoverEnd.MISSED]


@pytest.mark.anyio
async def test_a_ring_of_a_line_that_died_is_ended_and_does_not_count_as_asked(line: FakeLine) -> None:
    at = now()
    site = Site(line, two_hours_from(at), at=at)
    await site.tick()
    line.telephony.is_told_to_nobody()
    site.now = at + LONGEST + MINUTE

    await site.tick()

    (first, how), (second, still) = site.rows()
    assert (first, how, still) == (second, CoverEnd.LOST, None)


@pytest.mark.anyio
async def test_without_a_scheme_nobody_is_rung(line: FakeLine) -> None:
    with line.database.transaction() as session:
        session.execute(update(tables.Shift).values(checked_in_at=None))
    calls = CoverCalls(line.ports)

    await calls.tick(now())

    assert line.telephony.ordered("ring") == []


# ---- late sign-on


async def late(line: FakeLine, *, backup_signed_on: bool = False) -> Site:
    """Robin, the first, has not signed on."""
    with line.database.transaction() as session:
        session.execute(update(tables.Shift).where(tables.Shift.listener_id == ROBIN).values(checked_in_at=None))
        if not backup_signed_on:
            session.execute(update(tables.Shift).where(tables.Shift.listener_id == WREN).values(checked_in_at=None))
    return Site(line)


@pytest.mark.anyio
async def test_when_the_first_does_not_sign_on_the_backup_is_rung_and_signs_on_by_a_yes(line: FakeLine) -> None:
    site = await late(line)

    assert await site.tick() == ["phone-wren"]
    heard = await site.answers("phone-wren", "1")

    assert heard.prompts == ["cover/listener-line", "cover/late", "own/signed-on"]
    assert on_shift(line, WREN)[0].checked_in_at is not None
    assert await site.tick() == []


@pytest.mark.anyio
async def test_a_backup_who_cannot_is_not_rung_again_for_the_same_shift(line: FakeLine) -> None:
    site = await late(line)
    await site.tick()
    await site.answers("phone-wren", "2")

    assert await site.tick() == []
    assert on_shift(line, WREN)[0].checked_in_at is None


@pytest.mark.anyio
async def test_a_backup_who_has_signed_on_is_there_already(line: FakeLine) -> None:
    assert await (await late(line, backup_signed_on=True)).tick() == []


@pytest.mark.anyio
async def test_who_signs_on_after_all_spares_the_backups_the_ring(line: FakeLine) -> None:
    site = await late(line)
    with line.database.transaction() as session:
        cover_store.needs(session, site.ports.site, site.scheme, now=now())
        session.execute(update(tables.Shift).where(tables.Shift.listener_id == ROBIN).values(checked_in_at=now()))

    assert await site.tick() == []


@pytest.mark.anyio
async def test_of_two_shifts_at_once_each_has_its_own_backups(line: FakeLine) -> None:
    site = await late(line)
    with line.database.transaction() as session:
        session.execute(update(tables.Shift).values(slot="north 2026-03-10"))
        hours = {"starts_at": now() - HOUR, "ends_at": now() + HOUR}
        session.add(a_shift_row("teal", Cover.BACKUP, slot="south 2026-03-10", checked_in_at=now(), **hours))

    assert await site.tick() == ["phone-wren"]


@pytest.mark.anyio
async def test_who_waits_on_the_line_is_asked_there(line: FakeLine) -> None:
    site = await late(line)
    line.telephony.waits(PhoneId("phone-wren"))

    await site.tick()
    cover = line.asked(select(tables.CoverOffer.id))[0]
    voice = FakeVoice("1")
    await CoverDialog(Asking(voice, site.ports), site.ports, cover).run(site.scheme)  # type: ignore[arg-type]  # a person

    assert "own/signed-on" in voice.prompts
    assert [end for _, end in site.rows()] == [CoverEnd.TAKEN]


def test_a_ring_says_who_and_what_for() -> None:
    found = rings([a_need(ROBIN)], NOBODY_YET, {ROBIN: a_candidate(ROBIN)}, now=NOON, zone=LONDON)

    assert found == (Ring("night", ROBIN),)
