"""Messages over real rows: sent beside each other, tried until they have left, and never twice at a time."""

import asyncio
import ssl
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import NOON, SITE, a_site
from outbox_world import (
    CONTACTS,
    DUTY,
    ESCALATION,
    PAGER,
    SCREEN,
    a_prison_in_need,
    an_escalation,
    close,
    rows,
    the_message,
    told,
)
from races import at_once
from sqlalchemy.orm import Session

from escalation import outbox
from escalation.by_webhook import ByWebhook
from escalation.contacts import Way
from escalation.messages import CLOSING_WORDS_FOR, Fault, Message, News
from escalation.outbox import Outbox
from models.clock import now, of_database
from models.database import Database
from models.words import Cause, SiteId
from tests.fakes.http_server import an_http_server
from tests.fakes.sender import FakeSender

SITE_ID = SiteId(SITE)
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def prison(database: Database) -> Database:
    database.do(a_prison_in_need)
    return database


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def an_outbox(database: Database, sender: FakeSender, now: datetime = NOON) -> Outbox:
    return Outbox(database, SITE_ID, CONTACTS, dict.fromkeys(Way, sender), clock=lambda *_: now)


def tick(database: Database, sender: FakeSender, seconds: float = 0) -> list[Message]:
    """One tick at that second, until all its tries have ended; what was given to be sent."""

    async def once() -> None:
        box = an_outbox(database, sender, after(seconds))
        await box.tick(after(seconds))
        await box.until_idle()

    asyncio.run(once())
    return sender.takes_given()


def test_each_contact_is_sent_a_message_of_its_own(prison: Database, sender: FakeSender) -> None:
    told(prison, CONTACTS)

    assert {message.contact for message in tick(prison, sender)} == set(CONTACTS)
    assert [(row.sent_at, row.due_at, row.tries) for row in rows(prison)] == [(NOON, None, 1)] * 3
    assert tick(prison, sender, 3600) == []


def test_a_sender_knows_the_place_only_if_the_contact_is_told_it(prison: Database, sender: FakeSender) -> None:
    told(prison, CONTACTS)

    given = tick(prison, sender)
    assert {message.contact.name: message.location for message in given} == {
        "screen": "B-2-014",
        "pager": None,
        "duty": None,
    }
    assert {(message.cause, message.step, message.round) for message in given} == {(Cause.DANGER_NOW, 1, 2)}


def test_a_sender_is_given_no_name_and_no_prison_number(prison: Database, sender: FakeSender) -> None:
    told(prison, CONTACTS)

    assert not any("Sam" in repr(message) or "A1234BC" in repr(message) for message in tick(prison, sender))


def test_what_fails_is_tried_again_with_the_same_id_until_it_has_left(prison: Database, sender: FakeSender) -> None:
    told(prison)
    sender.fault = Fault.NOT_NOW
    tried: list[int] = []
    ids: set[str] = set()
    for second in range(400):
        given = tick(prison, sender, second)
        tried += [second] * len(given)
        ids |= {message.id for message in given}
    assert tried == [0, 2, 6, 14, 30, 62, 122, 182, 242, 302, 362]
    assert the_message(prison).last_error == Fault.NOT_NOW

    sender.fault = None
    assert len(tick(prison, sender, 422)) == 1
    assert len(ids) == 1
    assert (the_message(prison).sent_at, the_message(prison).last_error) == (after(422), None)


@pytest.mark.parametrize("fault", Fault)
def test_no_fault_makes_it_give_up(prison: Database, sender: FakeSender, fault: Fault) -> None:
    told(prison)
    sender.fault = fault
    tick(prison, sender)

    assert the_message(prison).due_at == after(2)


def test_a_sender_that_breaks_is_a_fault_of_ours_and_it_is_tried_again(prison: Database, sender: FakeSender) -> None:
    told(prison)
    sender.broken = True
    tick(prison, sender)

    assert (the_message(prison).last_error, the_message(prison).due_at) == (Fault.OURS, after(2))


def test_a_server_that_hangs_keeps_nobody_elses_message_waiting(prison: Database, sender: FakeSender) -> None:
    told(prison, [PAGER])
    sender.hanging = {"pager"}

    async def two_ticks() -> None:
        box = an_outbox(prison, sender)
        await box.tick(NOON)
        told(prison, [SCREEN])
        await box.tick(after(1))
        async with asyncio.timeout(5):
            while not any(row.sent_at for row in rows(prison)):  # noqa: ASYNC110  rows have no event
                await asyncio.sleep(0.01)
        await box.stop()

    asyncio.run(two_ticks())

    assert {row.contact: row.sent_at for row in rows(prison)} == {"pager": None, "screen": NOON}


