"""What each role may see of the line at one moment."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from console.ports import HearingNow
from console.store import LOOK_AHEAD, EndsSoon, Facts, ListenerNow, LiveCall, LiveTalk, OpenEscalation
from listeners.warnings import DAYS_AHEAD
from models.words import AccountRole, CallStage, Cause, Cover, Instant, ListenerId, Seat
from rota.on_duty import OnShift, cover_now_and_next, gaps, on_duty
from rota.shift import Shift

# Listeners are rung and support each other in pairs (domain.md 5.3, L6 and O1).
FEWEST_ON_DUTY = 2
_WITH_SOMEBODY = {CallStage.TALKING, CallStage.OUTSIDE, CallStage.DUTY_OFFICE}


class LineState(StrEnum):
    WORKING = "working"
    NOBODY_FREE = "nobody_free"
    NOBODY_ON_DUTY = "nobody_on_duty"
    NO_TELEPHONES = "no_telephones"


class ListenerState(StrEnum):
    FREE = "free"
    RINGING = "ringing"
    TALKING = "talking"
    RESTING = "resting"
    OFF_DUTY = "off_duty"


@dataclass(frozen=True, slots=True)
class BoardCall:
    """A call with nobody in it; the code names are the Listeners', and empty for staff."""

    stage: CallStage
    since: Instant
    listening: bool
    code_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListenerGroup:
    state: ListenerState
    count: int
    code_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoverGroup:
    first: int
    backup: int
    code_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoardGap:
    """Too few on duty; no start when it is so now, no end when it goes on past the hours that we read."""

    starts_at: Instant | None
    ends_at: Instant | None
    fewest: int


@dataclass(frozen=True, slots=True)
class BoardCover:
    """``until`` and ``next`` are empty when the rota does not change in the hours that we read."""

    now: CoverGroup
    until: Instant | None
    next: CoverGroup | None
    gaps: tuple[BoardGap, ...]


@dataclass(frozen=True, slots=True)
class BoardEscalations:
    """Where and what is for staff; a coordinator learns only that something is open (domain.md 5.3, O4)."""

    open: tuple[OpenEscalation, ...]
    count: int
    unacknowledged: int


@dataclass(frozen=True, slots=True)
class BoardEnds:
    """What ends soon for Listeners, the soonest first; ``counted`` by the warning that is due: 0 (over), 7, 30, 60."""

    some: tuple[EndsSoon, ...]

    @property
    def counted(self) -> tuple[tuple[int, int], ...]:
        counts = Counter(each.ahead.days for each in self.some)
        return tuple((days, counts[days]) for days in sorted(DAYS_AHEAD))


@dataclass(frozen=True, slots=True)
class LineStatement:
    line: LineState
    hearing: HearingNow


@dataclass(frozen=True, slots=True)
class Board:
    statement: LineStatement
    escalations: BoardEscalations
    waiting: tuple[BoardCall, ...]
    talking: tuple[BoardCall, ...]
    listeners: tuple[ListenerGroup, ...]
    # Code names of who asked to talk after a call; for coordinators alone.
    debriefs: tuple[str, ...]
    cover: BoardCover
    # For coordinators alone.
    ends: BoardEnds | None


@dataclass(frozen=True, slots=True)
class LineNow:
    """What the line says of itself, beside what the database knows."""

    asterisk_up: bool
    hearing: HearingNow


def board_for(role: AccountRole, facts: Facts, line: LineNow, now: Instant) -> Board:
    names = {each.listener: each.code_name for each in facts.listeners} if role is AccountRole.COORDINATOR else {}
    shifts = _certified_shifts(facts, now)
    states = _states(facts, shifts, now)
    calls = tuple(_call(call, facts.talks, names, heard=line.hearing.listening) for call in facts.calls)
    return Board(
        statement=LineStatement(_line_state(states, asterisk_up=line.asterisk_up), line.hearing),
        escalations=_escalations(role, facts.escalations),
        waiting=tuple(call for call in calls if call.stage not in _WITH_SOMEBODY),
        talking=tuple(call for call in calls if call.stage in _WITH_SOMEBODY),
        listeners=tuple(_listener_group(state, states, names) for state in ListenerState),
        debriefs=tuple(
            names[each.listener] for each in facts.listeners if each.wants_debrief and each.listener in names
        ),
        cover=_cover(shifts, names, now),
        ends=BoardEnds(facts.ends_soon) if role is AccountRole.COORDINATOR else None,
    )


