"""Whatever the order of events and kills: nothing open is forgotten, and no phone rings twice at a time."""

import asyncio
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from builders import NOON
from escalation_world import PHONES, PROFILE, Killed, World, a_line, a_staffed_prison, raising
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from escalation.protocol import Closed
from models import tables
from models.database import Database
from models.words import Cause, EscalationId, PhoneId, TellingEnd

LONGEST = timedelta(
    seconds=max(protocol.spoken_within for protocol in (PROFILE.protocols.visit, PROFILE.protocols.life))
)
CAUSES = st.sampled_from([Cause.CALLER_AGREED, Cause.CALLER_ASKED, Cause.DANGER_NOW, Cause.VISIT_ASKED])


class Escalations(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.database = Database(f"sqlite:///{self.folder / 'wingline.db'}")
        tables.Base.metadata.create_all(self.database.engine)
        self.database.do(a_staffed_prison)
        self.loop = asyncio.new_event_loop()
        self.world = World()
        self.now: datetime = NOON
        self.line = a_line(self.database, self.world)

    @rule(cause=CAUSES, call=st.sampled_from(["call-one", "call-two"]))
    def raised(self, cause: Cause, call: str) -> None:
        # Rows in the order in which they were raised, so that a failure can be played again.
        self.now += timedelta(milliseconds=1)
        self.act(self.line.raise_escalation(raising(cause, call), self.now))

    @rule(seconds=st.sampled_from([1, 5, 30, 61, 200, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.act(self.line.tick(self.now))

    @precondition(lambda self: self.world.ringing)
    @rule(draw=st.data(), end=st.sampled_from(TellingEnd))
    def staff_end_a_call(self, draw: st.DataObject, end: TellingEnd) -> None:
        telling = list(self.world.ringing)[draw.draw(st.sampled_from(range(len(self.world.ringing))))]
        del self.world.ringing[telling]
        self.act(self.line.telling_ended(telling, end, self.now))

    @rule(spoken=st.booleans(), first=st.booleans())
    def console_closes(self, *, spoken: bool, first: bool) -> None:
        for row in self.open_rows()[: 1 if first else 2]:
            self.act(self.line.close(EscalationId(row.id), Closed("officer", spoken), self.now))

    @rule()
    def console_acknowledges(self) -> None:
        for row in self.open_rows():
            self.act(self.line.acknowledge(EscalationId(row.id), "officer", self.now))

    @rule(phones=st.sets(st.sampled_from(PHONES)))
    def phones_come_and_go(self, phones: set[PhoneId]) -> None:
        self.world.unreachable = phones

    @rule(errands=st.integers(0, 3))
    def will_be_killed(self, errands: int) -> None:
        """Between a commit and its errands, or between two errands."""
        self.world.dies_in = errands

    @rule()
    def killed_while_nothing_happens(self) -> None:
        self.restart()

    @rule()
    def whoever_is_open_is_told_again(self) -> None:
        """Within a round of the protocol, whenever one of its phones can be rung."""
        self.world.dies_in, self.world.unreachable = None, set()
        for row in self.open_rows():
            told = self.tellings_of(row.id)
            for _ in range(6):
                self.now += LONGEST
                self.act(self.line.tick(self.now))
            assert self.tellings_of(row.id) > told

    @invariant()
    def what_is_open_has_a_time(self) -> None:
        for row in self.open_rows():
            assert row.due_at is not None
            assert row.due_at <= self.now + LONGEST

    @invariant()
    def what_rings_has_an_open_telling_and_the_other_way_round(self) -> None:
        asked = select(tables.Telling).where(tables.Telling.ended_at.is_(None))
        rows = self.database.do(lambda session: list(session.scalars(asked)))
        phones = [(row.escalation_id, row.phone_id) for row in rows]
        assert len(phones) == len(set(phones))
        assert {row.id for row in rows} == set(self.world.ringing)

    @invariant()
    def nobody_is_rung_for_what_is_closed_or_acknowledged(self) -> None:
        wanted = {row.id for row in self.open_rows() if row.acknowledged_at is None}
        assert {escalation for escalation, _ in self.world.ringing.values()} <= wanted

    def teardown(self) -> None:
        self.loop.close()
        self.database.close()
        shutil.rmtree(self.folder)

    def act(self, act: object) -> None:
        try:
            self.loop.run_until_complete(act)  # type: ignore[arg-type]  # any of the engine's coroutines
        except Killed:
            self.restart()

    def restart(self) -> None:
        self.world.dies_in = None
        self.line = a_line(self.database, self.world)
        self.act(self.line.recover(self.now))

    def open_rows(self) -> list[tables.Escalation]:
        asked = (
            select(tables.Escalation).where(tables.Escalation.closed_at.is_(None)).order_by(tables.Escalation.raised_at)
        )
        return self.database.do(lambda session: list(session.scalars(asked)))

    def tellings_of(self, escalation: str) -> int:
        asked = select(func.count()).where(tables.Telling.escalation_id == escalation)
        return self.database.do(lambda session: session.scalar(asked)) or 0


TestEscalations = Escalations.TestCase
TestEscalations.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
