"""Which dangers are in what was said: the rules that a clinician can read, and what the encoder has learnt."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.dangers import DANGER_NOW, Danger
from speech.meaning import LEARNT, LearntMeaning, Likely, Meaning
from speech.risk import dangers_in, plain_words

# What is said now and up to five utterances before it: a danger is often spread over several.
MOST_UTTERANCES = 6
MOST_WORDS = 90


@dataclass(frozen=True, slots=True)
class Found:
    """A danger, and the rule that explains it: a rule of rules.toml, or `meaning.<kind>`."""

    rule: str
    danger: Danger


@dataclass(frozen=True, slots=True)
class Limits:
    """How sure the encoder must be, 0 to 1; made by corpus.calibrate, and a clinician may raise them."""

    # That there is a danger, for it to be found without a rule; by the kind that it most likely is.
    finds: Mapping[Danger, float]
    # That there is a danger, for a rule to stand that is not of danger now.
    lets_stand: float
    # A second kind is named as well when it has at least this share.
    also: float

    @classmethod
    def read(cls, file: Path = LEARNT / "limits.toml") -> "Limits":
        book = tomllib.loads(file.read_text("utf-8"))
        finds = {Danger(kind): float(limit) for kind, limit in book["finds"].items()}
        return cls(finds, float(book["lets_stand"]), float(book["also"]))


class Judge:
    """Shared by all calls; holds no words between two of them."""

    def __init__(self, meaning: Meaning | None, limits: Limits, *, rules: bool = True) -> None:
        self._meaning = meaning
        self._limits = limits
        self._rules = rules

    def dangers_in(self, said: Sequence[str]) -> tuple[Found, ...]:
        """`said`: the utterances of the last half minute, the newest last."""
        hits = dangers_in(" ".join(said)) if self._rules else ()
        by_rule = tuple(Found(hit.rule, hit.danger) for hit in hits)
        if self._meaning is None:
            return by_rule
        likely = self._meaning(newest(said))
        standing = tuple(
            # Danger now is never cleared by the encoder alone.
            found
            for found in by_rule
            if found.danger in DANGER_NOW or likely.danger >= self._limits.lets_stand
        )
        already = {found.danger for found in standing}
        return standing + tuple(Found(f"meaning.{kind}", kind) for kind in self._kinds(likely) if kind not in already)

    def _kinds(self, likely: Likely) -> Sequence[Danger]:
        """The likeliest kind, when it is likely enough for its own limit, and one that is nearly as likely."""
        first, second = sorted(likely.kinds, key=lambda kind: likely.kinds[kind], reverse=True)[:2]
        if likely.danger < self._limits.finds[first]:
            return ()
        return (first, second) if likely.kinds[second] >= self._limits.also else (first,)


def newest(said: Sequence[str]) -> str:
    """As the encoder learnt it: plain words, whichever recogniser wrote them, and a stop between two utterances."""
    words = " . ".join(" ".join(plain_words(one)) for one in said[-MOST_UTTERANCES:]).split()
    return " ".join(words[-MOST_WORDS:])


def load() -> Judge:
    """Half a second, once for the whole process."""
    return Judge(LearntMeaning(), Limits.read())