def _call(call: LiveCall, talks: Iterable[LiveTalk], names: Mapping[ListenerId, str], *, heard: bool) -> BoardCall:
    mine = [talk for talk in talks if talk.call == call.call]
    first = next((talk.since for talk in mine if talk.seat is Seat.FIRST), None)
    return BoardCall(
        stage=call.stage,
        since=first or call.waiting_since,
        # That the caller said yes is no reason when nothing listens.
        listening=call.listening and heard,
        code_names=tuple(names[talk.listener] for talk in mine if talk.listener in names),
    )


def _certified_shifts(facts: Facts, now: Instant) -> tuple[Shift, ...]:
    listeners = {each.listener: each for each in facts.listeners}
    return tuple(
        shift
        for shift in facts.shifts
        if shift.listener in listeners and _is_certified(listeners[shift.listener], max(now, shift.starts_at))
    )


def _is_certified(listener: ListenerNow, at: Instant) -> bool:
    begun = listener.certified_from is None or listener.certified_from <= at
    return begun and (listener.certified_until is None or at < listener.certified_until)


def _states(facts: Facts, shifts: Iterable[Shift], now: Instant) -> dict[ListenerId, ListenerState]:
    """Everybody on the rota now, and whoever is ringing, talking or resting past the end of a shift."""
    on_rota = {on.listener for on in on_duty(shifts, now)}
    talking = {talk.listener for talk in facts.talks}
    states: dict[ListenerId, ListenerState] = {}
    for each in facts.listeners:
        if each.listener in talking:
            states[each.listener] = ListenerState.TALKING
        elif each.listener in facts.ringing:
            states[each.listener] = ListenerState.RINGING
        elif each.resting_until is not None and each.resting_until > now:
            states[each.listener] = ListenerState.RESTING
        elif each.listener in on_rota:
            states[each.listener] = ListenerState.OFF_DUTY if each.off_duty else ListenerState.FREE
    return states


def _line_state(states: Mapping[ListenerId, ListenerState], *, asterisk_up: bool) -> LineState:
    serving = set(states.values()) - {ListenerState.OFF_DUTY}
    if not asterisk_up:
        return LineState.NO_TELEPHONES
    if not serving:
        return LineState.NOBODY_ON_DUTY
    return LineState.WORKING if ListenerState.FREE in serving else LineState.NOBODY_FREE


def _listener_group(
    state: ListenerState, states: Mapping[ListenerId, ListenerState], names: Mapping[ListenerId, str]
) -> ListenerGroup:
    members = [listener for listener, its in states.items() if its is state]
    return ListenerGroup(state, len(members), tuple(names[each] for each in members if each in names))


def _cover(shifts: tuple[Shift, ...], names: Mapping[ListenerId, str], now: Instant) -> BoardCover:
    cover = cover_now_and_next(shifts, now)
    until = now + LOOK_AHEAD
    changes = cover.until is not None and cover.until < until
    return BoardCover(
        now=_cover_group(cover.on, names),
        until=cover.until if changes else None,
        next=_cover_group(cover.next, names) if changes else None,
        gaps=tuple(
            BoardGap(
                starts_at=gap.starts_at if gap.starts_at > now else None,
                ends_at=gap.ends_at if gap.ends_at < until else None,
                fewest=gap.fewest,
            )
            for gap in gaps(shifts, since=now, until=until, minimum=FEWEST_ON_DUTY)
        ),
    )


def _cover_group(on: tuple[OnShift, ...], names: Mapping[ListenerId, str]) -> CoverGroup:
    first = sum(each.cover is Cover.FIRST for each in on)
    return CoverGroup(first, len(on) - first, tuple(names[each.listener] for each in on if each.listener in names))


def _escalations(role: AccountRole, escalations: tuple[OpenEscalation, ...]) -> BoardEscalations:
    """Before it is decided whether staff are told, there is nothing for anybody to see."""
    told = [each for each in escalations if not each.open.case.deciding]
    urgent_first = sorted(told, key=lambda each: (each.open.case.settled, each.open.told.raised_at))
    return BoardEscalations(
        open=tuple(_on_a_shared_screen(each) for each in urgent_first) if role is AccountRole.STAFF else (),
        count=len(told),
        unacknowledged=sum(not each.open.case.settled for each in told),
    )


def _on_a_shared_screen(each: OpenEscalation) -> OpenEscalation:
    """Any duty staff may stand before it, also those of the wing, whom E4 keeps out (domain.md 6)."""
    if each.open.told.cause is not Cause.PERSON_AT_RISK:
        return each
    told = replace(each.open.told, location=None, prison_number=None, preferred_name=None)
    return replace(each, open=replace(each.open, told=told))