def test_a_message_that_cannot_be_made_does_not_silence_the_others(prison: Database, sender: FakeSender) -> None:
    prison.do(lambda session: session.add(an_escalation("esc-2", call_id=None, protocol={"steps": "broken"})))
    told(prison, escalation="esc-2")
    told(prison, now=after(1))

    assert [message.escalation for message in tick(prison, sender, 1)] == [ESCALATION]


def test_a_contact_that_has_gone_from_the_site_file_is_waited_for(prison: Database, sender: FakeSender) -> None:
    told(prison, [DUTY])

    async def without_contacts() -> None:
        await Outbox(prison, SITE_ID, [], dict.fromkeys(Way, sender), clock=lambda *_: NOON).tick(NOON)

    asyncio.run(without_contacts())

    assert (the_message(prison).last_error, the_message(prison).due_at) == (Fault.NO_CONTACT, after(2))
    assert len(tick(prison, sender, 2)) == 1


def test_another_site_on_the_same_database_sends_its_own(prison: Database, sender: FakeSender) -> None:
    prison.do(lambda session: session.add(a_site(id="site-other")))
    prison.do(lambda session: session.add(an_escalation("esc-2", site_id="site-other", call_id=None)))
    told(prison, escalation="esc-2")

    assert tick(prison, sender) == []


def test_when_it_is_closed_only_that_is_still_said(prison: Database, sender: FakeSender) -> None:
    told(prison)
    told(prison, news=News.ACKNOWLEDGED, now=after(1))
    close(prison, after(2))
    told(prison, news=News.CLOSED, now=after(2))

    assert [message.news for message in tick(prison, sender, 3)] == [News.CLOSED]
    assert [row.given_up_at for row in rows(prison)] == [after(3), after(3), None]
    assert [row.due_at for row in rows(prison)] == [None, None, None]


def test_that_it_is_closed_is_not_said_for_ever(prison: Database, sender: FakeSender) -> None:
    close(prison, NOON)
    told(prison, news=News.CLOSED)
    sender.fault = Fault.NOT_REACHED
    late = CLOSING_WORDS_FOR.total_seconds()

    assert len(tick(prison, sender, late - 1)) == 1
    assert tick(prison, sender, late + 60) == []
    assert the_message(prison).given_up_at == after(late + 60)


def test_while_it_is_open_it_is_tried_for_days(prison: Database, sender: FakeSender) -> None:
    told(prison)
    sender.fault = Fault.REFUSED
    for day in range(10):
        tick(prison, sender, day * 86400)

    assert the_message(prison).given_up_at is None
    assert the_message(prison).due_at == after(9 * 86400 + 60)


def test_whoever_was_told_is_whoever_hears_how_it_goes_on(prison: Database) -> None:
    told(prison, [SCREEN, DUTY])
    told(prison, [SCREEN])

    assert prison.do(lambda session: outbox.told_of(session, ESCALATION, CONTACTS)) == [SCREEN, DUTY]


def test_of_many_nodes_one_has_the_message(prison: Database) -> None:
    told(prison)
    due = outbox.MessageId(the_message(prison).id)

    def claim(session: Session) -> Message | None:
        return outbox.claim(session, due, {SCREEN.name: SCREEN}, NOON)

    assert len([one for one in at_once(prison, [claim] * 8) if one]) == 1
    assert the_message(prison).tries == 1


def test_a_failure_that_is_known_late_does_not_undo_what_another_node_did(prison: Database, sender: FakeSender) -> None:
    told(prison)
    due = outbox.MessageId(the_message(prison).id)
    first = prison.do(lambda session: outbox.claim(session, due, {SCREEN.name: SCREEN}, NOON))
    assert first
    (second,) = tick(prison, sender, 10)
    prison.do(lambda session: outbox.has_failed(session, first, Fault.TIMED_OUT, after(11)))

    assert second.tries == 2
    assert (the_message(prison).sent_at, the_message(prison).due_at) == (after(10), None)


# ---- whose clock it goes by

