"""What the line may rely on, of the fake telephony as of a real Asterisk."""

import pytest
from contract.exchanges import CALL, Exchange, in_talk, ring, told

from ivr.legs import Leg, LegEnded, LegId, LegJoined, LegLeft, LegPressed, Purpose, RingFailed
from models.errors import ActionRefused
from tests.fakes.line import eventually

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:notifyAll:DeprecationWarning"),  # asterisk-ami's own, in its thread
]
NEVER = LegId("offer-never")


# ---- ringing


async def test_a_phone_that_is_not_there_is_told_as_a_ring_that_failed(exchange: Exchange) -> None:
    leg = LegId("offer-nobody")
    await exchange.telephony.ring(exchange.unplugged, Purpose.OFFER, leg=leg, call=CALL, seconds=5)

    assert await told(exchange, RingFailed, leg)


async def test_a_listener_who_declines_is_told_as_a_ring_that_failed(exchange: Exchange) -> None:
    leg = await ring(exchange, "offer-declined")
    await exchange.declines(leg)

    assert await told(exchange, RingFailed, leg)
    assert await told(exchange, LegEnded, leg)


async def test_a_phone_that_has_rung_for_its_whole_time_is_told_as_a_ring_that_failed(exchange: Exchange) -> None:
    leg = await ring(exchange, "offer-missed", seconds=1)
    await exchange.does_not_answer(leg)

    assert await told(exchange, RingFailed, leg)
    await exchange.is_silent()


async def test_a_ring_that_is_dropped_stops_and_is_told_as_a_ring_that_failed(exchange: Exchange) -> None:
    leg = await ring(exchange, "offer-dropped")
    await exchange.telephony.drop(leg)

    await exchange.is_silent()
    assert await told(exchange, RingFailed, leg)


async def test_to_drop_a_leg_that_is_gone_is_no_error(exchange: Exchange) -> None:
    await exchange.telephony.drop(NEVER)

    assert exchange.happened == []


async def test_a_ring_that_was_answered_did_not_fail(exchange: Exchange) -> None:
    leg = await in_talk(exchange, "offer-taken")
    await exchange.hangs_up(leg)

    assert await told(exchange, LegEnded, leg)
    assert not await told(exchange, RingFailed, leg, 0.2)


async def test_a_leg_that_was_answered_can_be_dropped(exchange: Exchange) -> None:
    leg = await in_talk(exchange, "offer-cut")
    await exchange.telephony.drop(leg)

    assert await told(exchange, LegEnded, leg)


async def test_a_phone_that_is_plugged_out_is_unreachable_until_it_is_back(exchange: Exchange) -> None:
    assert exchange.phone not in exchange.telephony.unreachable
    assert exchange.unplugged in exchange.telephony.unreachable

    await exchange.unplugs()
    assert await eventually(lambda: exchange.phone in exchange.telephony.unreachable)
    await exchange.plugs_in()
    assert await eventually(lambda: exchange.phone not in exchange.telephony.unreachable)


# ---- the conversation


async def test_a_listener_who_comes_and_goes_is_told_with_the_call(exchange: Exchange) -> None:
    leg = await in_talk(exchange, "offer-talk")
    joined = await told(exchange, LegJoined, leg)
    await exchange.hangs_up(leg)
    left = await told(exchange, LegLeft, leg)

    assert joined
    assert left
    assert (joined.call, left.call) == (CALL, CALL)
    assert joined.leg.phone == exchange.phone


async def test_a_leg_leaves_the_conversation_before_it_ends(exchange: Exchange) -> None:
    leg = await in_talk(exchange, "offer-order")
    await exchange.hangs_up(leg)
    assert await told(exchange, LegEnded, leg)

    kinds = [type(one) for one in exchange.happened]
    assert kinds.index(LegJoined) < kinds.index(LegLeft) < kinds.index(LegEnded)


async def test_a_key_is_told_once(exchange: Exchange) -> None:
    leg = await in_talk(exchange, "offer-keys")
    await exchange.presses(leg, "*")

    assert await told(exchange, LegPressed, leg) == LegPressed(leg, "*")
    assert not await eventually(lambda: exchange.happened.count(LegPressed(leg, "*")) > 1, 0.3)


