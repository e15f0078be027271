"""A phone of staff is rung again when what rang it before has gone, and not later than a second."""

import asyncio
from dataclasses import dataclass, field

import pytest

from ivr.legs import LegId, Purpose
from ivr.staff_ringer import GONE_WITHIN_SECONDS, StaffRinger
from models.words import CallId, EscalationId, PhoneId, TellingId

pytestmark = pytest.mark.anyio

NURSE, WARD, ESCALATION = PhoneId("pnurse"), PhoneId("pward"), EscalationId("esc-1")


@dataclass
class Phones:
    """What was done, in order; a channel stays until ``goes`` is set."""

    done: list[str] = field(default_factory=list)
    goes: asyncio.Event = field(default_factory=asyncio.Event)

    async def ring(self, phone: PhoneId, purpose: Purpose, *, leg: LegId, call: CallId, seconds: float) -> None:
        del phone, purpose, call, seconds
        self.done.append(f"rings {leg}")

    async def drop(self, leg: LegId) -> None:
        self.done.append(f"drops {leg}")

    async def is_gone(self, leg: LegId) -> bool:
        del leg
        return self.goes.is_set()


async def done_after(phones: Phones, seconds: float) -> list[str]:
    await asyncio.sleep(seconds)
    return list(phones.done)


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


async def test_a_ring_that_never_goes_holds_nobody_up_for_longer_than_a_second() -> None:
    phones = Phones()
    staff = StaffRinger(phones)
    staff.stop(TellingId("tell-1"))
    staff.ring(TellingId("tell-2"), NURSE, ESCALATION)

    assert await done_after(phones, GONE_WITHIN_SECONDS + 0.5) == ["drops tell-1", "rings tell-2"]