# A try by webhook takes at most 5 s, and its claim lasts 3 s longer.
SLOW = timedelta(seconds=30)


def a_slow_node(database: Database, sender: FakeSender) -> tuple[Outbox, datetime]:
    """As the line has it, on a machine whose clock is behind the database's; and what that clock says."""
    return Outbox(database, SITE_ID, CONTACTS, dict.fromkeys(Way, sender)), now() - SLOW


def test_a_node_whose_clock_is_slow_sends_at_once(prison: Database, sender: FakeSender) -> None:
    told(prison, now=prison.do(of_database))

    async def one_tick() -> None:
        box, its_time = a_slow_node(prison, sender)
        await box.tick(its_time)
        await box.until_idle()

    asyncio.run(one_tick())

    assert len(sender.given) == 1


def test_what_a_slow_node_is_sending_is_not_sent_by_another_as_well(prison: Database, sender: FakeSender) -> None:
    told(prison, now=prison.do(of_database) - 2 * SLOW)
    sender.hanging = {"screen"}

    async def two_nodes() -> None:
        slow, its_time = a_slow_node(prison, sender)
        other = Outbox(prison, SITE_ID, CONTACTS, dict.fromkeys(Way, sender))
        await slow.tick(its_time)
        await other.tick(now())
        await asyncio.gather(slow.stop(), other.stop())

    asyncio.run(two_nodes())

    assert the_message(prison).tries == 1


@pytest.mark.parametrize(("fault", "sent", "due"), [(None, 420, None), (Fault.NOT_NOW, None, 422)])
def test_what_came_of_a_try_is_written_by_the_same_clock(
    prison: Database, sender: FakeSender, fault: Fault | None, sent: int | None, due: int | None
) -> None:
    told(prison)
    sender.fault = fault

    async def one_tick() -> None:
        box = an_outbox(prison, sender, after(420))
        await box.tick(NOON)
        await box.until_idle()

    asyncio.run(one_tick())

    expected = tuple(seconds and after(seconds) for seconds in (sent, due))
    assert (the_message(prison).sent_at, the_message(prison).due_at) == expected


NODE = """
import asyncio, ssl, sys
from builders import NOON
from message_builders import a_contact
from escalation.by_webhook import ByWebhook
from escalation.contacts import Way
from escalation.outbox import Outbox
from models.database import Database

async def main(url, site, address, key):
    contact = a_contact("screen", address=address, secret="key")
    senders = {Way.WEBHOOK: ByWebhook({"key": key}, ssl.create_default_context())}
    box = Outbox(Database(url), site, [contact], senders, clock=lambda *_: NOON)
    await box.tick(NOON)
    await box.until_idle()

asyncio.run(main(*sys.argv[1:]))
"""


def test_a_node_that_is_killed_while_it_sends_is_taken_over(prison: Database, own_url: str) -> None:
    told(prison)
    with an_http_server() as server:
        server.hangs = True
        node = subprocess.Popen(
            [sys.executable, "-c", NODE, own_url, SITE, server.address, KEY], env={"PYTHONPATH": ":".join(sys.path)}
        )
        assert server.was_asked.wait(20)
        node.kill()
        node.wait(10)
        server.hangs = False
        for second in range(12):
            asyncio.run(_one_tick(prison, server.address, after(second)))

        first, second_try = server.posted
    assert first.headers["webhook-id"] == second_try.headers["webhook-id"] == the_message(prison).id
    assert (the_message(prison).tries, the_message(prison).sent_at) == (2, after(8))


async def _one_tick(database: Database, address: str, now: datetime) -> None:
    sender = ByWebhook({"key": KEY}, ssl.create_default_context())
    here = replace(SCREEN, address=address)
    box = Outbox(database, SITE_ID, [here], {Way.WEBHOOK: sender}, clock=lambda *_: now)
    await box.tick(now)
    await box.until_idle()


def test_through_500s_and_a_redirect_a_message_arrives_once(prison: Database) -> None:
    told(prison)
    with an_http_server() as server:
        server.answers = [500, 503, 302]
        for second in range(30):
            asyncio.run(_one_tick(prison, server.address, after(second)))

    assert len(server.posted) == 4
    assert len({posted.headers["webhook-id"] for posted in server.posted}) == 1
    assert b'"location":"B-2-014"' in server.posted[-1].body
    assert the_message(prison).sent_at == after(14)
