"""After the line was killed: what is alive is taken over, what is gone is ended, and nobody is forgotten."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOON
from sqlalchemy import select, update

from escalation.engine import Engine
from escalation.store import Raise
from ivr import happenings as h
from ivr import last_look
from ivr.call import Phase
from ivr.legs import LegId, LiveLeg
from ivr.live_call import LiveCall
from ivr.ports import ALONE
from ivr.reconcile import reconcile
from ivr.staff_ringer import StaffRinger
from listeners import store as listeners
from models import tables
from models.clock import now
from models.errors import ActionRefused
from models.traced import Correction
from models.words import CallId, CallStage, Cause, EscalationId, ListenerId, OfferEnd, Post, Seat, TellingEnd, TellingId
from tests.fakes.line import CALLERS_PHONE, FakeLine, FakeMouth, a_database, a_profile, eventually, settled
from tests.fakes.staff import SilentPhones, a_phone_at_each_post, phone_of
from tests.fakes.telephony import FakeTelephony

pytestmark = pytest.mark.anyio
ONE = CallId("call-one")
ROBIN = ListenerId("listener-robin")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[FakeLine]:
    new = FakeLine(a_database(tmp_path), "robin", "wren")
    yield new
    await new.stop()


async def talk(line: FakeLine, *, listening: bool = False) -> tuple[LegId, LegId]:
    """The caller's leg and Robin's, in a conversation."""
    live, _ = await line.a_caller_waits(listening=listening)
    robins = await line.takes("robin")
    assert await eventually(lambda: line.telephony.ordered("join_talk"))
    assert await eventually(lambda: stages(line) == [CallStage.TALKING])
    await settled()
    return live.caller.id, robins


def stages(line: FakeLine) -> list[str]:
    return line.asked(select(tables.Call.stage))


async def killed_and_started_again(line: FakeLine, *meanwhile: Callable[[], object]) -> LiveCall | None:
    """What becomes of call one when these things happen while there is no line."""
    await line.is_killed()
    for happens in meanwhile:
        happens()
    await line.starts_again()
    return line.desk.calls.get(ONE)


# ---- what another node has


def another_node(line: FakeLine, *, seen: timedelta) -> None:
    """Beside us on the same rows: call one is in its Asterisk, which we do not see."""
    with line.database.transaction() as session:
        session.add(tables.Node(id="other", seen_at=now() - seen))
        session.execute(update(tables.Call).where(tables.Call.id == ONE).values(node_id="other"))


async def test_a_call_of_another_node_that_lives_is_left_alone(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    await line.is_rung("robin")
    await line.is_killed()
    line.telephony.loses(live.caller.id)
    another_node(line, seen=timedelta(seconds=50))

    await line.starts_again()
    assert stages(line) == [CallStage.WAITING]
    assert line.offers() == [("robin", None)]


async def test_the_calls_of_a_node_that_has_gone_are_ended_by_another(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    await line.is_rung("robin")
    await line.is_killed()
    line.telephony.loses(live.caller.id)
    another_node(line, seen=timedelta(seconds=70))

    await line.starts_again()
    assert stages(line) == [CallStage.WAITING]  # perhaps the database was away: then no node could beat
    await looks_again(line, seconds=61)
    assert stages(line) == [CallStage.ENDED]
    assert line.offers() == [("robin", OfferEnd.CALLER_GONE)]


async def looks_again(line: FakeLine, *, seconds: float) -> None:
    """As if so much time had gone by in which every look was answered."""
    steady = line.desk.last_look.steady
    assert steady.since is not None
    steady.since -= seconds
    await reconcile(line.desk)
    await settled()


async def test_whoever_dials_while_the_line_looks_has_not_gone(line: FakeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = FakeTelephony.live_legs

    async def and_somebody_dials(telephony: FakeTelephony) -> tuple[LiveLeg, ...]:
        seen = await looks(telephony)
        await line.a_caller_waits()
        return seen

    monkeypatch.setattr(FakeTelephony, "live_legs", and_somebody_dials)
    await reconcile(line.desk)
    await settled()

    assert line.desk.calls[ONE].call.phase is Phase.WAITING
    assert stages(line) != [CallStage.ENDED]


async def test_a_caller_who_is_there_although_their_call_has_ended_goes_on_with_the_dialplan(line: FakeLine) -> None:
    live, mouth = await line.a_caller_waits()
    live.happen(h.CallerHungUp())

    assert await eventually(lambda: mouth.given_up)


def test_a_look_that_came_late_begins_anew() -> None:
    steady = last_look.Steady()
    assert not steady.long_enough(0.0)
    for at in range(0, 61, 3):
        steady.answered(float(at), NOON + timedelta(seconds=at))
    assert steady.long_enough(60.0)
    steady.answered(90.0, NOON + timedelta(seconds=90))
    assert not steady.long_enough(90.0)


@pytest.mark.parametrize("by", [timedelta(hours=2), timedelta(minutes=-10)])
def test_a_look_after_the_databases_clock_was_set_begins_anew(by: timedelta) -> None:
    steady = last_look.Steady()
    for at in range(0, 61, 3):
        steady.answered(float(at), NOON + timedelta(seconds=at))
    assert steady.long_enough(60.0)
    steady.answered(63.0, NOON + timedelta(seconds=63) + by)
    assert not steady.long_enough(63.0)


# ---- what is gone


async def test_a_call_whose_caller_has_gone_is_ended(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    await line.is_rung("robin")

    assert await killed_and_started_again(line, lambda: line.telephony.hangs_up(live.caller.id)) is None
    assert stages(line) == [CallStage.ENDED]
    assert line.offers() == [("robin", OfferEnd.CALLER_GONE)]


async def test_a_listener_whose_caller_has_gone_is_sent_away_to_rest(line: FakeLine) -> None:
    caller, robins = await talk(line)

    assert await killed_and_started_again(line, lambda: line.telephony.loses(caller)) is None
    assert line.telephony.ordered("send_away") == [robins]
    assert line.open_talks() == []
    assert line.rests("robin")


async def test_when_all_channels_are_gone_nothing_is_left_open(line: FakeLine) -> None:
    caller, robins = await talk(line)
    hang_up = line.telephony.hangs_up
    await killed_and_started_again(line, lambda: hang_up(robins), lambda: hang_up(caller))

    assert (line.open_talks(), line.open_offers(), stages(line)) == ([], [], [CallStage.ENDED])


async def test_a_ring_that_was_lost_leaves_the_listener_free(line: FakeLine) -> None:
    await line.a_caller_waits()
    robins = await line.is_rung("robin")
    await killed_and_started_again(line, lambda: line.telephony.fails(robins))

    assert line.open_offers() == []


async def test_a_phone_that_rings_for_a_line_that_died_is_silenced(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    robins = await line.is_rung("robin")
    await killed_and_started_again(line, lambda: line.telephony.loses(live.caller.id))

    assert line.telephony.ordered("drop") == [robins]
    assert line.desk.last_look.corrected == {Correction.CALL_ENDED: 1, Correction.RING_SILENCED: 1}


async def test_a_live_call_whose_end_we_missed_is_ended(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    await settled()
    line.telephony.loses(live.caller.id)

    await reconcile(line.desk)

    assert await eventually(lambda: live.call.phase is Phase.ENDED)
    assert await eventually(lambda: line.desk.calls == {})


# ---- what is alive


async def test_a_conversation_goes_on_and_nobody_is_asked_to_do_anything(line: FakeLine) -> None:
    caller, robins = await talk(line)
    live = await killed_and_started_again(line)

    assert live
    assert (live.call.phase, live.call.listeners) == (Phase.TALKING, (ROBIN,))
    assert live.caller.id == caller
    assert {one: leg.id for one, leg in live.talkers.items()} == {ROBIN: robins}
    assert line.telephony.orders == []


async def test_a_caller_who_said_yes_is_heard_again(line: FakeLine) -> None:
    await talk(line, listening=True)
    await killed_and_started_again(line)

    assert line.telephony.ordered("hear") == [ONE]


@pytest.mark.slow
async def test_the_listener_learns_when_the_machine_cannot_hear_after_all(line: FakeLine) -> None:
    _, robins = await talk(line, listening=True)
    line.ears.listens = False
    await killed_and_started_again(line)

    assert line.telephony.ordered("hear") == []
    assert await eventually(lambda: line.telephony.ordered("whisper") == [robins])


async def test_an_adopted_conversation_ends_as_any_other(line: FakeLine) -> None:
    caller, _ = await talk(line)
    await killed_and_started_again(line)
    line.telephony.late_by = 0.05
    line.telephony.hangs_up(caller)

    assert await eventually(lambda: not line.open_talks())
    assert line.rests("robin")
    assert stages(line) == [CallStage.ENDED]


async def test_the_listener_of_an_adopted_conversation_can_press_keys(line: FakeLine) -> None:
    _, robins = await talk(line)
    live = await killed_and_started_again(line)
    for key in "*31":
        line.telephony.presses(robins, key)

    assert live
    assert await eventually(lambda: line.engine.raised)


async def test_two_listeners_of_one_call_are_both_adopted(line: FakeLine) -> None:
    _, robins = await talk(line)
    for key in "*11":
        line.telephony.presses(robins, key)
    await line.takes("wren")
    await settled()
    live = await killed_and_started_again(line)

    assert live
    assert live.call.listeners == (ROBIN, "listener-wren")


async def test_a_caller_who_waits_alone_is_fetched_and_waits_with_us(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    await settled()
    adopted = await killed_and_started_again(line, lambda: line.telephony.waits_alone(live.caller.id))

    assert adopted
    assert adopted.call.phase is Phase.WAITING
    assert line.telephony.ordered("bring_back") == [live.caller.id]


async def test_the_callers_yes_is_remembered_and_so_is_the_silence(line: FakeLine) -> None:
    waiting, _ = await line.a_caller_waits(listening=True)
    await settled()
    adopted = await killed_and_started_again(line, lambda: line.telephony.waits_alone(waiting.caller.id))

    assert adopted
    assert adopted.call.listening


async def test_a_caller_who_dialled_while_the_line_was_away_is_fetched(line: FakeLine) -> None:
    caller = line.telephony.dials(CALLERS_PHONE, waits_alone=True)
    await killed_and_started_again(line)

    assert line.telephony.ordered("bring_back") == [caller.id]
    assert line.desk.last_look.corrected == {Correction.CALLER_FETCHED: 1}


async def test_a_caller_whom_the_dialplan_has_brought_to_somebody_is_left_there(line: FakeLine) -> None:
    line.telephony.dials(CALLERS_PHONE)
    await killed_and_started_again(line)

    assert line.telephony.orders == []


async def test_a_caller_who_is_gone_in_the_moment_of_being_fetched_is_no_error(line: FakeLine) -> None:
    line.telephony.dials(CALLERS_PHONE, waits_alone=True)
    line.telephony.refuses.add("bring_back")

    await killed_and_started_again(line)

    assert len(line.telephony.ordered("bring_back")) == 1
    assert not line.desk.last_look.corrected


async def test_one_caller_who_cannot_be_fetched_does_not_keep_the_others_waiting(line: FakeLine) -> None:
    """Nor does it stop what else is to be brought together."""
    _, robins = await talk(line)
    other, _ = await line.a_caller_waits("two")
    line.telephony.refuses.add("bring_back")
    lose = line.telephony.loses
    await line.is_killed()
    lose(robins)
    lose(other.caller.id)

    with suppress(ActionRefused):
        await line.starts_again()

    assert CallStage.ENDED in stages(line)


async def test_a_caller_whose_listener_has_gone_gets_another_one(line: FakeLine) -> None:
    caller, robins = await talk(line)
    telephony = line.telephony
    live = await killed_and_started_again(
        line, lambda: telephony.hangs_up(robins), lambda: telephony.waits_alone(caller)
    )

    assert live
    assert (live.call.phase, live.call.listeners) == (Phase.WAITING, ())
    assert line.telephony.ordered("bring_back") == [caller]
    assert line.open_talks() == []
    assert line.rests("robin")


async def test_a_caller_who_was_not_joined_yet_is_joined_to_the_listener_who_is_there(line: FakeLine) -> None:
    """Killed between the two orders: the Listener is in the conversation, the caller with the dialplan."""
    caller, robins = await talk(line)
    live = await killed_and_started_again(line, lambda: line.telephony.waits_alone(caller))

    assert live
    together = line.telephony.ordered("join_talk") == [caller] and live.call.phase is Phase.TALKING
    apart = line.telephony.ordered("send_away") == [robins] and line.open_talks() == []
    assert together or apart


async def test_a_listener_who_joins_a_call_that_rings_for_somebody_else_by_now_is_sent_away(line: FakeLine) -> None:
    """Took the call from a line that was killed in the same second."""
    waiting, _ = await line.a_caller_waits()
    robins = await line.is_rung("robin")
    await line.answers(robins, "1")
    await killed_and_started_again(line, lambda: line.telephony.waits_alone(waiting.caller.id))
    line.telephony.joins(robins)

    assert await eventually(lambda: line.telephony.ordered("send_away") == [robins], 0.5)


# ---- again and again


async def test_to_look_again_changes_nothing(line: FakeLine) -> None:
    await talk(line, listening=True)
    live = await killed_and_started_again(line)
    line.telephony.orders.clear()
    corrected = line.desk.last_look.corrected.copy()

    await reconcile(line.desk)
    await settled()

    assert line.desk.calls == {ONE: live}
    assert line.telephony.orders == []
    assert line.desk.last_look.corrected == corrected == {Correction.CALL_ADOPTED: 1}


async def test_an_order_to_join_that_was_lost_is_given_again(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    line.telephony.refuses.add("join_talk")
    await line.takes("robin")
    await settled()
    line.telephony.refuses.clear()
    assert isinstance(live.mouth, FakeMouth)

    await reconcile(line.desk)

    assert line.telephony.ordered("join_talk") == [live.caller.id, live.caller.id]
    assert line.desk.last_look.corrected == {Correction.JOIN_ORDERED_AGAIN: 1}


async def test_a_caller_who_is_on_the_way_into_the_conversation_is_not_sent_again(line: FakeLine) -> None:
    """The look at the channels may be older than the order: a second one would throw the two out and in again."""
    await talk(line)
    caller = line.telephony.ordered("join_talk")[0]
    line.telephony._channels[LegId(caller)].in_talk = False  # as it was before the order

    await reconcile(line.desk)

    assert line.telephony.ordered("join_talk") == [caller]


async def test_a_ring_of_ours_that_goes_on_is_left_alone(line: FakeLine) -> None:
    await line.a_caller_waits()
    await line.is_rung("robin")

    await reconcile(line.desk)

    assert line.offers() == [("robin", None)]


async def test_a_listener_who_hangs_up_while_the_call_is_taken_over_leaves_no_caller_talking_with_nobody(
    line: FakeLine,
) -> None:
    _, robins = await talk(line)
    live = await killed_and_started_again(line)
    assert live
    assert live.call.phase is Phase.TALKING
    line.telephony.loses(robins)
    await reconcile(line.desk)
    await settled()

    assert line.telephony.ordered("bring_back") == [live.caller.id]
    assert live.call.phase is Phase.LEFT
    assert line.open_talks() == []
    assert line.rests("robin")


async def test_a_listener_who_came_in_while_the_link_was_down_is_not_left_waiting_for_the_caller(
    line: FakeLine,
) -> None:
    live, _ = await line.a_caller_waits()
    robins = await line.is_rung("robin")
    assert (await line.answers(robins, "1")).took
    line.telephony._channels[robins].in_talk = True  # and nobody was told
    await settled()
    assert line.telephony.ordered("join_talk") == []
    for _ in range(2):
        await reconcile(line.desk)

    assert await eventually(lambda: line.telephony.ordered("join_talk") == [live.caller.id])
    assert live.call.listeners == (ROBIN,)
    assert await eventually(lambda: stages(line) == [CallStage.TALKING])


async def test_an_offer_that_nobody_rings_for_does_not_keep_the_listener_from_others(line: FakeLine) -> None:
    """A search that was stopped while it wrote it, or an end that could not be written; and the call goes on."""
    await talk(line)
    with line.database.transaction() as session:
        listeners.offer(session, ONE, listener=ListenerId("listener-wren"), seat=Seat.SECOND, now=now())
    await reconcile(line.desk)
    assert line.open_offers() == ["listener-wren"]  # it may be just being written
    await reconcile(line.desk)

    assert line.offers()[-1] == ("wren", OfferEnd.LOST)
    assert line.desk.last_look.corrected == {Correction.OFFER_ENDED: 1}


# ---- what speech hears


async def test_a_caller_who_waits_again_is_heard_no_more(line: FakeLine) -> None:
    """The line died before it could say so: the dialplan has told the caller that no computer listens."""
    caller, robins = await talk(line, listening=True)
    live = await killed_and_started_again(
        line, lambda: line.telephony.hangs_up(robins), lambda: line.telephony.waits_alone(caller)
    )

    assert live
    assert live.call.phase is Phase.WAITING
    assert line.ears.forgotten == [ONE]


async def test_what_speech_hears_of_a_call_that_is_no_conversation_is_forgotten(line: FakeLine) -> None:
    await line.a_caller_waits(listening=True)
    await settled()
    line.ears.heard = frozenset({ONE, CallId("call-of-another-node")})

    await reconcile(line.desk)

    assert line.ears.forgotten == [ONE]
    assert line.desk.last_look.corrected == {Correction.HEARING_ENDED: 1}


async def test_a_conversation_that_may_be_heard_is_not_forgotten(line: FakeLine) -> None:
    await talk(line, listening=True)
    line.ears.heard = frozenset({ONE})

    await reconcile(line.desk)

    assert line.ears.forgotten == []


async def test_a_conversation_that_nobody_agreed_to_have_heard_is_forgotten(line: FakeLine) -> None:
    await talk(line)
    line.ears.heard = frozenset({ONE})

    await reconcile(line.desk)

    assert line.ears.forgotten == [ONE]


async def test_a_conversation_that_is_heard_already_is_not_begun_anew(line: FakeLine) -> None:
    await talk(line, listening=True)
    line.ears.heard = frozenset({ONE})
    live = await killed_and_started_again(line)

    assert live
    assert live.call.listening
    assert line.telephony.ordered("hear") == []


# ---- staff


def staffed(line: FakeLine) -> Engine:
    """A phone at each post, and a real engine that rings them, as a line that has just begun has one."""
    with line.database.transaction() as session:
        if session.get(tables.Phone, phone_of(Post.HEALTHCARE)) is None:
            a_phone_at_each_post(session)
    staff, nobody = StaffRinger(line.telephony, line.ports.errands), SilentPhones()
    engine = Engine(line.database, staff, console=nobody, people=nobody, unreachable=frozenset, node=ALONE)
    staff.orders = engine
    line.ports = replace(line.ports, engine=engine, being_told=staff.being_told)
    return engine


async def raised(line: FakeLine, cause: Cause) -> EscalationId:
    """By a line that is not told any more what becomes of phones."""
    engine = staffed(line)
    line.telephony.is_told_to_nobody()
    line.desk.ports = line.ports
    site, profile = line.ports.site, a_profile()
    raising = Raise(site=site, cause=cause, profile=profile, call=ONE, phone=CALLERS_PHONE)
    escalation = await engine.raise_escalation(raising, now())
    await settled()
    return escalation


def rung_some_time_ago(line: FakeLine) -> None:
    with line.database.transaction() as session:
        session.execute(update(tables.Telling).values(rang_at=now() - timedelta(seconds=9)))


async def looks_twice(line: FakeLine) -> None:
    """As if between both so much time had gone by as there is."""
    await reconcile(line.desk)
    missed = line.desk.last_look.missed
    missed._since = {one: since - 3 for one, since in missed._since.items()}
    await reconcile(line.desk)
    await settled()


def ringing_at(line: FakeLine, *posts: Post) -> list[LegId]:
    return [leg for post in posts for leg in line.telephony.rings_of(phone_of(post))]


async def test_staff_whose_phones_rang_in_an_asterisk_that_was_killed_are_rung_again_when_it_is_back(
    line: FakeLine,
) -> None:
    await line.a_caller_waits()
    await raised(line, Cause.DANGER_NOW)
    rung = ringing_at(line, Post.CONTROL_ROOM, Post.HEALTHCARE)
    for leg in rung:
        line.telephony.loses(leg)
    rung_some_time_ago(line)
    await looks_twice(line)

    again = ringing_at(line, Post.CONTROL_ROOM, Post.HEALTHCARE)
    assert (len(rung), len(again)) == (2, 2)
    assert not set(rung) & set(again)
    assert line.desk.last_look.corrected[Correction.TELLING_ENDED] == 2


async def test_whoever_decides_is_asked_again_and_what_was_disclosed_is_not_lost(line: FakeLine) -> None:
    await line.a_caller_waits()
    escalation = await raised(line, Cause.PERSON_AT_RISK)
    (leaders,) = ringing_at(line, Post.SCHEME_LEADER)
    line.telephony.loses(leaders)
    rung_some_time_ago(line)
    await looks_twice(line)

    assert ringing_at(line, Post.SCHEME_LEADER) not in ([], [leaders])
    assert line.database.do(lambda session: session.get_one(tables.Escalation, escalation).deciding)


async def test_a_phone_of_staff_that_was_missed_once_may_be_about_to_ring(line: FakeLine) -> None:
    await line.a_caller_waits()
    await raised(line, Cause.CALLER_ASKED)
    for leg in ringing_at(line, Post.CONTROL_ROOM, Post.HEALTHCARE):
        line.telephony.loses(leg)
    rung_some_time_ago(line)
    for _look in range(2):
        await reconcile(line.desk)
    await settled()

    assert ringing_at(line, Post.CONTROL_ROOM, Post.HEALTHCARE) == []
    assert not line.desk.last_look.corrected


async def test_phones_of_staff_that_ring_are_left_alone(line: FakeLine) -> None:
    await line.a_caller_waits()
    await raised(line, Cause.DANGER_NOW)
    rung = ringing_at(line, Post.CONTROL_ROOM, Post.HEALTHCARE)
    rung_some_time_ago(line)
    await looks_twice(line)

    assert rung
    assert ringing_at(line, Post.CONTROL_ROOM, Post.HEALTHCARE) == rung


async def test_a_yes_after_a_restart_says_where_the_caller_is_and_whoever_is_in_the_call_hears_it(
    line: FakeLine,
) -> None:
    _, robins = await talk(line)
    escalation = await raised(line, Cause.PERSON_AT_RISK)
    (leaders,) = ringing_at(line, Post.SCHEME_LEADER)
    await line.is_killed()
    engine = staffed(line)
    await line.starts_again()
    live = line.desk.calls[ONE]
    assert live.escalations == {escalation}
    assert escalations(line) == [None]
    await engine.telling_ended(TellingId(leaders), TellingEnd.ACKNOWLEDGED, now())

    assert escalations(line) == ["cell-A1"]
    assert await eventually(lambda: robins in line.telephony.ordered("whisper"))


def escalations(line: FakeLine) -> list[str | None]:
    return line.asked(select(tables.Escalation.cell_id))
