"""One event of one escalation inside a transaction: advance it, write it, and note what is to be done afterwards."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from sqlalchemy.orm import Session

from escalation import store, tellings
from escalation.case import (
    Case,
    Command,
    Event,
    NobodyReachable,
    OpenLocation,
    StopTelling,
    Tell,
    TellingEnded,
    Warn,
    WarnConsole,
)
from escalation.contacts import Contact, at_post
from escalation.messages import News
from escalation.outbox import queue, told_of
from escalation.protocol import advance
from escalation.store import Deed
from escalation.tellings import Reach, Telling
from models import tables
from models.traced import NOTHING, Facts, Step
from models.words import Cause, EscalationId, Instant, Outcome, PhoneId, Post, TellingEnd, TellingId

LINE = "line"
_STEPS = {Warn.NOBODY_LEFT: Step.NOBODY_LEFT, Warn.CAME_BACK: Step.CAME_BACK, Warn.NOT_CLOSED: Step.NOT_CLOSED}
_NEWS = {Warn.NOBODY_LEFT: News.NOBODY_LEFT, Warn.CAME_BACK: News.CAME_BACK}
_DEEDS = {
    Warn.NOBODY_LEFT: Deed.NOBODY_LEFT,
    Warn.CAME_BACK: Deed.CAME_BACK,
    Warn.NOT_CLOSED: Deed.NOT_CLOSED,
}


@dataclass(slots=True)
class Errands:
    """What is done once the rows are safe; stops come first, so that no phone rings twice at a time."""

    stops: list[TellingId] = field(default_factory=list)
    rings: list[Telling] = field(default_factory=list)
    warnings: list[tuple[EscalationId, Warn]] = field(default_factory=list)
    # What was sealed of these is not needed any more.
    decided: list[EscalationId] = field(default_factory=list)
    # For traces.
    steps: list[tuple[EscalationId, Step, Facts]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Turn:
    session: Session
    now: Instant
    reach: Reach
    # Opens where the caller is, when whoever decides has said that staff are told.
    open_sealed: Callable[["Turn", tables.Escalation], None]
    errands: Errands = field(default_factory=Errands)

    def feed(self, row: tables.Escalation, event: Event, *, just_ended: Mapping[PhoneId, Post] | None = None) -> bool:
        """Whether anything came of it."""
        case = store.case_of(self.session, row)
        before = replace(case, being_told={**case.being_told, **(just_ended or {})})
        case, commands = advance(before, event, self.now)
        store.write(self.session, row, case)
        self._note_changes(EscalationId(row.id), before, case)
        self._trace_changes(EscalationId(row.id), before, case)
        self._tell_contacts_of_changes(row, before, case)
        for command in commands:
            # What joined another with this decision is told with that one.
            if row.closed_at is None or not isinstance(command, Tell):
                self._obey(row, command)
        if any(isinstance(command, Tell) for command in commands):
            self.feed(row, NobodyReachable())
        return case != before or bool(commands)

    def end_telling(self, row: tables.Escalation, telling: Telling, end: TellingEnd) -> bool:
        """False when it had ended already: a late key changes nothing."""
        if not tellings.end(self.session, telling.id, end, self.now):
            return False
        self._trace(EscalationId(row.id), Step.TELLING_ENDED, Facts(post=telling.post, telling=end))
        # The row has ended first, so that what follows neither stops nor misses this phone.
        self.feed(row, TellingEnded(telling.phone, telling.post, end), just_ended={telling.phone: telling.post})
        return True

    def stop(self, escalation: EscalationId, end: TellingEnd, posts: Collection[Post] | None = None) -> None:
        """Whoever is being told, of these posts or of all."""
        for telling in tellings.open_of(self.session, escalation):
            if posts is not None and telling.post not in posts:
                continue
            self.stop_one(telling.id, end)

    def stop_one(self, telling: TellingId, end: TellingEnd) -> None:
        """Its escalation hears nothing of it, and goes on in its own time."""
        tellings.end(self.session, telling, end, self.now)
        self.errands.stops.append(telling)

    def give_up(self, rung: Iterable[TellingId]) -> None:
        """What a node rang that has died."""
        for telling in rung:
            self.stop_one(telling, TellingEnd.NO_ANSWER)

    def note(self, who: str, what: Deed, about: EscalationId) -> None:
        store.note(self.session, who, what, about, self.now)

    def _obey(self, row: tables.Escalation, command: Command) -> None:
        escalation = EscalationId(row.id)
        match command:
            case Tell(post, step, again):
                self._trace(escalation, Step.TOLD, Facts(post=post, step=step, round=again))
                # Whoever decides is rung every ten seconds until they have, and written to once.
                if not (row.deciding and again):
                    self._write_to(row, at_post(self.reach.contacts, post), News.TOLD)
                rung = tellings.tell(self.session, row, command, reach=self.reach, now=self.now)
                self._take_from_faults(row, rung)
                self.errands.rings.extend(rung)
            case StopTelling(posts):
                self.stop(escalation, TellingEnd.NOT_NEEDED, posts)
            case OpenLocation():
                self.note(LINE, Deed.TOLD, escalation)
                self.open_sealed(self, row)
                self.errands.decided.append(escalation)
            case WarnConsole(why):
                self.note(LINE, _DEEDS[why], escalation)
                self.errands.warnings.append((escalation, why))
                self._trace(escalation, _STEPS[why])
                if why in _NEWS:
                    self._write_to(row, told_of(self.session, escalation, self.reach.contacts), _NEWS[why])
            case _:
                assert_never(command)

    def _take_from_faults(self, row: tables.Escalation, rung: Iterable[Telling]) -> None:
        """A life comes first: what tells of the line itself leaves the phones that a person needs."""
        if row.cause not in {Cause.LINE_BROKEN, Cause.DRILL}:
            for left in tellings.of_faults_at(self.session, [one.phone for one in rung]):
                self.stop_one(left, TellingEnd.NOT_NEEDED)

    def _note_changes(self, escalation: EscalationId, before: Case, after: Case) -> None:
        changes = (
            (Deed.ACKNOWLEDGED, before.acknowledged_by, after.acknowledged_by),
            (Deed.AT_DOOR, before.at_door_by, after.at_door_by),
            (Deed.SPOKEN, before.spoken_by, after.spoken_by),
        )
        for deed, was, by in changes:
            if by and not was:
                self.note(by, deed, escalation)
        for post in after.posts:
            if post not in before.posts and before.acknowledged_by:
                self.note(post, Deed.ACKNOWLEDGED, escalation)
        if after.closed_at and not before.closed_at:
            self.errands.decided.append(escalation)
            kept = after.outcome is Outcome.NOT_TOLD
            self.note(after.closed_by or LINE, Deed.NOT_TOLD if kept else Deed.CLOSED, escalation)

    def _trace_changes(self, escalation: EscalationId, before: Case, after: Case) -> None:
        for post in after.posts:
            if post not in before.posts:
                self._trace(escalation, Step.ACKNOWLEDGED, Facts(post=post))
        for step, was, became in (
            (Step.AT_DOOR, before.at_door_at, after.at_door_at),
            (Step.SPOKEN, before.spoken_at, after.spoken_at),
            (Step.CLOSED, before.closed_at, after.closed_at),
        ):
            if became and not was:
                self._trace(escalation, step)

    def _trace(self, escalation: EscalationId, step: Step, facts: Facts = NOTHING) -> None:
        self.errands.steps.append((escalation, step, facts))

    def _tell_contacts_of_changes(self, row: tables.Escalation, before: Case, after: Case) -> None:
        """Whoever was written to reads as well that somebody goes, and that it is over."""
        for news, was, became in (
            (News.ACKNOWLEDGED, before.acknowledged_at, after.acknowledged_at),
            (News.CLOSED, before.closed_at, after.closed_at),
        ):
            if became and not was:
                self._write_to(row, told_of(self.session, EscalationId(row.id), self.reach.contacts), news)

    def _write_to(self, row: tables.Escalation, contacts: Iterable[Contact], news: News) -> None:
        queue(self.session, row, contacts, news, self.now)
