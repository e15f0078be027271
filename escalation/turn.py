"""One event of one escalation inside a transaction: advance it, write it, and note what is to be done afterwards."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import assert_never

from sqlalchemy.orm import Session

from escalation import store
from escalation.protocol import (
    Case,
    Command,
    Event,
    NobodyReachable,
    StopTelling,
    Tell,
    TellingEnded,
    Warn,
    WarnConsole,
    advance,
)
from escalation.store import Deed, Telling
from models import tables
from models.words import EscalationId, Instant, PhoneId, TellingEnd, TellingId

LINE = "line"
_DEEDS = {Warn.NOBODY_LEFT: Deed.NOBODY_LEFT, Warn.CAME_BACK: Deed.CAME_BACK}


@dataclass(slots=True)
class Errands:
    """What is done once the rows are safe; stops come first, so that no phone rings twice at a time."""

    stops: list[TellingId] = field(default_factory=list)
    rings: list[Telling] = field(default_factory=list)
    warnings: list[tuple[EscalationId, Warn]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Turn:
    session: Session
    now: Instant
    unreachable: Collection[PhoneId]
    errands: Errands = field(default_factory=Errands)

    def feed(self, row: tables.Escalation, event: Event, *, just_ended: frozenset[PhoneId] = frozenset()) -> bool:
        """Whether anything came of it."""
        case = store.case_of(self.session, row)
        before = replace(case, being_told=case.being_told | just_ended)
        case, commands = advance(before, event, self.now)
        store.write(self.session, row, case)
        self._note_changes(EscalationId(row.id), before, case)
        for command in commands:
            self._obey(row, command)
        if any(isinstance(command, Tell) for command in commands):
            self.feed(row, NobodyReachable())
        return case != before or bool(commands)

    def end_telling(self, row: tables.Escalation, telling: Telling, end: TellingEnd) -> bool:
        """False when it had ended already: a late key changes nothing."""
        if not store.end_telling(self.session, telling.id, end, self.now):
            return False
        # The row has ended first, so that what follows neither stops nor misses this phone.
        self.feed(row, TellingEnded(telling.phone, telling.post, end), just_ended=frozenset({telling.phone}))
        return True

    def stop_all(self, escalation: EscalationId, end: TellingEnd) -> None:
        for telling in store.open_tellings(self.session, escalation):
            store.end_telling(self.session, telling.id, end, self.now)
            self.errands.stops.append(telling.id)

    def note(self, who: str, what: Deed, about: EscalationId) -> None:
        store.note(self.session, who, what, about, self.now)

    def _obey(self, row: tables.Escalation, command: Command) -> None:
        escalation = EscalationId(row.id)
        match command:
            case Tell():
                rung = store.tell(self.session, row, command, unreachable=self.unreachable, now=self.now)
                self.errands.rings.extend(rung)
            case StopTelling():
                self.stop_all(escalation, TellingEnd.NOT_NEEDED)
            case WarnConsole(why):
                self.note(LINE, _DEEDS[why], escalation)
                self.errands.warnings.append((escalation, why))
            case _:
                assert_never(command)

    def _note_changes(self, escalation: EscalationId, before: Case, after: Case) -> None:
        if after.acknowledged_by and not before.acknowledged_by:
            self.note(after.acknowledged_by, Deed.ACKNOWLEDGED, escalation)
        if after.closed_by and not before.closed_by:
            self.note(after.closed_by, Deed.CLOSED, escalation)
