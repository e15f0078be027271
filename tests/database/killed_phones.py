"""Phones that ring on whoever lives: what the processes of the line did, read from the file of their deeds."""

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Deed:
    """A line of the file of deeds."""

    at: float
    node: str
    life: int
    what: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone that rings; it does so until somebody answers or loses patience, whoever lives."""

    telling: str
    escalation: str
    phone: str
    node: str
    life: int
    at: float
    patience: float


@dataclass(slots=True)
class Twice:
    """A phone that was rung for an escalation for which it rang already."""

    first: Ring
    second: Ring
    # When one of the two had stopped.
    until: float | None = None


@dataclass(slots=True)
class Phones:
    """Reads what processes did, in the order in which they did it."""

    path: Path
    chance: random.Random
    ringing: dict[str, Ring] = field(default_factory=dict)
    rings: list[Ring] = field(default_factory=list)
    escalations: set[str] = field(default_factory=set)
    twice: list[Twice] = field(default_factory=list)
    lives: list[tuple[str, float]] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)
    answers: dict[int, object] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    _read: int = 0

    def look(self) -> None:
        with self.path.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            facts = json.loads(line)
            self._take(Deed(facts.pop("at"), facts.pop("node"), facts.pop("life"), facts.pop("what"), facts))

    def _take(self, deed: Deed) -> None:
        facts = deed.facts
        match deed.what:
            case "ring":
                self._ring(deed, Ring(**facts, node=deed.node, life=deed.life, at=deed.at, patience=self._patience()))
            case "stop" | "answered":
                self._silent(facts["telling"], deed.at)
            case "lives":
                self.lives.append((deed.node, deed.at))
            case "begins":
                self.begun.add(facts["order"])
            case "done":
                self.answers[facts["order"]] = facts["answer"]
            case "failed":
                self.failed.append(facts["error"])

    def _ring(self, deed: Deed, new: Ring) -> None:
        for old in self.ringing.values():
            if (old.escalation, old.phone) == (new.escalation, new.phone):
                self.twice.append(Twice(old, new))
        self.ringing[deed.facts["telling"]] = new
        self.rings.append(new)
        self.escalations.add(new.escalation)

    def _silent(self, telling: str, at: float) -> None:
        gone = self.ringing.pop(telling, None)
        for one in self.twice:
            if one.until is None and gone in {one.first, one.second}:
                one.until = at

    def _patience(self) -> float:
        return self.chance.uniform(0.2, 4)
