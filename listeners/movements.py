"""What a movement means for a Listener: away for a time, or in another cell for good."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from listeners.csv_file import BadCell, Known, Read, Row, read_rows
from models.words import CellId, ListenerId, MovementKind
from rota.away import Moved, away
from rota.person import Span

COLUMNS = ("code_name", "kind", "since")
OPTIONAL = ("until", "cell")
# Who is gone for good has no use for their cell any more; who is at court or in hospital comes back to it.
GONE = frozenset({MovementKind.TRANSFER, MovementKind.RELEASE, MovementKind.RETURNED})


class Source(StrEnum):
    """Who told us; the same movement from two of them is two rows that mean the same."""

    CSV = "csv"
    API = "api"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Aware UTC. ``until`` is when they are known to be back; ``cell`` is where a cell move goes."""

    listener: ListenerId
    kind: MovementKind
    since: datetime
    until: datetime | None = None
    cell: CellId | None = None


@dataclass(frozen=True, slots=True)
class Homes:
    """Which Listener has the phone of which cell, and who has left the scheme and may have to give theirs up."""

    holders: Mapping[CellId, ListenerId]
    left: Collection[ListenerId] = field(default=())


def why_wrong(movement: Movement) -> tuple[str, str] | None:
    """The column and what to write there, when the movement cannot mean anything."""
    moves = movement.kind is MovementKind.CELL_MOVE
    if moves and movement.cell is None:
        return "cell", "a cell move needs the cell that it goes to"
    if not moves and movement.cell is not None:
        return "cell", "only a cell move has a cell; leave it empty"
    if movement.until is None:
        return None
    if movement.kind in {MovementKind.CELL_MOVE, MovementKind.RETURNED}:
        return "until", f"{movement.kind.value} has no end; leave it empty"
    if movement.until <= movement.since:
        return "until", "it must be later than since"
    return None


def movement_of(row: Row, known: Known) -> Movement:
    """BadCell says which column is wrong, and what to write there."""
    movement = Movement(
        listener=known.listener(row, "code_name"),
        kind=row.word("kind", MovementKind),
        since=known.moment(row, "since"),
        until=known.last_moment(row, "until"),
        cell=known.cell(row, "cell") if row.text("cell") else None,
    )
    if wrong := why_wrong(movement):
        raise BadCell(*wrong)
    return movement


def read_movements(text: str, known: Known) -> Read[Movement]:
    return read_rows(text, lambda row: movement_of(row, known), columns=COLUMNS, optional=OPTIONAL)


# ---- away


def away_spans(movements: Iterable[Movement], *, after: datetime) -> Mapping[ListenerId, tuple[Span, ...]]:
    """Of each Listener who is or will be away, what is not over."""
    moved: defaultdict[ListenerId, list[Moved]] = defaultdict(list)
    for one in movements:
        moved[one.listener].append(Moved(one.since, one.kind, one.until))
    spans = {
        who: [span for span in away(some) if span.until is None or span.until > after] for who, some in moved.items()
    }
    return {who: tuple(some) for who, some in spans.items() if some}


def away_at(movements: Iterable[Movement], at: datetime) -> frozenset[ListenerId]:
    return frozenset(
        who for who, spans in away_spans(movements, after=at).items() if any(span.since <= at for span in spans)
    )


def gone_at(movements: Iterable[Movement], homes: Homes, at: datetime) -> frozenset[ListenerId]:
    """By a transfer or release that has begun, or out of the scheme."""
    return away_at((one for one in movements if one.kind in GONE), at) | frozenset(homes.left)


# ---- cells


def to_move(movements: Sequence[Movement], homes: Homes, at: datetime) -> Mapping[ListenerId, Movement]:
    """The cell move that each must still make: the latest that has begun, when they have not that cell's phone yet.

    Of two that begin at the same moment the later in ``movements`` counts. Who is gone moves nowhere.
    """
    stay = gone_at(movements, homes, at)
    latest: dict[ListenerId, Movement] = {}
    for one in sorted(movements, key=lambda one: one.since):
        if one.kind is MovementKind.CELL_MOVE and one.since <= at and one.listener not in stay:
            latest[one.listener] = one
    return {who: one for who, one in latest.items() if one.cell and homes.holders.get(one.cell) != who}


def in_the_way(movements: Sequence[Movement], homes: Homes, at: datetime) -> Mapping[ListenerId, ListenerId]:
    """Who cannot move, and who has that cell's phone; two may change places, and who is gone is in nobody's way."""
    moves = to_move(movements, homes, at)
    gone = gone_at(movements, homes, at)
    first: dict[CellId | None, ListenerId] = {}
    for who, move in sorted(moves.items(), key=lambda one: (one[1].since, one[0])):
        first.setdefault(move.cell, who)
    stuck = {who: first[move.cell] for who, move in moves.items() if first[move.cell] != who}
    wanted = {who: homes.holders.get(move.cell) for who, move in moves.items() if move.cell and who not in stuck}
    behind = {who: holder for who, holder in wanted.items() if holder and holder not in gone}
    while True:
        more = {who: holder for who, holder in behind.items() if holder not in moves or holder in stuck}
        if more.keys() <= stuck.keys():
            return stuck
        stuck |= more


def refused_moves(
    known: Sequence[Movement], new: Sequence[Movement], homes: Homes, *, now: datetime
) -> Mapping[int, ListenerId]:
    """Which of the ``new`` cell moves cannot be made when their time comes, as far as is known, and who is in the way.

    All are looked at together, so that it does not matter in which order a file names two who change places.
    """
    refused: dict[int, ListenerId] = {}
    moments = sorted({max(now, one.since) for one in new if one.kind is MovementKind.CELL_MOVE})
    while True:
        movements = [*known, *(one for number, one in enumerate(new) if number not in refused)]
        found: dict[int, ListenerId] = {}
        for at in moments:
            moves = to_move(movements, homes, at)
            for who, holder in in_the_way(movements, homes, at).items():
                found |= {
                    number: holder
                    for number, one in enumerate(new)
                    if one is moves[who] and number not in refused and max(now, one.since) == at
                }
        if not found:
            return refused
        refused |= found
