"""Any sequence of publications, movements, leave, swaps and cover: no rule broken, nobody twice, no shift lost."""

import os
import shutil
import tempfile
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from rota_world import PRISON, a_prison
from sqlalchemy import select
from sqlalchemy.orm import Session

from listeners.movements import Movement, Source
from listeners.movements_store import record
from models import tables
from models.database import Database
from models.errors import NotAllowed
from models.migrate import migrate
from models.words import AbsenceKind, ListenerId, MovementKind
from rota import own_shifts, site_rota, swaps
from rota.leave import take_leave
from rota.person import Span
from rota.problem import Problem
from rota.rules import Limits
from rota.scheme import Scheme
from rota.site_rota import By, RotaBreaksRules
from rota.slot import Pattern
from rota.solution import Effort
from rota.solver import solve
from rota.store import shifts_between

TEAM = ("heron", "kestrel", "owl", "robin", "wren", "linnet")
LISTENERS = st.sampled_from([ListenerId(f"listener-{name}") for name in TEAM])
SCHEME = Scheme(
    patterns=[
        Pattern(name="night", starts=time(22), ends=time(2), first=1, backup=1),
        Pattern(name="day", starts=time(10), ends=time(13), weekdays=frozenset({0, 2, 4})),
    ],
    limits=Limits(nights_in_a_row=3, weekly_minutes=960),
    new_for=timedelta(days=30),
)
HOUR = timedelta(hours=1)
DAYS = 6
# 10,000 steps take some minutes: WINGLINE_ROTA_EXAMPLES=200. The start is the week of a clock change.
EXAMPLES = int(os.environ.get("WINGLINE_ROTA_EXAMPLES", "12"))
hours = st.integers(-10, 150)


@cache
def migrated() -> Path:
    file = Path(tempfile.mkdtemp()) / "migrated.db"
    migrate(f"sqlite:///{file}")
    return file


