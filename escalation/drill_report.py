"""What a drill was like: how long each step, each post and each person took, and what it found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from escalation import store
from escalation.case import Case
from escalation.drills import WITHIN, DrillId, Kind
from escalation.profile import Protocol
from escalation.turn import LINE
from models import tables
from models.errors import UnknownName
from models.words import Instant, Post, SiteId, TellingEnd


class Finding(StrEnum):
    """What a drill shows that somebody has to look at."""

    NOT_BEGUN = "not_begun"  # an escalation was open, or no line was up, for as long as it could wait
    GAVE_WAY = "gave_way"  # a real escalation began
    UNREACHABLE = "unreachable"  # a phone that had to ring was not registered
    NOBODY_ACKNOWLEDGED = "nobody_acknowledged"  # in the time of all steps
    SOMEBODY_MISSING = "somebody_missing"  # of those who each have to acknowledge
    CAME_BACK = "came_back"  # acknowledged, and not at the door or not spoken in time: told again
    STILL_OPEN = "still_open"  # after the whole time that the protocol gives


@dataclass(frozen=True, slots=True)
class Rang:
    """One phone of a post; seconds from its first ring. ``end`` is None while it rings."""

    post: Post
    end: TellingEnd | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class StepTold:
    """Steps and rounds count from 1; ``after`` are the seconds from the beginning of the drill."""

    round: int
    step: int
    after: float
    rang: tuple[Rang, ...]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds from the beginning of the drill, and who: a post by its phone, an account by its name."""

    seconds: float
    by: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Of a group of posts one has to acknowledge. Without a time although ``given``: on the console."""

    of: tuple[Post, ...]
    given: bool
    took: Took | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A drill as its row says it."""

    id: DrillId
    kind: Kind
    at: Instant
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillReport:
    asked: Asked
    # None while it has not begun.
    began_at: Instant | None
    first_ring: float | None = None
    steps: tuple[StepTold, ...] = ()
    acknowledged: tuple[Acknowledgement, ...] = ()
    at_door: Took | None = None
    spoken: Took | None = None
    closed: Took | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One telling, as its row says it."""

    post: Post
    step: int
    round: int
    rang_at: Instant
    ended_at: Instant | None
    end: TellingEnd | None


@dataclass(frozen=True, slots=True)
class Begun:
    """Its escalation."""

    at: Instant
    case: Case
    tellings: Sequence[Told] = field(default=())


def report(asked: Asked, begun: Begun | None, now: Instant) -> DrillReport:
    if begun is None:
        lapsed = (Finding.NOT_BEGUN,) if now >= asked.at + WITHIN else ()
        return DrillReport(asked=asked, began_at=None, findings=lapsed)
    case, rung = begun.case, [one for one in begun.tellings if one.end is not TellingEnd.UNREACHABLE]
    return DrillReport(
        asked=asked,
        began_at=begun.at,
        first_ring=min(((one.rang_at - begun.at).total_seconds() for one in rung), default=None),
        steps=tuple(_steps(begun)),
        acknowledged=tuple(_acknowledgements(begun)),
        at_door=_took(begun, case.at_door_at, case.at_door_by),
        spoken=_took(begun, case.spoken_at, case.spoken_by) if case.closed_by != LINE else None,
        closed=_took(begun, case.closed_at, case.closed_by),
        findings=tuple(_findings(begun, now)),
    )


def whole_time(protocol: Protocol) -> timedelta:
    """What the protocol gives: all its steps, then the way to the person, then the time to close."""
    steps = sum(step.seconds for step in protocol.steps)
    return timedelta(seconds=steps + protocol.spoken_within + protocol.closed_within)


def _steps(begun: Begun) -> Iterator[StepTold]:
    def place(one: Told) -> tuple[int, int]:
        return one.round, one.step

    for (round_, step), told in groupby(sorted(begun.tellings, key=lambda one: (*place(one), one.rang_at)), place):
        rang = list(told)
        after = (rang[0].rang_at - begun.at).total_seconds()
        yield StepTold(round_ + 1, step + 1, after, tuple(_rang(one) for one in rang))


def _rang(one: Told) -> Rang:
    seconds = (one.ended_at - one.rang_at).total_seconds() if one.ended_at else None
    return Rang(one.post, one.end, seconds)


def _acknowledgements(begun: Begun) -> Iterator[Acknowledgement]:
    """By key on a phone; what was said on the console has a time only when it was the first."""
    keys = _by_key(begun.tellings)
    case = begun.case
    everybody = tuple(dict.fromkeys(post for step in case.protocol.steps for post in step.posts))
    for group in case.protocol.acknowledge or (everybody,):
        pressed = [(keys[post], post) for post in group if post in keys]
        first = min(pressed, default=None)
        if first is not None:
            yield Acknowledgement(group, given=True, took=_took(begun, *first))
            continue
        given = bool(set(group) & set(case.posts)) or (not case.protocol.acknowledge and bool(case.acknowledged_at))
        took = _took(begun, case.acknowledged_at, case.acknowledged_by) if given and not keys else None
        yield Acknowledgement(group, given, took)


def _by_key(tellings: Iterable[Told]) -> Mapping[Post, Instant]:
    """When each post first acknowledged on its phone."""
    times: dict[Post, Instant] = {}
    for one in tellings:
        if one.end is TellingEnd.ACKNOWLEDGED and one.ended_at is not None:
            times[one.post] = min(one.ended_at, times.get(one.post, one.ended_at))
    return times


def _took(begun: Begun, moment: Instant | None, by: str | None) -> Took | None:
    return None if moment is None else Took((moment - begun.at).total_seconds(), by or LINE)


def _findings(begun: Begun, now: Instant) -> Iterator[Finding]:
    case = begun.case
    if case.closed_by == LINE:
        yield Finding.GAVE_WAY
        return
    if any(one.end is TellingEnd.UNREACHABLE for one in begun.tellings):
        yield Finding.UNREACHABLE
    steps = timedelta(seconds=sum(step.seconds for step in case.protocol.steps))
    until = case.closed_at or now
    answered = case.acknowledged_at is not None or bool(_by_key(begun.tellings))
    if not answered and until >= begun.at + steps:
        yield Finding.NOBODY_ACKNOWLEDGED
    elif answered and case.wanting and (case.closed_at or now >= begun.at + steps):
        yield Finding.SOMEBODY_MISSING
    if case.round and answered:
        yield Finding.CAME_BACK
    if case.closed_at is None and now >= begun.at + whole_time(case.protocol):
        yield Finding.STILL_OPEN


# ---- from the rows


def drills_at(session: Session, site: SiteId, now: Instant, most: int = 12) -> Sequence[DrillReport]:
    """The newest first."""
    row = tables.Drill
    rows = session.scalars(select(row).where(row.site_id == site).order_by(row.asked_at.desc(), row.id).limit(most))
    return [_read(session, one, now) for one in rows]


def drill(session: Session, site: SiteId, asked: str, now: Instant) -> DrillReport:
    row = session.get(tables.Drill, asked)
    if row is None or row.site_id != site:
        raise UnknownName("drill", asked)
    return _read(session, row, now)


def _read(session: Session, row: tables.Drill, now: Instant) -> DrillReport:
    escalation = session.get(tables.Escalation, row.escalation_id) if row.escalation_id else None
    asked = Asked(DrillId(row.id), Kind(row.kind), row.asked_at, row.asked_by)
    if escalation is None:
        return report(asked, None, now)
    begun = Begun(escalation.raised_at, store.case_of(session, escalation), _tellings(session, escalation.id))
    return report(asked, begun, now)


def _tellings(session: Session, escalation: str) -> Sequence[Told]:
    rows = session.scalars(select(tables.Telling).where(tables.Telling.escalation_id == escalation))
    return [
        Told(Post(row.post), row.step, row.round, row.rang_at, row.ended_at, TellingEnd(row.end) if row.end else None)
        for row in rows
    ]
