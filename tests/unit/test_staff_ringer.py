"""A phone of staff is rung again when what rang it before has gone, and as soon as there is an Asterisk to ring it."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pytest

from ivr import staff_ringer
from ivr.legs import LegId, Purpose
from ivr.staff_ringer import AGAIN_SECONDS, GONE_WITHIN_SECONDS, StaffRinger
from models.errors import ActionRefused, NotConnected
from models.words import CallId, EscalationId, Instant, PhoneId, TellingEnd, TellingId
from tests.fakes.line import eventually

pytestmark = pytest.mark.anyio

NURSE, WARD, ESCALATION = PhoneId("pnurse"), PhoneId("pward"), EscalationId("esc-1")


@dataclass
class Phones:
    """What was done, in order; a channel stays until ``goes`` is set."""

    done: list[str] = field(default_factory=list)
    goes: asyncio.Event = field(default_factory=asyncio.Event)
    # What becomes of each order to ring.
    refuses: bool = False
    link_is_down: bool = False
    obeys_unheard: bool = False

    async def ring(self, phone: PhoneId, purpose: Purpose, *, leg: LegId, call: CallId, seconds: float) -> None:
        del phone, purpose, call, seconds
        if self.refuses:
            raise ActionRefused("Originate", "no")
        if not self.link_is_down or self.obeys_unheard:
            self.done.append(f"rings {leg}")
        if self.link_is_down:
            raise NotConnected("Asterisk")

    async def drop(self, leg: LegId) -> None:
        self.done.append(f"drops {leg}")

    async def is_gone(self, leg: LegId) -> bool:
        if self.link_is_down:
            raise NotConnected("Asterisk")
        return self.goes.is_set() or not any(done.endswith(leg) for done in self.done)


@dataclass
class Orders:
    """Who is told what came to nothing."""

    ended: list[tuple[TellingId, TellingEnd]] = field(default_factory=list)
    were_lost: list[TellingId] = field(default_factory=list)

    async def telling_ended(self, telling: TellingId, end: TellingEnd, now: Instant) -> bool:
        del now
        self.ended.append((telling, end))
        return True

    async def lost(self, rings: Mapping[EscalationId, Collection[TellingId]], now: Instant) -> None:
        del now
        self.were_lost += rings[ESCALATION]


async def done_after(phones: Phones, seconds: float) -> list[str]:
    await asyncio.sleep(seconds)
    return list(phones.done)


async def test_what_asterisk_has_not_taken_is_known_until_it_has() -> None:
    """So that another node may ring it."""
    phones = Phones(link_is_down=True)
    ringer = StaffRinger(phones)
    ringer.ring(TellingId("tell-1"), NURSE, ESCALATION)
    await asyncio.sleep(0.05)
    assert list(ringer.untaken()) == ["tell-1"]

    phones.link_is_down = False
    phones.goes.set()
    assert await eventually(lambda: phones.done == ["rings tell-1"])
    assert await eventually(lambda: not ringer.untaken())


async def test_with_nothing_to_stop_it_rings_at_once() -> None:
    phones = Phones()
    StaffRinger(phones).ring(TellingId("tell-1"), NURSE, ESCALATION)

    assert await done_after(phones, 0) == ["rings tell-1"]


async def test_it_rings_when_the_ring_before_has_gone() -> None:
    phones = Phones()
    staff = StaffRinger(phones)
    staff.stop(TellingId("tell-1"))
    staff.ring(TellingId("tell-2"), NURSE, ESCALATION)
    before = await done_after(phones, 0.1)
    phones.goes.set()

    assert before == ["drops tell-1"]
    assert await done_after(phones, 0.3) == ["drops tell-1", "rings tell-2"]


async def test_who_has_answered_is_not_cut_off() -> None:
    phones = Phones()
    staff = StaffRinger(phones)
    with staff.being_told.hears(TellingId("tell-1"), NURSE) as hearer:
        staff.stop(TellingId("tell-1"))

        assert hearer.over
    assert await done_after(phones, 0.1) == []
    staff.stop(TellingId("tell-1"))
    assert await done_after(phones, 0.1) == ["drops tell-1"]


async def test_who_still_hears_what_is_over_is_cut_off_when_their_phone_is_rung_again() -> None:
    phones = Phones()
    staff = StaffRinger(phones)
    with staff.being_told.hears(TellingId("tell-1"), NURSE), staff.being_told.hears(TellingId("tell-0"), WARD):
        staff.stop(TellingId("tell-0"))
        staff.stop(TellingId("tell-1"))
        staff.ring(TellingId("tell-2"), NURSE, ESCALATION)
        before = await done_after(phones, 0.1)
        phones.goes.set()

        assert before == ["drops tell-1"]
        assert await done_after(phones, 0.3) == ["drops tell-1", "rings tell-2"]


@pytest.mark.slow
async def test_a_ring_that_never_goes_holds_nobody_up_for_longer_than_a_second() -> None:
    phones = Phones()
    staff = StaffRinger(phones)
    staff.stop(TellingId("tell-1"))
    staff.ring(TellingId("tell-2"), NURSE, ESCALATION)

    assert await done_after(phones, GONE_WITHIN_SECONDS + 0.5) == ["drops tell-1", "rings tell-2"]


# ---- rings that come to nothing before they begin


async def test_a_ring_that_asterisk_refuses_ends_the_telling_at_once() -> None:
    orders = Orders()
    StaffRinger(Phones(refuses=True), orders=orders).ring(TellingId("tell-1"), NURSE, ESCALATION)
    await asyncio.sleep(0)

    assert orders.ended == [("tell-1", TellingEnd.UNREACHABLE)]


async def test_while_the_link_is_down_the_next_are_not_rung_instead_and_the_phone_rings_when_it_is_back() -> None:
    phones, orders = Phones(link_is_down=True), Orders()
    StaffRinger(phones, orders=orders).ring(TellingId("tell-1"), NURSE, ESCALATION)
    before = await done_after(phones, AGAIN_SECONDS / 2)
    phones.link_is_down = False

    assert before == []
    assert await done_after(phones, AGAIN_SECONDS) == ["rings tell-1"]
    assert (orders.ended, orders.were_lost) == ([], [])


async def test_what_was_stopped_meanwhile_does_not_ring_when_the_link_is_back() -> None:
    phones = Phones(link_is_down=True)
    staff = StaffRinger(phones, orders=Orders())
    staff.ring(TellingId("tell-1"), NURSE, ESCALATION)
    await asyncio.sleep(0)
    staff.stop(TellingId("tell-1"))
    phones.link_is_down = False
    phones.goes.set()

    assert "rings tell-1" not in await done_after(phones, AGAIN_SECONDS + 0.1)


async def test_an_order_that_was_obeyed_although_its_answer_was_lost_is_not_given_again() -> None:
    phones = Phones(link_is_down=True, obeys_unheard=True)
    StaffRinger(phones, orders=Orders()).ring(TellingId("tell-1"), NURSE, ESCALATION)
    await asyncio.sleep(0)
    phones.link_is_down = False

    assert await done_after(phones, AGAIN_SECONDS + 0.1) == ["rings tell-1"]


async def test_a_link_that_stays_down_is_no_answer_of_that_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever decides is not taken for somebody who did not answer."""
    monkeypatch.setattr(staff_ringer, "RING_SECONDS", AGAIN_SECONDS / 2)
    orders = Orders()
    StaffRinger(Phones(link_is_down=True), orders=orders).ring(TellingId("tell-1"), NURSE, ESCALATION)
    await asyncio.sleep(AGAIN_SECONDS + 0.1)

    assert (orders.ended, orders.were_lost) == ([], ["tell-1"])
