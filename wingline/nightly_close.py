"""Closes what was raised for a test, over the same rows as the line."""

from escalation.case import Closed, Warn
from escalation.engine import Engine
from escalation.person import Person
from escalation.store import open_at
from models.clock import now, of_database
from models.database import Database
from models.words import EscalationId, Outcome, PhoneId, SiteId, TellingId
from wingline.nightly_site import NODE


class _Nothing:
    """Rings nobody. What still rings is stopped by the line, which sees in the rows that it has ended."""

    def ring(self, telling: TellingId, phone: PhoneId, escalation: EscalationId) -> None:
        del telling, phone, escalation

    def stop(self, telling: TellingId) -> None:
        del telling

    def warn(self, escalation: EscalationId, why: Warn) -> None:
        del escalation, why

    def who_lives_in(self, location: str) -> Person | None:
        del location
        return None


class Closer:
    """A second node, for one site."""

    def __init__(self, database: Database, site: SiteId) -> None:
        self._database = database
        self._site = site
        nothing = _Nothing()
        self._engine = Engine(
            database,
            nothing,
            console=nothing,
            people=nothing,
            unreachable=frozenset,
            node=NODE,
            clock=lambda session, _: of_database(session),
        )

    async def close(self) -> bool:
        """Whether there was something to close."""
        still_open = await self._database.run(lambda session: open_at(session, self._site))
        closed = Closed(NODE, spoken=True, outcome=Outcome.FALSE_ALARM)
        ends = [await self._engine.close(one.id, closed, now()) for one in still_open]
        return any(ends)
