"""What the programs' logs say of a run: what the line put right, and what nobody foresaw."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

# Differences between Asterisk and the database that ivr/reconcile.py puts right, by the names of their events.
_CORRECTS = (
    "call.adopted",
    "call.ended_unseen",
    "talk.ended_unseen",
    "listener.joined_unseen",
    "listener.left_unseen",
    "join.ordered_again",
    "ring.silenced",
    "caller.fetched",
    "telling.ended_unseen",
    "offer.ended_unseen",
    "hearing.ended_unseen",
)
_EVENT = re.compile(r"event='([^']+)'")
_SAID = re.compile(r"^timestamp='([^']+)' (.*)$", re.MULTILINE)
_TRACEBACK = "Traceback (most recent call last)"
# Where a traceback passed, and how it ends. What follows the error's name may repeat a row, and is not read.
_PLACE = re.compile(
    r'File "[^"]*?/((?:console|escalation|ivr|listeners|models|rota|speech|wingline)/\S+\.py)", line (\d+)'
)
_ERROR = re.compile(
    r"^[ |+]*([A-Za-z_][\w.]*(?:Error|Exception|Fault|Interrupt|Gone|Refused|NotConnected|Group))\b", re.MULTILINE
)


def corrected(logs: Path) -> dict[str, int]:
    found = Counter(event for log in _of_lines(logs) for event in _EVENT.findall(_text(log)))
    return {name: found[name] for name in _CORRECTS if found[name]}


def surprises(logs: Path) -> Iterator[str]:
    """A line for each kind of error that somebody's log shows with a traceback."""
    for log in sorted(logs.glob("*.log")):
        kinds = Counter(_errors(_text(log)))
        for kind, times in sorted(kinds.items()):
            yield f"{log.name}: {times} times {kind}"


def told(logs: Path, since: Callable[[datetime], float]) -> tuple[tuple[float, str], ...]:
    """What the line said, with its times: events and ids, and never a word of anybody's."""
    found = (match for log in _of_lines(logs) for match in _SAID.finditer(_text(log)))
    return tuple((since(datetime.fromisoformat(match[1])), match[2]) for match in found)


def _of_lines(logs: Path) -> list[Path]:
    """Of the line, or of each node's."""
    return sorted(logs.glob("*line.log"))


def _errors(text: str) -> Iterator[str]:
    for part in text.split(_TRACEBACK)[1:]:
        error = _ERROR.search(part)
        places = _PLACE.findall(part[: error.start()] if error else part)
        kind = error[1] if error else "an error"
        if kind.endswith("CancelledError"):
            continue  # Python 3.11 shows each session that it cancels when the line is told to end
        yield f"{kind} at {places[-1][0]}:{places[-1][1]}" if places else kind


def _text(log: Path) -> str:
    return log.read_text("utf-8", "replace") if log.exists() else ""
