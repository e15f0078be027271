"""Plays a scenario with the real engine over real rows; only the phones and the clock are moved by hand."""

import asyncio
import heapq
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from escalation import store, triage
from escalation.case import Closed, Warn
from escalation.contacts import Contact
from escalation.disclosure import spoken
from escalation.engine import Engine
from escalation.person import Person
from escalation.ports import RING_FOR
from escalation.profile import Profile
from escalation.store import Raise
from models import tables
from models.database import Database
from models.words import (
    CallId,
    CallStage,
    Cause,
    EscalationId,
    NodeId,
    PhoneId,
    PhoneKind,
    SiteId,
    TellingEnd,
    TellingId,
)
from wingline.protocol.report import facts_in, found, seconds
from wingline.protocol.scenario import Does, EventPart, Scenario

SITE = SiteId("simulated")
_KEYS = {"1": TellingEnd.ACKNOWLEDGED, "3": TellingEnd.CANNOT_GO, "none": TellingEnd.NOT_CONFIRMED}


def simulate(profile: Profile, scenario: Scenario) -> dict[str, Any]:
    """Who is told what and when, in seconds from the beginning (docs/protocol-scenario.md)."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'simulated.db'}")
        try:
            tables.Base.metadata.create_all(database.engine)
            database.do(lambda session: _prison(session, scenario))
            return asyncio.run(_Simulation(database, profile, scenario).run())
        finally:
            database.close()


def _prison(session: Session, scenario: Scenario) -> None:
    site = {"name": "simulated", "zone": "UTC", "short_code": "100", "language": "en", "profile": "simulated"}
    session.add(tables.Site(id=SITE, **site))
    session.flush()
    session.add(tables.Wing(id="wing", site_id=SITE, name="Wing", letter="B"))
    session.flush()
    for name, caller in scenario.callers.items():
        session.add(tables.Cell(id=f"cell-{name}", wing_id="wing", location=caller.location))
        session.add(
            tables.Call(
                id=f"call-{name}", site_id=SITE, stage=CallStage.TALKING, language="en", began_at=scenario.starts
            )
        )
        session.flush()
        session.add(
            tables.Phone(id=f"of-{name}", site_id=SITE, kind=PhoneKind.CELL, secret="-", cell_id=f"cell-{name}")  # noqa: S106
        )
    for phone in scenario.phones:
        session.add(
            tables.Phone(id=phone.id, site_id=SITE, kind=PhoneKind.STAFF, secret="-", post=phone.post)  # noqa: S106
        )


@dataclass(order=True, slots=True)
class _Later:
    at: datetime
    serial: int
    what: EventPart | tuple[TellingId, TellingEnd] = field(compare=False)


class _Simulation:
    """The world around the engine: phones that are answered as the scenario says, and a clock that jumps."""

    def __init__(self, database: Database, profile: Profile, scenario: Scenario) -> None:
        self._database = database
        self._profile = profile
        self._scenario = scenario
        self._now = scenario.starts
        self._serial = count()
        self._later = [
            _Later(scenario.starts + timedelta(seconds=event.at), next(self._serial), event)
            for event in scenario.events
        ]
        heapq.heapify(self._later)
        self._unreachable = {PhoneId(phone.id) for phone in scenario.phones if not phone.reachable}
        self._ringing: dict[TellingId, PhoneId] = {}
        self._rings = dict.fromkeys((PhoneId(phone.id) for phone in scenario.phones), 0)
        self._timeline: list[dict[str, Any]] = []
        self._engine: Engine | None = self._an_engine()

    def _an_engine(self) -> Engine:
        return Engine(
            self._database,
            self,
            console=self,
            people=self,
            unreachable=lambda: frozenset(self._unreachable),
            node=NodeId("simulated"),
            contacts=[
                Contact(name=one.name, post=one.post, way=one.way, address="-", tells_location=one.tells_location)
                for one in self._scenario.contacts
            ],
        )

    async def run(self) -> dict[str, Any]:
        end = self._scenario.starts + timedelta(seconds=self._scenario.until)
        while (following := self._next()) is not None and following <= end:
            self._now = max(self._now, following)
            while self._later and self._later[0].at <= self._now:
                await self._happens(heapq.heappop(self._later).what)
            if self._engine:
                await self._engine.tick(self._now)
        self._now = end
        return self._database.do(
            lambda session: found(session, self._profile.name, self._timeline, self._scenario.starts)
        )

    def _next(self) -> datetime | None:
        """When something happens next: what the scenario says, an answer, or what is due by the rows."""
        asked = select(tables.Escalation.due_at).where(tables.Escalation.closed_at.is_(None))
        due = self._database.do(lambda session: list(session.scalars(asked))) if self._engine else []
        times = [*(one for one in due if one), *([self._later[0].at] if self._later else [])]
        return max(min(times), self._now) if times else None

    # ---- what the scenario says

    async def _happens(self, what: EventPart | tuple[TellingId, TellingEnd]) -> None:
        if isinstance(what, EventPart):
            await self._event(what)
        elif what[0] in self._ringing:
            phone = self._ringing.pop(what[0])
            counted = await self._engine.telling_ended(*what, self._now) if self._engine else False
            self._note("rang", phone=phone, how=what[1], counted=counted)

    async def _event(self, event: EventPart) -> None:
        if event.does in {Does.REACHABLE, Does.UNREACHABLE}:
            change = self._unreachable.discard if event.does is Does.REACHABLE else self._unreachable.add
            change(PhoneId(event.phone or ""))
        elif event.does is Does.LINE_DIES:
            # What rings goes on ringing; what is pressed reaches nobody.
            self._engine = None
            self._note("line dies")
        elif event.does is Does.LINE_BACK:
            self._engine = self._an_engine()
            self._note("line is back")
            await self._engine.recover(self._now)
        elif self._engine is None:
            self._note("not possible", does=event.does, why="the line is down")
        elif event.does is Does.HANGS_UP:
            self._database.do(lambda session: self._hang_up(session, event.call))
        else:
            await self._of_the_call(self._engine, event)

    async def _of_the_call(self, engine: Engine, event: EventPart) -> None:
        call = CallId(f"call-{event.call}")
        if event.condition and event.does is Does.CONDITION:
            await engine.learn(call, event.condition, self._now)
        elif event.does is Does.DRILL:
            await engine.raise_escalation(Raise(site=SITE, cause=Cause.DRILL, profile=self._profile), self._now)
        elif event.happening:
            await self._triage(engine, event, event.happening)
        elif event.staff:
            await self._staff(engine, event)

    async def _triage(self, engine: Engine, event: EventPart, happening: triage.Happening) -> None:
        decided = triage.triage(self._profile, happening)
        if isinstance(decided, triage.Kept):
            self._note("stays in the call", call=event.call, does=event.does, why=decided)
            return
        self._note("caller hears", call=event.call, prompt=decided.caller_hears)
        raising = Raise(
            site=SITE,
            cause=decided.cause,
            danger=decided.danger,
            profile=self._profile,
            call=CallId(f"call-{event.call}"),
            phone=PhoneId(f"of-{event.call}"),
        )
        await engine.raise_escalation(raising, self._now)

    async def _staff(self, engine: Engine, event: EventPart) -> None:
        escalation = self._database.do(lambda session: self._open_of(session, event.call))
        did = event.staff
        if escalation is None or did is None:
            counted = False
        elif isinstance(did, Closed):
            counted = await engine.close(escalation, did, self._now)
        else:
            counted = await engine.happened(escalation, did, self._now)
        self._note("staff", does=event.does, by=event.by, counted=counted)

    @staticmethod
    def _open_of(session: Session, call: str) -> EscalationId | None:
        """Of this call, or a drill, which is of none."""
        of_call = select(tables.Escalation.id).where(
            (tables.Escalation.call_id == f"call-{call}") | tables.Escalation.call_id.is_(None),
            tables.Escalation.closed_at.is_(None),
        )
        found = session.scalar(of_call.order_by(tables.Escalation.call_id.is_(None), tables.Escalation.raised_at))
        return EscalationId(found) if found else None

    def _hang_up(self, session: Session, call: str) -> None:
        session.get_one(tables.Call, f"call-{call}").ended_at = self._now

    # ---- the ports of the engine

    def ring(self, telling: TellingId, phone: PhoneId, escalation: EscalationId) -> None:
        part = next(one for one in self._scenario.phones if one.id == phone)
        turn, self._rings[phone] = self._rings[phone], self._rings[phone] + 1
        self._ringing[telling] = phone
        answer = part.answers[min(turn, len(part.answers) - 1)] if part.answers else None
        ends = self._now + (timedelta(seconds=answer.after) if answer else RING_FOR)
        how = _KEYS[answer.key] if answer else TellingEnd.NO_ANSWER
        heapq.heappush(self._later, _Later(ends, next(self._serial), (telling, how)))
        told = self._database.do(lambda session: store.disclosure(session, escalation))
        row = self._database.do(lambda session: session.get_one(tables.Telling, telling))
        where = {"phone": phone, "post": row.post, "step": row.step, "round": row.round}
        self._note("rings", **where, told=list(facts_in(told)), says=list(spoken(told)))

    def stop(self, telling: TellingId) -> None:
        phone = self._ringing.pop(telling, None)
        if phone:
            self._note("stops", phone=phone)

    def warn(self, escalation: EscalationId, why: Warn) -> None:
        del escalation
        self._note("console warns", why=why)

    def who_lives_in(self, location: str) -> Person | None:
        caller = next((one for one in self._scenario.callers.values() if one.location == location), None)
        if caller is None or not (caller.prison_number and caller.preferred_name):
            return None
        return Person(caller.prison_number, caller.preferred_name)

    # ---- what is found

    def _note(self, what: str, **facts: Any) -> None:
        self._timeline.append({"at": seconds(self._now, self._scenario.starts), "what": what, **facts})
