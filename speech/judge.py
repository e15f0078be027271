"""Which dangers are in what was said: the rules that a clinician can read, and what the encoder has learnt."""

import math
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
    # How far both passes agree on a caller whom they understand (speech.understanding), and how much surer the encoder
    # must be of one on whom they agree not at all: so many times more, in the logarithm of the odds.
    understood: float = 0.0
    surer: float = 0.0

    @classmethod
    def read(cls, file: Path = LEARNT / "limits.toml") -> "Limits":
        book = tomllib.loads(file.read_text("utf-8"))
        finds = {Danger(kind): float(limit) for kind, limit in book["finds"].items()}
        return cls(finds, *(float(book[name]) for name in ("lets_stand", "also", "understood", "surer")))

    def of(self, danger: Danger, agreement: float) -> float:
        """The limit of a kind, higher where the caller is not understood: no sense sounds like anything."""
        if self.finds[danger] >= 1 or agreement >= self.understood:
            return self.finds[danger]
        odds = self.finds[danger] / (1 - self.finds[danger])
        surer = odds * math.exp(self.surer * (1 - agreement / self.understood))
        return surer / (1 + surer)


class Judge:
    """Shared by all calls; holds no words between two of them."""

    def __init__(self, meaning: Meaning | None, limits: Limits, *, rules: bool = True) -> None:
        self._meaning = meaning
        self._limits = limits
        self._rules = rules

    def dangers_in(self, said: Sequence[str], agreement: float = 1.0) -> tuple[Found, ...]:
        """`said`: the utterances of the last half minute, the newest last; `agreement`: see speech.understanding."""
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
        kinds = self._kinds(likely, agreement)
        return standing + tuple(Found(f"meaning.{kind}", kind) for kind in kinds if kind not in already)

    def _kinds(self, likely: Likely, agreement: float) -> Sequence[Danger]:
        """The likeliest kind, when it is likely enough for its own limit, and one that is nearly as likely."""
        first, second = sorted(likely.kinds, key=lambda kind: likely.kinds[kind], reverse=True)[:2]
        if likely.danger < self._limits.of(first, agreement):
            return ()
        return (first, second) if likely.kinds[second] >= self._limits.also else (first,)


def newest(said: Sequence[str]) -> str:
    """As the encoder learnt it: plain words, whichever recogniser wrote them, and a stop between two utterances."""
    words = " . ".join(" ".join(plain_words(one)) for one in said[-MOST_UTTERANCES:]).split()
    return " ".join(words[-MOST_WORDS:])


def load() -> Judge:
    """Half a second, once for the whole process."""
    return Judge(LearntMeaning(), Limits.read())
