"""A draft as the page shows it: what forbids it, how good it is, what it changes, and what it leaves empty."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from console.rota.days import Clock, Day, ShownSeat, ShownShift, by_day, monday_of, shown
from console.rota.gap import ShownGap, gap_shown
from console.rota.store import DraftFacts
from console.rota.week import DAYS, ShownDraft, draft_shown
from console.rota.wording import RULES
from models.words import Cover
from rota.checks import Broken
from rota.discretion import one_of_each_pair
from rota.problem import Assigned, Problem
from rota.quality import Quality, quality
from rota.site_rota import rewrites_the_past, what_is_broken
from rota.slot import Slot
from rota.solution import changes
from rota.why_not import unfilled


@dataclass(frozen=True, slots=True)
class Wrong:
    """A shift that must change before the draft can be published."""

    name: str
    day: date
    hours: str
    code_name: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRota:
    """``outdated``: shifts or Listeners have changed since; ``late``: it would change a shift that has begun."""

    draft: ShownDraft
    outdated: bool
    late: bool
    wrong: tuple[Wrong, ...]
    quality: Quality
    is_first: bool
    changed: int
    gaps: tuple[ShownGap, ...]
    weeks: tuple[tuple[Day, ...], ...]

    @property
    def can_be_published(self) -> bool:
        return not (self.wrong or self.outdated or self.late)

    @property
    def seats_empty(self) -> int:
        return sum(gap.shift.empty for gap in self.gaps)


def rota_of(facts: DraftFacts, now: datetime) -> ShownRota:
    problem, clock = facts.problem, Clock(facts.problem.zone, now)
    known = known_of(facts)
    return ShownRota(
        draft=draft_shown(facts.made, clock),
        outdated=len(known) < len(facts.draft.assigned),
        late=rewrites_the_past(facts.problem, known_of(facts), now=now),
        wrong=tuple(_wrong(problem, one, clock) for one in one_of_each_pair(problem, what_is_broken(problem, known))),
        quality=quality(problem, known),
        is_first=not problem.published,
        changed=changes(problem.published, known),
        gaps=tuple(gap_shown(problem, one, clock, assigned=known) for one in unfilled(problem, known)),
        weeks=tuple(_weeks(facts, known, clock)),
    )


def known_of(facts: DraftFacts) -> list[Assigned]:
    """What of the draft there still is: its patterns and its Listeners may have changed since it was made."""
    problem = facts.problem
    return [one for one in facts.draft.assigned if one.slot in problem.slot and one.listener in problem.person]


def _wrong(problem: Problem, one: Broken, clock: Clock) -> Wrong:
    where = shown(problem.slot[one.slot], (), clock)
    return Wrong(where.name, where.day, where.hours, problem.person[one.listener].called, RULES[one.rule])


def _weeks(facts: DraftFacts, known: Sequence[Assigned], clock: Clock) -> Iterator[tuple[Day, ...]]:
    on: defaultdict[str, list[Assigned]] = defaultdict(list)
    for one in known:
        on[one.slot].append(one)
    shifts = [_shift(facts, slot, on[slot.id], clock) for slot in facts.problem.slots]
    first, after = (clock.day_of(moment) for moment in (facts.draft.since, facts.draft.until))
    while first < after:
        following = min(after, monday_of(first) + timedelta(days=DAYS))
        yield by_day(shifts, first, (following - first).days, clock)
        first = following


def _shift(facts: DraftFacts, slot: Slot, on: Sequence[Assigned], clock: Clock) -> ShownShift:
    """Marks of what changes are left out where nothing was published: everything would have one."""
    before = {one.listener for one in facts.problem.published if one.slot == slot.id}
    seats = [
        ShownSeat(
            code_name=facts.names[one.listener],
            backup=one.cover is Cover.BACKUP,
            is_new=bool(facts.problem.published) and one.listener not in before,
        )
        for one in on
    ]
    gone = before - {one.listener for one in on}
    return shown(slot, seats, clock, gone=[facts.names[listener] for listener in gone])
