"""Whatever the profile, the order of events and the kills: nothing is lost, doubled, stopped early, or told too much.

WINGLINE_ESCALATION_EXAMPLES=6200 makes the hundred thousand steps of docs/escalation-figures.md.
"""

import asyncio
import os
import shutil
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from builders import NOON
from escalation_world import PHONES, PROFILE, Killed, World, a_line, a_staffed_prison, raising
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from escalation.case import Acknowledged, AtDoor, Closed, HandedOver, Spoken
from escalation.person import Person
from escalation.profile import PROTOCOL, Deciding, Disclosing, Profile, Protocol, Step, Undecided
from escalation.triage import NOT_FOR_THE_CALLER
from models import tables
from models.database import Database
from models.words import CallId, Cause, Condition, EscalationId, Fact, PhoneId, Post, TellingEnd

EXAMPLES = int(os.environ.get("WINGLINE_ESCALATION_EXAMPLES", "25"))
LONGEST = timedelta(hours=1)
CAUSES = st.sampled_from([cause for cause in Cause if cause not in {Cause.DRILL, Cause.LINE_BROKEN}])
POSTS = st.sampled_from([Post.CONTROL_ROOM, Post.HEALTHCARE, Post.ORDERLY_OFFICER, Post.DUTY_OFFICE, Post.SAFEGUARDING])
SECONDS = st.integers(1, 90)
STEPS = st.lists(
    st.builds(Step, st.lists(POSTS, min_size=1, max_size=3, unique=True).map(tuple), SECONDS), min_size=1, max_size=3
).map(tuple)
DECIDING = st.none() | st.builds(Deciding, st.just(Post.SCHEME_LEADER), SECONDS, st.sampled_from(Undecided))


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    steps = draw(STEPS)
    told = sorted({post for step in steps for post in step.posts})
    groups = draw(st.lists(st.lists(st.sampled_from(told), min_size=1, unique=True).map(tuple), max_size=2).map(tuple))
    door, spoken, closed = sorted(draw(st.lists(st.integers(1, 3000), min_size=3, max_size=3)))
    return Protocol(steps, door_within=door, spoken_within=spoken, closed_within=closed, acknowledge=groups)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Any rules at all: which protocol a cause starts, what it tells, and who is asked first."""
    rules = {name: draw(protocols()) for name in ("one", "two")}
    disclosures = {
        cause: Disclosing(
            draw(st.sampled_from(sorted(rules))), draw(st.frozensets(st.sampled_from(Fact))), draw(DECIDING)
        )
        for cause in Cause
    }
    return replace(PROFILE, protocols=rules, disclosures=disclosures)


class Escalations(RuleBasedStateMachine):
    # Of all examples together; the invariants are looked at once before the first of each.
    steps = 0

    @initialize(profile=profiles())
    def begin(self, profile: Profile) -> None:
        self.profile = profile
        self.folder = Path(tempfile.mkdtemp())
        self.database = Database(f"sqlite:///{self.folder / 'wingline.db'}")
        tables.Base.metadata.create_all(self.database.engine)
        self.database.do(a_staffed_prison)
        self.loop = asyncio.new_event_loop()
        self.world = World(person=Person("A1234BC", "Sam"))
        self.now: datetime = NOON
        self.line = a_line(self.database, self.world)
        self.raised_in: set[str] = set()
        Escalations.steps -= 1

    @rule(cause=CAUSES, call=st.sampled_from(["call-one", "call-two"]))
    def raised(self, cause: Cause, call: str) -> None:
        # Rows in the order in which they were raised, so that a failure can be played again.
        self.now += timedelta(milliseconds=1)
        self.raised_in.add(call)
        given = replace(raising(cause, call), profile=self.profile)
        self.act(self.line.raise_escalation(given, self.now))

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
    def staff_close(self, *, spoken: bool, first: bool) -> None:
        for row in self.open_rows()[: 1 if first else 2]:
            self.act(self.line.close(EscalationId(row.id), Closed("officer", spoken), self.now))

    @rule(post=st.none() | POSTS, what=st.sampled_from([Acknowledged, AtDoor, Spoken, HandedOver]))
    def staff_do_something(self, post: Post | None, what: type[Acknowledged | AtDoor | Spoken | HandedOver]) -> None:
        event = what("officer", post) if issubclass(what, Acknowledged | AtDoor) else what("officer")
        for row in self.open_rows():
            self.act(self.line.happened(EscalationId(row.id), event, self.now))

    @rule(call=st.sampled_from(["call-one", "call-two"]), condition=st.sampled_from(Condition))
    def the_listener_says_how_they_are(self, call: str, condition: Condition) -> None:
        self.act(self.line.learn(CallId(call), condition, self.now))

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
        """Within a round of the protocol, whenever one of its phones can be rung; unless it is decided not to tell."""
        self.world.dies_in, self.world.unreachable = None, set()
        for row in self.open_rows():
            told = self.tellings_of(row.id)
            for _ in range(6):
                self.now += LONGEST
                self.act(self.line.tick(self.now))
            stopped = self.was_not_to_be_told(row.id) or self.is_told_with_another(row.id)
            assert self.tellings_of(row.id) > told or stopped

    @invariant()
    def counted(self) -> None:
        Escalations.steps += 1

    @invariant()
    def none_is_lost_and_none_doubled(self) -> None:
        """Each call that raised has an escalation that its call or its door joined, and no two open ones.

        What others are told of somebody else stands beside what is told of the caller, and so does what somebody is
        asked about first, until they have decided.
        """
        rows = self.rows()
        open_calls = [
            (row.call_id, row.deciding, row.cause if row.cause in NOT_FOR_THE_CALLER else "")
            for row in rows
            if row.closed_at is None
        ]
        assert len(open_calls) == len(set(open_calls))
        if self.raised_in:
            assert rows

    @invariant()
    def it_stops_only_after_somebody_has_spoken_or_it_was_decided(self) -> None:
        """Or it is told with another, by a decision or in place of one; then it told nobody by itself."""
        for row in self.rows():
            if row.closed_at is not None and (row.spoken_at is not None) == (row.outcome == "not_told"):
                assert PROTOCOL.validate_python(row.protocol).decided_by
                assert (row.outcome, row.spoken_at, row.cell_id) == (None, None, None)

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
    def only_those_are_rung_whom_the_rule_names_and_only_while_they_are_wanted(self) -> None:
        rows = {row.id: row for row in self.open_rows()}
        for escalation, phone in self.world.ringing.values():
            row = rows[escalation]
            rule = PROTOCOL.validate_python(row.protocol)
            decider = rule.decided_by.post if rule.decided_by else None
            named = {decider} if row.deciding else {post for step in rule.steps for post in step.posts}
            assert phone.removeprefix("phone-") in named
            assert row.deciding or row.spoken_at or not row.acknowledged_at or rule.acknowledge

    @invariant()
    def nothing_is_told_that_the_rule_does_not_allow(self) -> None:
        for row in self.rows():
            tells = PROTOCOL.validate_python(row.protocol).tells
            assert not row.deciding or row.cell_id is None
            assert row.outcome != "not_told" or row.cell_id is None
            # A graver rule may tell less than the one before; what staff know already they know.
            if row.round == 0:
                assert row.cell_id is None or Fact.LOCATION in tells
                assert row.prison_number is None or Fact.PRISON_NUMBER in tells
                assert row.preferred_name is None or Fact.PREFERRED_NAME in tells

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

    def rows(self) -> list[tables.Escalation]:
        asked = select(tables.Escalation).order_by(tables.Escalation.raised_at)
        return self.database.do(lambda session: list(session.scalars(asked)))

    def open_rows(self) -> list[tables.Escalation]:
        return [row for row in self.rows() if row.closed_at is None]

    def was_not_to_be_told(self, escalation: str) -> bool:
        return any(row.id == escalation and row.outcome == "not_told" for row in self.rows())

    def is_told_with_another(self, escalation: str) -> bool:
        row = next(row for row in self.rows() if row.id == escalation)
        return row.closed_at is not None and row.spoken_at is None and row.outcome is None

    def tellings_of(self, escalation: str) -> int:
        asked = select(func.count()).where(tables.Telling.escalation_id == escalation)
        return self.database.do(lambda session: session.scalar(asked)) or 0


TestEscalations = Escalations.TestCase
TestEscalations.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


def teardown_module() -> None:
    print(f"\n{Escalations.steps} steps")  # noqa: T201  for docs/escalation-figures.md