async def test_a_caller_joins_and_is_brought_back(exchange: Exchange) -> None:
    listener = await in_talk(exchange, "offer-join")
    caller = await exchange.caller_dials()

    await exchange.telephony.join_talk(caller)
    assert await told(exchange, LegJoined, caller.id)
    await exchange.telephony.bring_back(caller)
    assert await told(exchange, LegLeft, caller.id)
    assert not await told(exchange, LegLeft, listener, 0.2)


async def test_a_caller_is_not_left_alone_when_the_listener_is_sent_away(exchange: Exchange) -> None:
    listener = await in_talk(exchange, "offer-away")
    caller = await exchange.caller_dials()
    await exchange.telephony.join_talk(caller)
    joined = await told(exchange, LegJoined, listener)
    assert await told(exchange, LegJoined, caller.id)
    assert joined

    await exchange.telephony.send_away(joined.leg, CALL)

    assert await told(exchange, LegLeft, listener)
    assert await told(exchange, LegLeft, caller.id)
    assert not await told(exchange, LegEnded, caller.id, 0.2)


async def test_to_send_somebody_away_who_has_gone_is_no_error(exchange: Exchange) -> None:
    leg = await in_talk(exchange, "offer-gone")
    joined = await told(exchange, LegJoined, leg)
    assert joined
    await exchange.hangs_up(leg)
    assert await told(exchange, LegEnded, leg)

    await exchange.telephony.send_away(joined.leg, CALL)
    await exchange.telephony.whisper(joined.leg, [exchange.a_prompt])
    await exchange.telephony.drop(leg)


async def test_a_whisper_ends_nothing_and_is_no_leg_of_the_call(exchange: Exchange) -> None:
    leg = await in_talk(exchange, "offer-whisper")
    joined = await told(exchange, LegJoined, leg)
    assert joined

    await exchange.telephony.whisper(joined.leg, [exchange.a_prompt])

    assert not await told(exchange, LegLeft, leg, 0.3)
    assert [one.leg.id for one in await exchange.telephony.live_legs()] == [leg]


async def test_a_caller_who_is_gone_cannot_be_joined_or_brought_back(exchange: Exchange) -> None:
    caller = await exchange.caller_dials()
    await exchange.caller_hangs_up()
    assert await told(exchange, LegEnded, caller.id)

    with pytest.raises(ActionRefused):
        await exchange.telephony.join_talk(caller)
    with pytest.raises(ActionRefused):
        await exchange.telephony.bring_back(caller)


# ---- a phone that can only dial out, and waits on the line


async def test_a_phone_that_waits_on_the_line_gets_its_offer_there(exchange: Exchange) -> None:
    leg = LegId("offer-there")
    await exchange.waits_on_the_line()
    await exchange.telephony.ring(exchange.phone, Purpose.OFFER, leg=leg, call=CALL, seconds=5)
    await exchange.hears_it_there(leg)

    joined = await told(exchange, LegJoined, leg)
    assert joined
    assert (joined.call, joined.leg.phone) == (CALL, exchange.phone)
    await exchange.is_silent()


async def test_who_took_an_offer_on_the_line_is_alive_in_the_conversation_as_any_other(exchange: Exchange) -> None:
    leg = await _in_talk_on_the_line(exchange, "offer-alive-there")

    (alive,) = await exchange.telephony.live_legs()
    assert (alive.leg.id, alive.purpose, alive.call, alive.in_talk) == (leg, Purpose.OFFER, CALL, True)


async def test_after_the_conversation_the_phone_waits_again_and_gets_the_next_offer(exchange: Exchange) -> None:
    first = await _in_talk_on_the_line(exchange, "offer-first")
    joined = await told(exchange, LegJoined, first)
    assert joined
    await exchange.telephony.send_away(joined.leg, CALL)
    assert await told(exchange, LegLeft, first)
    await exchange.waits_again()
    second = LegId("offer-second")
    await exchange.telephony.ring(exchange.phone, Purpose.OFFER, leg=second, call=CALL, seconds=5)
    await exchange.hears_it_there(second)

    assert await told(exchange, LegJoined, second)
    assert not await told(exchange, LegEnded, first, 0.2)


