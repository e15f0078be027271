"""The search for a Listener, on a database and a telephone exchange without telephones: who rings, and until when."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from escalation.profile import RingStage
from ivr import happenings as h
from ivr import ringing
from ivr.call import Phase
from ivr.live_call import LiveCall
from models import tables
from models.clock import now
from models.words import ListenerId, OfferEnd, PhoneId
from tests.fakes.line import FakeLine, a_database, eventually

pytestmark = pytest.mark.anyio
AT_ONCE = 0.5  # well below the second after which the search looks again by itself
ALL = (RingStage(0),)
Lines = Callable[..., FakeLine]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def line_of(tmp_path: Path) -> AsyncIterator[Lines]:
    lines: list[FakeLine] = []

    def make(*names: str, **waiting: Any) -> FakeLine:
        lines.append(FakeLine(a_database(tmp_path), *names, waiting=waiting))
        return lines[0]

    yield make
    for line in lines:
        await line.stop()


# ---- who rings


async def test_one_listener_rings_at_first(line_of: Lines) -> None:
    line = line_of("robin", "teal", "wren")
    await line.a_caller_waits()
    await line.is_rung("robin")
    await asyncio.sleep(0.2)

    assert line.telephony.ordered("ring") == ["phone-robin"]


@pytest.mark.slow
async def test_one_then_two_then_all_by_waiting_time(line_of: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "LOOK_AGAIN_SECONDS", 0.02)
    stages = (RingStage(0, 1), RingStage(0.8, 2), RingStage(1.6))  # type: ignore[arg-type]  # a quick test
    line = line_of("heron", "robin", "teal", "wren", ring_stages=stages)
    began = now()
    _, mouth = await line.a_caller_waits()
    assert await eventually(lambda: len(line.offers()) == len(line.telephony.ordered("ring")) == 4)

    rang = line.asked(select(tables.Offer.rang_at).order_by(tables.Offer.rang_at))
    after = [(at - began).total_seconds() for at in rang]
    assert after[1] >= 0.8
    assert after[1] < min(after[2:])
    assert min(after[2:]) >= 1.6
    assert await eventually(lambda: mouth.said.count("wait/more-listeners") == 2)


async def test_the_first_who_ring_are_not_announced_as_more(line_of: Lines) -> None:
    line = line_of("robin", "wren", ring_stages=ALL)
    _, mouth = await line.a_caller_waits()
    await line.is_rung("wren")
    await asyncio.sleep(0.05)

    assert "wait/more-listeners" not in mouth.said


async def test_the_brief_reaches_a_listener_and_the_call_goes_with_the_ring(line_of: Lines) -> None:
    line = line_of("robin")
    await line.a_caller_waits()
    voice = await line.answers(await line.is_rung("robin"), "2")

    assert voice.said[:5] == ["listener-call", "in-language", "own-name", "waiting-seconds", "keys"]


@pytest.mark.parametrize(("key", "end"), [("2", OfferEnd.PASSED), ("3", OfferEnd.OFF_DUTY)])
async def test_who_does_not_take_the_call_is_followed_by_the_next_at_once(
    line_of: Lines, key: str, end: OfferEnd
) -> None:
    line = line_of("robin", "wren")
    await line.a_caller_waits()
    await line.answers(await line.is_rung("robin"), key)

    assert await eventually(lambda: line.telephony.rings_of("phone-wren"), AT_ONCE)
    assert line.offers() == [("robin", end), ("wren", None)]


async def test_a_missed_ring_moves_to_the_next_listener_at_once(line_of: Lines) -> None:
    line = line_of("robin", "wren")
    await line.a_caller_waits()
    line.telephony.fails(await line.is_rung("robin"))

    assert await eventually(lambda: line.telephony.rings_of("phone-wren"), AT_ONCE)
    assert line.offers() == [("robin", OfferEnd.MISSED), ("wren", None)]


async def test_a_listener_who_answers_and_hangs_up_is_followed_by_the_next_at_once(line_of: Lines) -> None:
    line = line_of("robin", "wren")
    await line.a_caller_waits()
    leg = await line.is_rung("robin")
    line.telephony.answers(leg)
    line.telephony.hangs_up(leg)

    assert await eventually(lambda: line.telephony.rings_of("phone-wren"), AT_ONCE)


async def test_a_listener_who_answers_and_says_nothing_has_missed_it(line_of: Lines) -> None:
    line = line_of("robin", "wren")
    await line.a_caller_waits()
    await line.answers(await line.is_rung("robin"), "", "", "")

    assert await eventually(lambda: line.telephony.rings_of("phone-wren"), AT_ONCE)
    assert line.offers()[0] == ("robin", OfferEnd.MISSED)


async def test_an_unreachable_listener_is_not_rung(line_of: Lines) -> None:
    line = line_of("robin", "wren")
    line.telephony.unreachable = frozenset({PhoneId("phone-robin")})
    await line.a_caller_waits()
    await line.is_rung("wren")

    assert line.telephony.ordered("ring") == ["phone-wren"]


async def test_a_phone_that_asterisk_does_not_ring_is_unreachable(line_of: Lines) -> None:
    line = line_of("robin")
    line.telephony.refuses.add("ring")
    await line.a_caller_waits()

    assert await eventually(lambda: line.offers() == [("robin", OfferEnd.UNREACHABLE)])


async def test_a_listener_who_talks_to_another_caller_is_not_rung(line_of: Lines) -> None:
    line = line_of("robin", "wren")
    await line.a_caller_waits("one")
    await line.takes("robin")
    await line.a_caller_waits("two")
    await line.is_rung("wren")

    assert line.telephony.ordered("ring") == ["phone-robin", "phone-wren"]


async def test_a_listener_who_is_kept_apart_from_the_callers_cell_is_not_rung(line_of: Lines) -> None:
    line = line_of("robin", "wren")
    rule = {"listener_id": "listener-robin", "cell_id": "cell-A1", "restriction": "CELL", "other": "a-mark"}
    line.database.do(lambda session: session.add(tables.KeepApart(id="apart-1", **rule)))
    await line.a_caller_waits()
    await line.is_rung("wren")

    assert line.telephony.ordered("ring") == ["phone-wren"]


# ---- until when


async def test_nobody_comes_at_once_when_nobody_can_be_reached(line_of: Lines) -> None:
    line = line_of("robin", "wren")
    line.telephony.unreachable = frozenset({PhoneId("phone-robin"), PhoneId("phone-wren")})
    live, mouth = await line.a_caller_waits()

    assert await eventually(lambda: live.call.phase is Phase.OUTSIDE, AT_ONCE)
    assert await eventually(lambda: mouth.said[-1] == "wait/outside")


async def test_nobody_comes_at_once_when_nobody_is_on_the_rota(line_of: Lines) -> None:
    live, _ = await line_of().a_caller_waits()

    assert await eventually(lambda: live.call.phase is Phase.OUTSIDE, AT_ONCE)


async def test_waiting_is_bounded_whatever_rings(line_of: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "LOOK_AGAIN_SECONDS", 0.05)
    line = line_of("robin", listener_seconds=0.3)
    live, _ = await line.a_caller_waits()
    leg = await line.is_rung("robin")

    assert await eventually(lambda: live.call.phase is Phase.OUTSIDE, 1.5)
    assert await eventually(lambda: line.telephony.ordered("drop") == [leg])
    assert await eventually(lambda: line.offers() == [("robin", OfferEnd.MISSED)])


async def test_who_was_rung_in_vain_is_rung_again_after_a_pause(
    line_of: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing, "ROUND_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(ringing, "LOOK_AGAIN_SECONDS", 0.05)
    line = line_of("robin")
    await line.a_caller_waits()
    line.telephony.fails(await line.is_rung("robin"))
    await line.is_rung("robin")

    assert line.telephony.ordered("ring") == ["phone-robin", "phone-robin"]


async def test_the_pause_before_everybody_is_rung_again_does_not_make_waiting_longer(
    line_of: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing, "ROUND_PAUSE_SECONDS", 2.0)
    line = line_of("robin", listener_seconds=0.4)
    live, _ = await line.a_caller_waits()
    line.telephony.fails(await line.is_rung("robin"))

    assert await eventually(lambda: live.call.phase is Phase.OUTSIDE, 1.5)


async def test_a_listener_who_took_the_call_in_the_last_second_has_it(
    line_of: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing, "LOOK_AGAIN_SECONDS", 0.05)
    line = line_of("robin", listener_seconds=0.3)
    live, _ = await line.a_caller_waits()
    leg = await line.is_rung("robin")
    await line.answers(leg, "1")
    await asyncio.sleep(0.5)  # hears "you are through"
    line.telephony.joins(leg)

    assert await eventually(lambda: live.call.phase is Phase.TALKING, AT_ONCE)


# ---- one winner


async def test_the_others_rings_stop_when_one_has_taken_it(line_of: Lines) -> None:
    line = line_of("robin", "wren", ring_stages=ALL)
    await line.a_caller_waits()
    wrens = await line.is_rung("wren")
    await line.takes("robin")

    assert await eventually(lambda: wrens in line.telephony.ordered("drop"))
    assert await eventually(lambda: dict(line.offers()) == {"robin": OfferEnd.TAKEN, "wren": OfferEnd.LOST})
    assert line.open_talks() == ["listener-robin"]


async def test_who_presses_1_a_moment_later_hears_that_it_was_taken(line_of: Lines) -> None:
    line = line_of("robin", "wren", ring_stages=ALL)
    await line.a_caller_waits()
    legs = await line.is_rung("robin"), await line.is_rung("wren")
    voices = await asyncio.gather(*(line.answers(leg, "1") for leg in legs))

    assert sorted(voice.took for voice in voices) == [False, True]
    assert [voice.said[-1] for voice in voices if not voice.took] == ["taken"]
    assert len(line.open_talks()) == 1


async def test_who_is_on_the_line_already_is_not_cut_off_but_told(line_of: Lines) -> None:
    line = line_of("robin", "wren", ring_stages=ALL)
    await line.a_caller_waits()
    wrens = await line.is_rung("wren")
    found = line.desk._find_offer(wrens)
    assert found
    found[2].answered = True
    line.telephony.answers(wrens)
    await line.takes("robin")
    await asyncio.sleep(0.05)

    assert wrens not in line.telephony.ordered("drop")
    assert found[2].over


async def test_a_winner_whose_phone_dies_before_joining_is_freed_and_the_next_is_rung(line_of: Lines) -> None:
    line = line_of("robin", "wren")
    live, _ = await line.a_caller_waits()
    leg = await line.is_rung("robin")
    await line.answers(leg, "1")
    line.telephony.hangs_up(leg)

    assert await eventually(lambda: line.telephony.rings_of("phone-wren"), AT_ONCE)
    assert await eventually(lambda: not line.open_talks())
    assert live.call.phase is Phase.WAITING


# ---- the end


async def test_a_caller_who_hangs_up_silences_every_phone(line_of: Lines) -> None:
    line = line_of("robin", "wren", ring_stages=ALL)
    live, _ = await line.a_caller_waits()
    legs = {await line.is_rung("robin"), await line.is_rung("wren")}
    line.telephony.hangs_up(live.caller.id)

    assert await eventually(lambda: set(line.telephony.ordered("drop")) == legs)
    gone = {"robin": OfferEnd.CALLER_GONE, "wren": OfferEnd.CALLER_GONE}
    assert await eventually(lambda: dict(line.offers()) == gone)


@pytest.mark.parametrize("late_by", [0.0, 0.05])
async def test_a_caller_who_hangs_up_in_a_conversation_frees_the_listener_to_rest(
    line_of: Lines, late_by: float
) -> None:
    """Also when Asterisk tells that the Listener has left after everything else of the call is over."""
    line = line_of("robin")
    live, _ = await line.a_caller_waits()
    await line.takes("robin")
    line.telephony.late_by = late_by
    line.telephony.hangs_up(live.caller.id)

    assert await eventually(lambda: not line.open_talks(), 1)
    assert line.rests("robin")


async def test_a_caller_who_hangs_up_before_the_winner_joins_leaves_nobody_alone(line_of: Lines) -> None:
    line = line_of("robin")
    live, _ = await line.a_caller_waits()
    leg = await line.is_rung("robin")
    await line.answers(leg, "1")
    line.telephony.hangs_up(live.caller.id)
    assert await eventually(lambda: not line.desk.calls)
    line.telephony.joins(leg)

    assert await eventually(lambda: line.telephony.ordered("send_away") == [leg], AT_ONCE)
    assert await eventually(lambda: not line.open_talks(), 1)


async def test_a_winner_who_joins_in_the_moment_after_the_caller_hung_up_is_not_left_alone(line_of: Lines) -> None:
    line = line_of("robin")
    live, _ = await line.a_caller_waits()
    leg = await line.is_rung("robin")
    await line.answers(leg, "1")
    line.telephony.hangs_up(live.caller.id)
    line.telephony.joins(leg)

    assert await eventually(lambda: line.telephony.ordered("send_away") == [leg], AT_ONCE)
    assert await eventually(lambda: not line.open_talks(), 1)


async def test_a_listener_who_leaves_rests_and_another_is_rung(line_of: Lines) -> None:
    line = line_of("robin", "wren")
    live, _ = await line.a_caller_waits()
    line.telephony.hangs_up(await line.takes("robin"))
    assert await eventually(lambda: live.call.phase is Phase.LEFT)
    live.happen(h.CallerWasQuiet())

    await line.is_rung("wren")
    assert line.rests("robin")
    assert line.telephony.ordered("ring") == ["phone-robin", "phone-wren"]


async def test_who_was_silenced_is_rung_again_however_late_that_is_written(line_of: Lines) -> None:
    """And is not taken for somebody who still rings, so that the caller would be sent to the helpline at once."""
    line = line_of("robin", "wren", ring_stages=ALL)
    live, _ = await line.a_caller_waits()
    await line.is_rung("wren")
    written = asyncio.Event()
    live._notes.start(partial(until, written))
    line.telephony.hangs_up(await line.takes("robin"))
    assert await eventually(lambda: live.call.phase is Phase.LEFT)
    live.happen(h.CallerWasQuiet())
    await asyncio.sleep(0.2)
    written.set()

    assert await line.is_rung("wren")
    assert live.call.phase is Phase.WAITING


async def until(happened: asyncio.Event) -> None:
    await happened.wait()


# ---- a second Listener


def asks_for_a_second(live: LiveCall, name: str) -> None:
    for key in "*11":
        live.happen(h.ListenerPressed(ListenerId(f"listener-{name}"), key))


async def test_one_second_listener_at_a_time_and_the_first_is_told_when_there_is_none(line_of: Lines) -> None:
    line = line_of("robin", "teal", "wren", ring_stages=ALL)
    live, _ = await line.a_caller_waits()
    await line.takes("robin")
    asks_for_a_second(live, "robin")
    teals = await eventually(lambda: line.telephony.rings_of("phone-teal"))
    await asyncio.sleep(0.1)

    assert teals
    assert not line.telephony.rings_of("phone-wren")


async def test_a_second_listener_joins_the_first(line_of: Lines) -> None:
    line = line_of("robin", "wren")
    live, _ = await line.a_caller_waits()
    await line.takes("robin")
    asks_for_a_second(live, "robin")
    await line.takes("wren")

    assert live.call.listeners == ("listener-robin", "listener-wren")
    assert line.open_talks() == ["listener-robin", "listener-wren"]


async def test_a_second_listener_who_leaves_is_not_followed_by_a_third(line_of: Lines) -> None:
    line = line_of("robin", "teal", "wren")
    live, _ = await line.a_caller_waits()
    await line.takes("robin")
    asks_for_a_second(live, "robin")
    line.telephony.hangs_up(await line.takes("teal"))
    assert await eventually(lambda: live.call.listeners == ("listener-robin",))
    await asyncio.sleep(AT_ONCE)

    assert line.telephony.ordered("ring") == ["phone-robin", "phone-teal"]


@pytest.mark.slow
async def test_when_a_second_listener_leaves_the_first_does_not_hear_that_there_is_none(
    line_of: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing, "LOOK_AGAIN_SECONDS", 0.05)
    line = line_of("robin", "wren", listener_seconds=1)
    live, _ = await line.a_caller_waits()
    await line.takes("robin")
    asks_for_a_second(live, "robin")
    wrens = await line.takes("wren")
    await asyncio.sleep(1.1)  # the time in which one was searched for is over
    line.telephony.hangs_up(wrens)
    assert await eventually(lambda: live.call.listeners == ("listener-robin",))
    await asyncio.sleep(AT_ONCE)

    assert "key/no-second" not in [prompt for _, prompt in line.telephony.whispered]


async def test_who_came_second_and_is_alone_with_the_caller_can_ask_for_a_second(line_of: Lines) -> None:
    line = line_of("robin", "teal", "wren")
    live, _ = await line.a_caller_waits()
    robins = await line.takes("robin")
    asks_for_a_second(live, "robin")
    await line.takes("teal")
    line.telephony.hangs_up(robins)
    assert await eventually(lambda: live.call.listeners == ("listener-teal",))
    asks_for_a_second(live, "teal")
    await line.takes("wren")

    assert live.call.listeners == ("listener-teal", "listener-wren")
    assert sorted(line.open_talks()) == ["listener-teal", "listener-wren"]


async def test_nobody_is_rung_for_a_third_and_whoever_asks_hears_so(line_of: Lines) -> None:
    line = line_of("robin", "teal", "wren")
    live, _ = await line.a_caller_waits()
    robins = await line.takes("robin")
    asks_for_a_second(live, "robin")
    await line.takes("teal")
    asks_for_a_second(live, "robin")

    assert await eventually(lambda: (robins, "key/no-second") in line.telephony.whispered)
    assert line.telephony.ordered("ring") == ["phone-robin", "phone-teal"]
