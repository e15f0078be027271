"""What turns dangerous words into harmless ones: they are denied, long past, or somebody else's."""

import tomllib
from collections.abc import Sequence
from enum import StrEnum
from importlib.resources import files
from itertools import pairwise

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
        Excuse.NEGATION: _is_denied(before, said) or _is_answered_no(before, said, after),
        Excuse.PAST: _is_long_ago(before, said, after),
        Excuse.REPORTED: _is_told(before, said, after)
        or _is_written(before, said, after)
        or _is_asked(before, said)
        or _is_supposed(before, said, after),
    }
    return frozenset(excuse for excuse, true in holds.items() if true)


def _is_denied(before: Words, said: Words) -> bool:
    """The nearest denial to the left decides, unless it belongs to another clause."""
    another_clause = False
    for at in reversed(range(len(before))):
        word, following = before[at], before[at + 1] if at + 1 < len(before) else ""
        if word in _DENIED["clause_ends"]:
            return word == "because" and at > 0 and before[at - 1] == "not"
        if _denies(word, following or said[0]):
            if another_clause and following not in _DENIED["thinking"]:
                return False
            return following not in _DENIED["stands_after"] and not _is_unsure(before[:at])
        another_clause = another_clause or word in _DENIED["subjects"]
    return False


def _is_answered_no(before: Words, said: Words, after: Words) -> bool:
    answer, following = [*after, "", ""][:2]
    if answer not in _DENIED["answers"] or following in _DENIED["no_answer"] or _is_done(before, said):
        return False
    words = (*before[-4:], *said)
    return all(
        at > 0 and words[at - 1] in _DENIED["asks"] for at, word in enumerate(words) if word in _REPORTED["themselves"]
    )


def _is_done(before: Words, said: Words) -> bool:
    return any(word in _DENIED["done"] for word in (*before[-1:], *said))


def _denies(word: str, following: str) -> bool:
    return word in _DENIED["by"] or word.endswith("n't") or (word == "no" and following in _DENIED["no"])


def _is_unsure(before: Words) -> bool:
    return any(
        word in _DENIED["unsure"] and any(_denies(earlier, word) for earlier in before[:at])
        for at, word in enumerate(before)
    )


def _is_long_ago(before: Words, said: Words, after: Words) -> bool:
    near = (*before[-3:], *said)
    if any(word in _PAST["present"] for word in near) and not any(word in _PAST["was"] for word in near):
        return False
    # "When I first came in I wanted to die, now I help others"; "I swallowed it when I was low, now my belly hurts".
    then = after if _is_done(before, said) else [word for word in after if word != "now"]
    if _has(_PAST["recently"], _without_never_again((*before, *said, *then))) or _has(_REPORTED["admitted"], after):
        return False
    return _has(_PAST["long_ago"], (*before, *said[:2])) or _has(_PAST["long_ago"], after)


def _others_suppose(who: Words, verb: str) -> bool:
    passive = verb == "asked" and who[-1:] and who[-1] in _REPORTED["been_asked"]
    return bool(passive) or (verb in _REPORTED["suppose"] and _has(_REPORTED["others"], who))


def _without_never_again(words: Words) -> Words:
    return " ".join(words).replace("never again", "never").split()


def _is_told(before: Words, said: Words, after: Words) -> bool:
    begun_anew = _speaks_for_themselves(before, said)
    return (_has(_REPORTED["told"], before) and not begun_anew) or _has(_REPORTED["told"], after)


def _is_written(before: Words, said: Words, after: Words) -> bool:
    if _has(_REPORTED["admitted"], (*before, *said, *after)):
        return False
    # What they say of themselves begins anew, whatever was read before it.
    own = [at for at, word in enumerate(before) if word in _REPORTED["themselves"]]
    nearest = before[own[-1] + 1 :] if own else before
    theirs = any(word in _REPORTED["themselves"] for word in (*before[-2:], *said))
    return not theirs and _has(_REPORTED["written"], nearest)


def _is_asked(before: Words, said: Words) -> bool:
    """It is said of "you", and of nobody since."""
    since = _after_the_last(_REPORTED["spoken_to"], before)
    own = (*_DENIED["subjects"], *_REPORTED["not_you"])
    return since is not None and not any(word in own for word in (*since, said[0])) and not _is_done(before, said)


def _after_the_last(phrases: Words, words: Words) -> Words | None:
    """What follows the last of these phrases; nothing, where there is none."""
    text = f" {' '.join(words)} "
    end = max((at + len(phrase) + 2 for phrase in phrases if (at := text.rfind(f" {phrase} ")) >= 0), default=0)
    return text[end:].split() if end else None


def _is_supposed(before: Words, said: Words, after: Words) -> bool:
    """Others ask or think that the caller will; unless the caller says that it is so."""
    asked = [at for at in range(len(before)) if _others_suppose(before[max(0, at - 3) : at], before[at])]
    if not asked or _has(_REPORTED["admitted"], after) or _speaks_for_themselves(before[asked[-1] :], said):
        return False
    return _has(_DENIED["subjects"], (*before[asked[-1] :], *said[:1]))


def _speaks_for_themselves(since: Words, said: Words) -> bool:
    """A clause of their own after what others said: "they asked how I was, and I'm going to …"."""
    words = (*since, *said[:1])
    return any(
        first in _DENIED["clause_ends"] and second in _REPORTED["themselves"] for first, second in pairwise(words)
    )


def _has(phrases: Words, words: Words) -> bool:
    text = f" {' '.join(words)} "
    return any(f" {phrase} " in text for phrase in phrases)
