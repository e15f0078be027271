"""The corpus: statements made up by several authors, one a line, as BRIEF.md describes them."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from models.dangers import Danger
from speech.risk import plain_words

HERE = Path(__file__).parent
# Never learnt from: two to measure with, one to set the limits with (corpus.calibrate).
HELD_BACK = ("mixed", "fresh")
CALIBRATES = "scots"
# Plain words: the rules were written from the first two, all three of the others are measured with as one.
RULES_FROM = ("bare", "barer")
PLAIN = ("kin", "means", "small")
NEVER_LEARNT = (*HELD_BACK, CALIBRATES, *RULES_FROM, *PLAIN)
# Why a statement is harmless.
WHYS = frozenset({
    "negated", "past", "other", "reported", "idiom", "culture", "distress", "ordinary", "near", "unlisted", "protected",
    "long", "calls",
})  # fmt: skip


class BadLine(ValueError):
    def __init__(self, where: str, line: str) -> None:
        super().__init__(f"{where}: {line!r} is not `kind: utterance / utterance`")


@dataclass(frozen=True, slots=True)
class Statement:
    """What one made-up caller says, and what a thoughtful Listener hears in it; no kinds when it is harmless."""

    author: str
    id: str
    said: tuple[str, ...]
    kinds: frozenset[Danger]
    why: str = ""


def authors() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (HERE / "authors").glob("*.txt")))


def statements(author: str) -> tuple[Statement, ...]:
    """Raises BadLine with its place for a line that is not one."""
    text = (HERE / "authors" / f"{author}.txt").read_text("utf-8")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return tuple(_statement(author, number, line) for number, line in lines)


def _statement(author: str, number: int, line: str) -> Statement:
    label, colon, rest = line.partition(":")
    said = tuple(plain(one) for one in rest.split(" / ") if one.strip())
    name = f"{author}-{number}"
    if not colon or not said:
        raise BadLine(name, line)
    try:
        return Statement(author, name, said, *meant_by(label))
    except ValueError as error:
        raise BadLine(name, line) from error


def meant_by(label: str) -> tuple[frozenset[Danger], str]:
    """Its kinds, or none and why it is harmless. Raises ValueError for what BRIEF.md does not know."""
    if not label.startswith("-"):
        return frozenset(Danger(kind.strip()) for kind in label.split(",")), ""
    if label[1:] not in WHYS:
        raise ValueError(label)
    return frozenset(), label[1:]


def plain(words: str) -> str:
    """As a recogniser would write it: lower case, no stops."""
    return " ".join(plain_words(words))


def for_calibrating(statement: Statement) -> bool:
    """Every fifth ordinary call is not learnt from: the limits are set on it, and false flags an hour are counted."""
    return statement.why == "calls" and int(statement.id.rpartition("-")[2]) % 5 == 0


def to_learn_from(held_back: Collection[str] = NEVER_LEARNT) -> list[Statement]:
    """Everything of everybody else, but for the calls that the limits are set on."""
    learnt_from = [author for author in authors() if author not in held_back]
    return [one for author in learnt_from for one in statements(author) if not for_calibrating(one)]


def calls_kept() -> tuple[Statement, ...]:
    return tuple(one for author in authors() for one in statements(author) if for_calibrating(one))
