"""Whom a Listener is kept apart from, and for which cells' calls they are therefore not rung."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from listeners.csv_file import BadCell, Known, Read, Row, read_rows
from models.words import CellId, ListenerId, Restriction, WingId

COLUMNS = ("code_name", "restriction", "reason", "role")
OPTIONAL = ("prison_number", "location", "other_code_name")
PRISON_NUMBER = re.compile("[A-Z][0-9]{4}[A-Z]{2}")


class Reason(StrEnum):
    """HMPPS's own words (domain.md 1.8); checked, and then dropped."""

    BULLYING = "BULLYING"
    GANG_RELATED = "GANG_RELATED"
    ORGANISED_CRIME = "ORGANISED_CRIME"
    LEGAL_REQUEST = "LEGAL_REQUEST"
    THREAT = "THREAT"
    VIOLENCE = "VIOLENCE"
    OTHER = "OTHER"


class Role(StrEnum):
    """HMPPS's own words (domain.md 1.8); checked, and then dropped."""

    VICTIM = "VICTIM"
    PERPETRATOR = "PERPETRATOR"
    NOT_RELEVANT = "NOT_RELEVANT"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One row of a file: the other is a Listener, or somebody with a prison number in a cell; no repr says whom."""

    listener: ListenerId
    restriction: Restriction
    other_listener: ListenerId | None = field(default=None, repr=False)
    cell: CellId | None = field(default=None, repr=False)
    prison_number: str = field(default="", repr=False)

    def mark(self, key: bytes) -> str:
        """What the other is found by in the next file; without the key nobody can tell whom it means."""
        other = f"listener {self.other_listener}" if self.other_listener else f"number {self.prison_number}"
        return hmac.new(key, other.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is; a Listener without a phone is on a wing and in no cell that is known."""

    wing: WingId = field(repr=False)
    cell: CellId | None = field(default=None, repr=False)
    location: str = field(default="", repr=False)

    @property
    def landing(self) -> str:
        """All before the cell's own number: "B-2" of "B-2-005"."""
        return self.location.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Rule:
    """A Listener is not rung for calls from the place of the other, and from what is near it."""

    listener: ListenerId
    restriction: Restriction
    other: Place


def covers(rule: Rule, caller: Place) -> bool:
    """Each restriction includes those before it: CELL, LANDING, WING."""
    same_wing = rule.other.wing == caller.wing
    same_cell = rule.other.cell is not None and rule.other.cell == caller.cell
    match rule.restriction:
        case Restriction.CELL:
            return same_cell
        case Restriction.LANDING:
            return same_cell or (same_wing and bool(caller.landing) and rule.other.landing == caller.landing)
        case Restriction.WING:
            return same_cell or same_wing
    assert_never(rule.restriction)


def kept_apart(rules: Iterable[Rule], caller: Place) -> frozenset[ListenerId]:
    return frozenset(rule.listener for rule in rules if covers(rule, caller))


def read_pairs(text: str, known: Known) -> Read[Pair]:
    return read_rows(text, pair_reader(known), columns=COLUMNS, optional=OPTIONAL)


def pair_reader(known: Known) -> Callable[[Row], Pair]:
    """Reads the rows of one file, in which no pair may stand twice; BadCell says which column is wrong."""
    seen: dict[tuple[ListenerId, ListenerId | None, str], int] = {}

    def meaning(row: Row) -> Pair:
        pair = _pair(row, known)
        first = seen.setdefault((pair.listener, pair.other_listener, pair.prison_number), row.number)
        if first != row.number:
            raise BadCell("code_name", f"the same pair stands in row {first} already; leave one of the two rows")
        return pair

    return meaning


def _pair(row: Row, known: Known) -> Pair:
    listener = known.listener(row, "code_name")
    restriction = row.word("restriction", Restriction)
    row.word("reason", Reason)
    row.word("role", Role)
    if row.text("other_code_name"):
        other = known.listener(row, "other_code_name")
        if other == listener:
            raise BadCell("other_code_name", "this is the same Listener; write the other one")
        return Pair(listener=listener, restriction=restriction, other_listener=other)
    number = row.text("prison_number").upper()
    if not PRISON_NUMBER.fullmatch(number):
        raise BadCell("prison_number", "write it like A1234BC, or name the other Listener in other_code_name")
    return Pair(listener=listener, restriction=restriction, cell=known.cell(row, "location"), prison_number=number)
