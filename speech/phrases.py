"""The phrases of rules.toml, read once and made into patterns over words."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from models.dangers import Danger
from models.errors import WinglineError
from speech.context import Excuse

_WORD = re.compile(r"[a-z0-9']+")


class BadRules(WinglineError):
    def __init__(self, complaint: str) -> None:
        super().__init__(f"speech/rules.toml: {complaint}")


class _NoWord(Exception):
    """What stands in a phrase, and why it is not understood."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a caller may say in different words, and what it means."""

    id: str
    danger: Danger
    said: re.Pattern[str]
    unless_next: re.Pattern[str] | None
    unless_before: re.Pattern[str] | None
    heeds: frozenset[Excuse]


@cache
def rules() -> tuple[Rule, ...]:
    book = tomllib.loads((files("speech") / "rules.toml").read_text("utf-8"))
    return tuple(_rule(entry, book["lists"]) for entry in book["rules"])


def _rule(entry: Mapping[str, Sequence[str]], lists: Mapping[str, Sequence[str]]) -> Rule:
    return Rule(
        id=str(entry["id"]),
        danger=Danger(str(entry["danger"])),
        said=re.compile(rf"(?<!\S){_any_of(entry['said'], lists)}"),
        unless_next=_maybe(entry.get("unless_next"), lists, ""),
        unless_before=_maybe(entry.get("unless_before"), lists, "$"),
        heeds=frozenset(Excuse(name) for name in entry.get("heeds", tuple(Excuse))),
    )


def _maybe(phrases: Sequence[str] | None, lists: Mapping[str, Sequence[str]], end: str) -> re.Pattern[str] | None:
    return re.compile(rf"(?<!\S){_any_of(phrases, lists)}{end}") if phrases else None


def _any_of(phrases: Sequence[str], lists: Mapping[str, Sequence[str]]) -> str:
    return f"(?:{'|'.join(pattern_of(phrase, lists) for phrase in phrases)})"


def pattern_of(phrase: str, lists: Mapping[str, Sequence[str]]) -> str:
    """Every word of the text is followed by one space, so each part of the pattern takes its space along.

    BadRules: a list that there is not, or what no word can be.
    """
    try:
        return "".join(_part(part, lists) for part in phrase.split())
    except _NoWord as fault:
        raise BadRules(f'"{phrase}": {fault}') from None


def _part(part: str, lists: Mapping[str, Sequence[str]]) -> str:
    if part == "...":
        return r"(?:\S+ ){0,4}?"
    choice = f"(?:{'|'.join(_choice(one, lists) for one in part.removesuffix('?').split('|'))})"
    return f"{choice}?" if part.endswith("?") else choice


def _choice(one: str, lists: Mapping[str, Sequence[str]]) -> str:
    if _WORD.fullmatch(one):
        return f"{one} "
    name = one.removeprefix("<").removesuffix(">")
    if one != f"<{name}>":
        raise _NoWord(f"{one or 'nothing'} is no word; words are in small letters, as somebody would say them")
    if name not in lists:
        raise _NoWord(f"there is no list <{name}>; there are {', '.join(sorted(lists))}")
    return _any_of(lists[name], lists)
