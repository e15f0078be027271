"""What turns dangerous words into harmless ones: they are denied, long past, or somebody else's."""

import tomllib
from collections.abc import Sequence
from enum import StrEnum
from importlib.resources import files

Words = Sequence[str]


class Excuse(StrEnum):
    """Why words that sound dangerous are not a danger now."""

    NEGATION = "negation"
    PAST = "past"
    REPORTED = "reported"


_BOOK = tomllib.loads((files("speech") / "context.toml").read_text("utf-8"))
_DENIED, _PAST, _REPORTED = _BOOK["denied"], _BOOK["past"], _BOOK["reported"]


def excuses_for(words: Words, start: int, end: int) -> frozenset[Excuse]:
    """Everything around words[start:end] that takes the danger out of them."""
    before = words[max(0, start - _BOOK["look_back"]) : start]
    said = words[start:end]
    after = words[end : end + _BOOK["look_ahead"]]
    holds = {
        Excuse.NEGATION: _is_denied(before, said),
        Excuse.PAST: _is_long_ago(before, said, after),
        Excuse.REPORTED: _is_told(before, after) or _is_supposed(before, said, after),
    }
    return frozenset(excuse for excuse, true in holds.items() if true)


def _is_denied(before: Words, said: Words) -> bool:
    """The nearest denial to the left decides, unless it belongs to another clause."""
    another_clause = False
    for at in reversed(range(len(before))):
        word, following = before[at], before[at + 1] if at + 1 < len(before) else ""
        if word in _DENIED["clause_ends"]:
            return False
        if _denies(word, following or said[0]):
            if another_clause and following not in _DENIED["thinking"]:
                return False
            return following not in _DENIED["stands_after"] and not _is_unsure(before[:at])
        another_clause = another_clause or word in _DENIED["subjects"]
    return False


def _denies(word: str, following: str) -> bool:
    return word in _DENIED["by"] or word.endswith("n't") or (word == "no" and following in _DENIED["no"])


def _is_unsure(before: Words) -> bool:
    return any(
        word in _DENIED["unsure"] and any(_denies(earlier, word) for earlier in before[:at])
        for at, word in enumerate(before)
    )


def _is_long_ago(before: Words, said: Words, after: Words) -> bool:
    if _has(_PAST["recently"], (*before, *said, *after)) or _has(_REPORTED["admitted"], after):
        return False
    return _has(_PAST["long_ago"], (*before, *said[:2])) or _has(_PAST["long_ago"], after)


def _is_told(before: Words, after: Words) -> bool:
    return _has(_REPORTED["told"], before) or _has(_REPORTED["told"], after)


def _is_supposed(before: Words, said: Words, after: Words) -> bool:
    """Others ask or think that the caller will; unless the caller says that it is so."""
    asked = [
        at
        for at, word in enumerate(before)
        if word in _REPORTED["suppose"] and _has(_REPORTED["others"], before[max(0, at - 3) : at])
    ]
    if not asked or _has(_REPORTED["admitted"], after):
        return False
    return _has(_DENIED["subjects"], (*before[asked[-1] :], *said[:1]))


def _has(phrases: Words, words: Words) -> bool:
    text = f" {' '.join(words)} "
    return any(f" {phrase} " in text for phrase in phrases)
