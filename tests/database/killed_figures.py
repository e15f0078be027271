"""What came of an evening of kills: what was lost or doubled, and how late the latest step was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from escalation_history import History, State, Told
from killed_phones import Ring
from killed_world import Away, Evening

# The phone rings after the commit, and the file's clock is read after the database's.
_SLACK = 0.05


@dataclass(frozen=True, slots=True)
class Late:
    """How long after its time a step was carried out, less the time in which there was no process."""

    seconds: float
    escalation: str
    due: float


@dataclass(frozen=True, slots=True)
class Figures:
    """``lost``, ``doubled`` and ``skipped`` name what must not be."""

    kills: int
    escalations: int
    rings: int
    lost: Sequence[str]
    doubled: Sequence[object]
    skipped: Sequence[State]
    late: Sequence[Late]
    again: Sequence[float]
    taken_over: Sequence[float]

    def __str__(self) -> str:
        latest = max(self.late, key=lambda one: one.seconds)
        return (
            f"kills {self.kills}, escalations {self.escalations}, rings {self.rings}, "
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, steps skipped {len(self.skipped)}, "
            f"steps carried out {len(self.late)}: median {median(one.seconds for one in self.late):.2f} s late, "
            f"latest {latest.seconds:.2f} s; rung again after a restart {_summary(self.again)}; "
            f"taken over {_summary(self.taken_over)}"
        )


def figures(evening: Evening, history: History, *, alone: bool) -> Figures:
    """``alone``: there is no other process while this one is dead."""
    away = evening.aways if alone else []
    steps = list(_steps(evening, history))
    return Figures(
        kills=len(evening.aways),
        escalations=len(history.states),
        rings=len(evening.phones.rings),
        lost=_lost(evening, history),
        doubled=[*history.beside, *evening.phones.twice, *_carried_out_twice(evening, history)],
        skipped=[entry for _, entry, ring in steps if ring is None and not _excused(entry, history, evening)],
        late=[_late(due, entry, ring, away) for due, entry, ring in steps if ring],
        again=list(_again(evening, history)),
        taken_over=list(_taken_over(evening, history)),
    )


def _lost(evening: Evening, history: History) -> list[str]:
    """Promised and not there; there and never rung; or over although nobody had said so."""
    closed = {name for name, states in history.states.items() if states[-1].closed and states[-1].spoken}
    known = set(history.states)
    missing = (evening.promised - known) | (known - evening.phones.escalations) | (known - closed)
    return sorted(missing | (closed - evening.asked_to_close))


def _rings_of_steps(evening: Evening, history: History) -> Iterator[tuple[Told, Ring]]:
    """Not the reminders to close, which come again and again until somebody has closed."""
    for ring in evening.phones.rings:
        told = history.told[ring.telling]
        if not _state_at(history.states[ring.escalation], told.rang_at).spoken:
            yield told, ring


def _steps(evening: Evening, history: History) -> Iterator[tuple[float, State, Ring | None]]:
    """Each step that was due: when, what it became, and the first ring of it."""
    first: dict[tuple[str, int, int], Ring] = {}
    for told, ring in _rings_of_steps(evening, history):
        first.setdefault((told.escalation, told.round, told.step), ring)
    for states in history.states.values():
        began = states[0]
        yield began.at, began, first.get((began.escalation, 0, 0))
        for before, entry in pairwise(states):
            moved = (before.round, before.step) != (entry.round, entry.step)
            if moved and before.due is not None and before.due <= entry.at:
                yield before.due, entry, first.get((entry.escalation, entry.round, entry.step))


def _late(due: float, entry: State, ring: Ring, away: Sequence[Away]) -> Late:
    dead = sum(max(0.0, min(one.until, ring.at) - max(one.at, due)) for one in away)
    return Late(ring.at - due - dead, entry.escalation, due)


def _excused(entry: State, history: History, evening: Evening) -> bool:
    """Nobody to ring: they ring already, have acknowledged, or the line died before it could and climbed on after."""
    told = [one for one in history.told.values() if one.escalation == entry.escalation]
    ringing = any(one.rang_at < entry.at and (one.ended_at is None or one.ended_at >= entry.at) for one in told)
    died = any(entry.at - _SLACK <= one.at <= entry.at + 1 for one in evening.aways)
    return ringing or entry.acknowledged or died


def _carried_out_twice(evening: Evening, history: History) -> Iterator[tuple[Ring, Ring]]:
    """Although neither of the nodes that rang had been away between, and nothing was taken over.

    Whoever goes on for a dead node tells the whole step again (escalation/protocol.py), also to who had answered.
    """
    taken_over = {(moment, escalation) for moment, _, escalation in history.taken_over}
    for before, ring in _told_again(evening, history):
        resumed = (history.told[ring.telling].rang_at, ring.escalation) in taken_over
        back = any(_away_between(evening, node, before.at, ring.at) for node in (before.node, ring.node))
        if not resumed and not back:
            yield before, ring


def _told_again(evening: Evening, history: History) -> Iterator[tuple[Ring, Ring]]:
    """The same step of the same round, and the same phone."""
    last: dict[tuple[object, ...], Ring] = {}
    for told, ring in _rings_of_steps(evening, history):
        key = (told.escalation, told.round, told.step, ring.phone)
        if key in last:
            yield last[key], ring
        last[key] = ring


def _away_between(evening: Evening, node: str, since: float, until: float) -> bool:
    return any(one.node == node and one.at <= until and one.until >= since - _SLACK for one in evening.aways)


def _state_at(states: Sequence[State], moment: float) -> State:
    """The transaction that rings has read its clock before it writes."""
    return next((one for one in states if one.at >= moment - 0.002), states[-1])


def _again(evening: Evening, history: History) -> Iterator[float]:
    """From the start of the next life until the phone rings again that the dead one rang."""
    for before, ring in _told_again(evening, history):
        if before.node == ring.node and before.life != ring.life:
            yield ring.at - max(one.until for one in evening.aways if one.node == ring.node and one.at <= ring.at)


def _taken_over(evening: Evening, history: History) -> Iterator[float]:
    """From the moment at which a node was killed or stopped until another rings the phones that it rang."""
    for moment, by, escalation in history.taken_over:
        dead = max((one.at for one in evening.aways if one.node != by and one.at <= moment), default=moment)
        rings = [
            ring.at
            for ring in evening.phones.rings
            if ring.escalation == escalation and history.told[ring.telling].rang_at == moment
        ]
        yield min(rings, default=moment) - dead


def _summary(times: Sequence[float]) -> str:
    return f"{len(times)}, median {median(times):.2f} s, max {max(times):.2f} s" if times else "0"