async def test_keys_on_the_line_are_those_of_the_offers_leg(exchange: Exchange) -> None:
    leg = await _in_talk_on_the_line(exchange, "offer-keys-there")
    await exchange.presses(leg, "*")

    assert await told(exchange, LegPressed, leg) == LegPressed(leg, "*")


async def test_an_offer_that_is_dropped_on_the_line_lets_the_phone_wait_on(exchange: Exchange) -> None:
    leg = await _in_talk_on_the_line(exchange, "offer-dropped-there")
    await exchange.telephony.drop(leg)

    assert await told(exchange, RingFailed, leg)
    await exchange.waits_again()
    assert not await told(exchange, LegEnded, leg, 0.2)


async def test_who_hangs_up_in_the_conversation_waits_no_more(exchange: Exchange) -> None:
    leg = await _in_talk_on_the_line(exchange, "offer-last")
    await exchange.hangs_up(leg)

    assert await told(exchange, LegEnded, leg)
    assert await exchange.telephony.live_legs() == ()


async def test_a_phone_that_waits_is_not_in_the_way_of_anything(exchange: Exchange) -> None:
    await exchange.waits_on_the_line()

    (alive,) = await exchange.telephony.live_legs()
    assert (alive.purpose, alive.call, alive.in_talk, alive.rings, alive.waits_alone) == (
        Purpose.CALLER,
        None,
        False,
        False,
        False,
    )
    await exchange.stops_waiting()
    await ring(exchange, "offer-rings-again")


async def _in_talk_on_the_line(exchange: Exchange, leg: str) -> LegId:
    await exchange.waits_on_the_line()
    await exchange.telephony.ring(exchange.phone, Purpose.OFFER, leg=LegId(leg), call=CALL, seconds=5)
    await exchange.hears_it_there(LegId(leg))
    assert await told(exchange, LegJoined, LegId(leg))
    return LegId(leg)


# ---- what is alive


async def test_nothing_is_alive_before_anybody_calls(exchange: Exchange) -> None:
    assert await exchange.telephony.live_legs() == ()


@pytest.mark.parametrize("purpose", [Purpose.OFFER, Purpose.TELLING, Purpose.COVER])
async def test_a_ringing_leg_is_alive_and_says_what_for(exchange: Exchange, purpose: Purpose) -> None:
    leg = await ring(exchange, f"{purpose}-alive", purpose=purpose)

    (alive,) = await exchange.telephony.live_legs()
    assert (alive.leg.id, alive.leg.phone, alive.purpose, alive.call) == (leg, exchange.phone, purpose, CALL)
    assert not alive.in_talk
    assert not alive.waits_alone


async def test_who_is_in_the_conversation_is_alive_in_it(exchange: Exchange) -> None:
    leg = await in_talk(exchange, "offer-in")
    caller = await exchange.caller_dials()
    await exchange.telephony.join_talk(caller)
    assert await told(exchange, LegJoined, caller.id)

    alive = {one.leg.id: one for one in await exchange.telephony.live_legs()}
    assert {which: (one.purpose, one.call, one.in_talk) for which, one in alive.items()} == {
        leg: (Purpose.OFFER, CALL, True),
        caller.id: (Purpose.CALLER, CALL, True),
    }


async def test_a_caller_who_is_with_us_is_alive_and_not_alone(exchange: Exchange) -> None:
    caller = await exchange.caller_dials()

    (alive,) = await exchange.telephony.live_legs()
    assert (alive.leg.id, alive.purpose, alive.in_talk, alive.waits_alone) == (caller.id, Purpose.CALLER, False, False)


async def test_a_leg_does_not_tell_its_channel(exchange: Exchange) -> None:
    caller = await exchange.caller_dials()

    assert isinstance(caller, Leg)
    assert caller.channel not in repr(caller)