class ARota(RuleBasedStateMachine):
    """The database against what may be: (slot, Listener) of every shift that has not begun."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.database = Database(f"sqlite:///{shutil.copy(migrated(), self.folder)}")
        self.now = datetime(2026, 3, 25, 9, tzinfo=UTC)
        with self.database.transaction() as session:
            a_prison(session, *TEAM)
        self.expected: set[tuple[str, str]] = set()

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            shutil.rmtree(self.folder)

    def problem(self, session: Session) -> Problem:
        tomorrow = self.now.date() + timedelta(days=1)
        return site_rota.problem_of(session, PRISON, SCHEME, since=tomorrow, days=DAYS)

    def shifts(self, session: Session) -> set[tuple[str, str]]:
        rows = session.scalars(select(tables.Shift).where(tables.Shift.starts_at > self.now))
        return {(row.slot or "", row.listener_id) for row in rows}

    def forget_the_past(self, session: Session) -> None:
        begun = {
            (row.slot or "", row.listener_id)
            for row in session.scalars(select(tables.Shift).where(tables.Shift.starts_at <= self.now))
        }
        self.expected -= begun

    @rule(hours_=st.integers(1, 30))
    def time_goes_on(self, hours_: int) -> None:
        self.now += hours_ * HOUR
        with self.database.transaction() as session:
            self.forget_the_past(session)

    @rule()
    def a_rota_is_made_and_published(self) -> None:
        by = By("ann", self.now)
        with self.database.transaction() as session:
            problem = self.problem(session)
            found = solve(problem, Effort(seconds=1, near_enough=0.5))
            draft = site_rota.draft(session, PRISON, site_rota.keep_draft(session, PRISON, problem, found.assigned, by))
            site_rota.publish(session, PRISON, problem, draft, by)
            self.expected = {pair for pair in self.expected if pair[0] not in problem.slot}
            self.expected |= {(one.slot, one.listener) for one in found.assigned}

    @rule()
    def an_old_draft_is_published_if_it_still_can_be(self) -> None:
        with self.database.transaction() as session:
            try:
                draft = site_rota.draft(session, PRISON)
            except Exception:  # noqa: BLE001 - there is none yet
                return
            since, until = draft.since.date(), draft.until.date()
            if draft.since <= self.now:
                return
            problem = site_rota.problem_of(session, PRISON, SCHEME, since=since, days=(until - since).days)
            try:
                site_rota.publish(session, PRISON, problem, draft, By("ann", self.now))
            except (RotaBreaksRules, NotAllowed):
                return
            self.expected = {pair for pair in self.expected if pair[0] not in problem.slot}
            self.expected |= {(one.slot, one.listener) for one in draft.assigned}

    @rule(
        listener=LISTENERS,
        kind=st.sampled_from([MovementKind.COURT, MovementKind.HOSPITAL, MovementKind.SEGREGATION]),
        begins=hours,
        lasts=st.integers(1, 60),
    )
    def somebody_is_moved(self, listener: ListenerId, kind: MovementKind, begins: int, lasts: int) -> None:
        since = self.now + begins * HOUR
        movement = Movement(listener=listener, kind=kind, since=since, until=since + lasts * HOUR)
        self._freed(listener, Span(movement.since, movement.until))
        with self.database.transaction() as session:
            record(session, PRISON, movement, source=Source.CSV, now=self.now)

    @rule(listener=LISTENERS, begins=hours, lasts=st.integers(1, 60))
    def somebody_takes_leave(self, listener: ListenerId, begins: int, lasts: int) -> None:
        span = Span(self.now + begins * HOUR, self.now + (begins + lasts) * HOUR)
        self._freed(listener, span)
        with self.database.transaction() as session:
            take_leave(session, listener, AbsenceKind.LEAVE, span, now=self.now)

    def _freed(self, listener: ListenerId, span: Span) -> None:
        with self.database.transaction() as session:
            gone = {
                (row.slot or "", row.listener_id)
                for row in session.scalars(select(tables.Shift).where(tables.Shift.listener_id == listener))
                if span.touches(row.starts_at, row.ends_at)
            }
        self.expected -= gone

    @precondition(lambda self: self.expected)
    @rule(which=st.integers(0, 10**6), other=LISTENERS)
    def a_shift_is_swapped_if_the_rules_allow_it(self, which: int, other: ListenerId) -> None:
        slot, mine = sorted(self.expected)[which % len(self.expected)]
        with self.database.transaction() as session:
            shift = session.scalars(
                select(tables.Shift).where(tables.Shift.slot == slot, tables.Shift.listener_id == mine)
            ).one()
            swap = swaps.ask(session, PRISON, shift.id, now=self.now)
            around = swaps.around(session, PRISON, SCHEME, shift.id)
            try:
                forbidden = swaps.accept(session, around, swap, other, now=self.now)
            except NotAllowed:
                swaps.withdraw(session, swap, now=self.now)
                return
            if forbidden:
                return
            swaps.approve(session, around, swap, who="rule", now=self.now)
        self.expected -= {(slot, mine)}
        self.expected |= {(slot, other)}

    @rule(listener=LISTENERS, which=st.integers(0, 10**6))
    def somebody_covers_an_empty_seat(self, listener: ListenerId, which: int) -> None:
        with self.database.transaction() as session:
            able = own_shifts.to_take(session, PRISON, SCHEME, listener, now=self.now)
            seats = [one.slot for one in able if one.slot and one.starts_at > self.now]
            if not seats:
                return
            slot = seats[which % len(seats)]
            assert own_shifts.take(session, PRISON, SCHEME, listener, slot) == ()
        self.expected |= {(slot, listener)}

    @invariant()
    def no_shift_is_lost_and_none_comes_from_nowhere(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.transaction() as session:
            assert self.shifts(session) == self.expected

    @invariant()
    def no_hard_rule_is_broken_and_nobody_is_on_two_shifts_at_once(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.transaction() as session:
            problem = self.problem(session)
            wrong = site_rota.what_is_broken(problem, problem.published)
            rows = shifts_between(session, PRISON, since=self.now - 48 * HOUR, until=self.now + 400 * HOUR)
        assert wrong == ()
        for one in rows:
            for other in rows:
                if one.id != other.id and one.listener == other.listener:
                    assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at


TestARota = ARota.TestCase
TestARota.settings = settings(max_examples=EXAMPLES, stateful_step_count=50, deadline=None)
