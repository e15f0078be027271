"""Whatever servers, kills and officers do: what is open is not given up, not forgotten, and has left in the end."""

import asyncio
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from builders import NOON, SITE
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from outbox_world import CONTACTS, ESCALATION, a_prison_in_need, an_escalation, close, rows, told

from escalation import outbox
from escalation.contacts import Contact, Way
from escalation.messages import Fault, News
from escalation.outbox import Outbox
from models import tables
from models.database import Database
from models.words import SiteId
from tests.fakes.sender import FakeSender

SITE_ID = SiteId(SITE)
LONGEST = timedelta(seconds=60)
CLOSED, OPEN = ESCALATION, "esc-2"
BY_NAME = {contact.name: contact for contact in CONTACTS}


class Messages(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.database = Database(f"sqlite:///{self.folder / 'wingline.db'}")
        tables.Base.metadata.create_all(self.database.engine)
        self.database.do(a_prison_in_need)
        self.database.do(lambda session: session.add(an_escalation(OPEN, call_id=None)))
        self.now: datetime = NOON
        self.sender = FakeSender()
        self.taken: set[str] = set()

    @rule(contact=st.sampled_from(CONTACTS), news=st.sampled_from(News), which=st.sampled_from([CLOSED, OPEN]))
    def something_happens(self, contact: Contact, news: News, which: str) -> None:
        told(self.database, [contact], news, now=self.now, escalation=which)

    @rule(fault=st.one_of(st.none(), st.sampled_from(Fault)), broken=st.booleans())
    def servers_change(self, *, fault: Fault | None, broken: bool) -> None:
        self.sender.fault, self.sender.broken = fault, broken

    @rule(seconds=st.sampled_from([0, 1, 2, 7, 30, 61, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        well = self.sender.fault is None and not self.sender.broken
        given = self.tick()
        self.taken |= {message.id for message in given} if well else set()

    @rule(sent=st.booleans())
    def killed_between_the_claim_and_the_row(self, *, sent: bool) -> None:
        """Before anything was sent, or when the server had it already."""
        for due in self.database.do(lambda session: outbox.ids_due(session, SITE_ID, self.now)):
            claimed = self.database.do(lambda session, one=due: outbox.claim(session, one, BY_NAME, self.now))
            if claimed and sent:
                self.taken.add(claimed.id)

    @rule()
    def one_of_the_two_is_closed(self) -> None:
        close(self.database, self.now, CLOSED)

    @rule()
    def servers_are_well_again(self) -> None:
        self.sender.fault, self.sender.broken = None, False
        self.now += LONGEST
        self.taken |= {message.id for message in self.tick()}
        assert all(row.sent_at for row in self.rows_of(OPEN))

    @invariant()
    def what_is_open_is_never_given_up_and_has_a_time(self) -> None:
        for row in self.rows_of(OPEN):
            assert row.given_up_at is None
            assert row.sent_at or (row.due_at and row.due_at <= self.now + LONGEST)

    @invariant()
    def what_is_over_is_over(self) -> None:
        for row in rows(self.database):
            assert (row.due_at is None) == bool(row.sent_at or row.given_up_at)
            assert not (row.sent_at and row.given_up_at)

    @invariant()
    def what_is_said_to_be_sent_was_taken(self) -> None:
        assert {row.id for row in rows(self.database) if row.sent_at} <= self.taken

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    def tick(self) -> list[outbox.Message]:
        async def once() -> None:
            box = Outbox(self.database, SITE_ID, CONTACTS, dict.fromkeys(Way, self.sender), clock=lambda *_: self.now)
            await box.tick(self.now)
            await box.until_idle()

        asyncio.run(once())
        return self.sender.takes_given()

    def rows_of(self, escalation: str) -> list[tables.Message]:
        return [row for row in rows(self.database) if row.escalation_id == escalation]


TestMessages = Messages.TestCase
TestMessages.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
