"""What Asterisk's manager interface says, read without losing anything and kept out of every log."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


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
        return Event(what, fields)
    return Reply(what.lower() != "error", fields.get("message", ""), fields) if kind == "response" else None


def _split(pack: str) -> Iterator[tuple[str, str, str]]:
    return (line.partition(":") for line in pack.split("\r\n"))
