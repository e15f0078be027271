"""What is said to Asterisk's manager interface and what it says, nothing lost or forged, and kept out of every log."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from asterisk.ami.action import Action

from models.errors import NotAllowed

LONGEST_LINE = 1000  # Asterisk answers a line over 1022 bytes with an error that no longer says whose it is
MOST_LINES = 100  # and drops an action of more than 128 lines in the same way
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\([A-Za-z0-9_-]*\))?")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SPLITS_A_VARIABLE = re.compile(r'[\\",()\[\]]')


class Fields(Mapping[str, str]):
    """What Asterisk said, name by name in any case; a name said twice keeps both values, and [] gives the first."""

    __slots__ = ("_values",)

    def __init__(self, lines: list[tuple[str, str]]) -> None:
        self._values: dict[str, tuple[str, ...]] = {}
        for name, value in lines:
            key = name.lower()
            self._values[key] = (*self._values.get(key, ()), value)

    def all(self, name: str) -> tuple[str, ...]:
        return self._values.get(name.lower(), ())

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<{len(self)} fields>"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in Asterisk."""

    name: str
    fields: Fields

    def __getitem__(self, name: str) -> str:
        return self.fields[name]

    def get(self, name: str, default: str = "") -> str:
        return self.fields.get(name, default)

    def all(self, name: str) -> tuple[str, ...]:
        return self.fields.all(name)


@dataclass(frozen=True, slots=True)
class Reply:
    """Asterisk's answer to one action."""

    ok: bool
    message: str = field(repr=False)
    fields: Fields


def parse(pack: str) -> Event | Reply | None:
    """asterisk-ami's own parser overwrites repeated names and lets U+2028 in a value begin a new field."""
    lines = [(name, value.removeprefix(" ")) for name, colon, value in _split(pack) if colon]
    kind, what = (lines[0][0].lower(), lines[0][1]) if lines else ("", "")
    fields = Fields(lines[1:])
    if kind == "event":
        return Event(what, fields) if _FIELD_NAME.fullmatch(what) else None
    return Reply(what.lower() != "error", fields.get("message", ""), fields) if kind == "response" else None


def _split(pack: str) -> Iterator[tuple[str, str, str]]:
    return (line.partition(":") for line in pack.split("\r\n"))


def compose(name: str, fields: Mapping[str, str | int], variables: Mapping[str, str]) -> Action:
    """An action that means to Asterisk exactly what it says here, or NotAllowed."""
    # Asterisk reads a variable's value as a list of them: unescaped, "1,B=2" would set B too.
    escaped = {key: _SPLITS_A_VARIABLE.sub(r"\\\g<0>", value) for key, value in variables.items()}
    action = Action(name, {key: str(value) for key, value in fields.items()}, escaped)
    if complaint := _complaint(action):
        raise NotAllowed(f"send {name!r}", complaint)
    return action


def _complaint(action: Action) -> str:
    lines = str(action).removesuffix("\r\n").split("\r\n")
    if any(_CONTROL.search(text) for text in (action.name, *action.keys.values(), *action.variables.values())):
        return "a value holds a control character"
    if not all(_FIELD_NAME.fullmatch(key) for key in action.keys):
        return "no field has a name like that"
    if not all(_VARIABLE_NAME.fullmatch(key) for key in action.variables):
        return "no variable has a name like that"
    if len(lines) > MOST_LINES or any(len(line.encode()) > LONGEST_LINE for line in lines):
        return f"Asterisk reads at most {MOST_LINES} lines of {LONGEST_LINE} bytes"
    return ""
