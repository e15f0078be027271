"""Sets speech/learnt/limits.toml: how sure the encoder must be, on authors and calls that it has not learnt from.

    python -m corpus.calibrate [--authors scots] [--harmless 0.03] [--an-hour 3.5]

The three limits (danger now, a passing thought of suicide, all else) that find the most within two bounds: the share of
harmless look-alikes flagged (the rules flag two in a hundred beside it), and flags an hour of our made-up calls, which
are full of deadly words (real ones have a fraction of that). Danger now counts twice, a passing thought of suicide
less.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from corpus.texts import CALIBRATES, Statement, calls_kept, statements
from models.dangers import DANGER_NOW, Danger
from speech.judge import newest
from speech.meaning import LEARNT, LearntMeaning

KINDS = tuple(Danger)
WORDS_AN_HOUR = 9000
GRID = (
    0.5, 0.6, 0.7, 0.75, 0.8, 0.82, 0.84, 0.86, 0.87, 0.88, 0.89, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98,
)  # fmt: skip
ALSO = 0.3
# Chosen by telephone: docs/decisions/0017-how-well-a-caller-is-understood.md.
UNDERSTOOD, SURER = 0.6, 2.4


@dataclass(frozen=True, slots=True)
class Seen:
    """One statement and how sure the encoder was at most, by the kind that it then took it for."""

    statement: Statement
    most: dict[Danger, float]

    @property
    def hours(self) -> float:
        return len(" ".join(self.statement.said).split()) / WORDS_AN_HOUR


def look(statement: Statement, meaning: LearntMeaning) -> Seen:
    most: dict[Danger, float] = {}
    for end in range(1, len(statement.said) + 1):
        likely = meaning(newest(statement.said[:end]))
        kind = max(likely.kinds, key=lambda one: likely.kinds[one])
        most[kind] = max(most.get(kind, 0.0), likely.danger)
    return Seen(statement, most)


def worth(kinds: frozenset[Danger]) -> float:
    return 2.0 if kinds & DANGER_NOW else 0.8 if kinds == {Danger.SUICIDE_INTENT} else 1.2


def groups_with(now: float, intent: float, others: float) -> dict[Danger, float]:
    """Three limits and not ten: of one author there are too few statements of each kind to set it by."""
    by_group = dict.fromkeys(KINDS, others) | dict.fromkeys(DANGER_NOW, now)
    return by_group | {Danger.SUICIDE_INTENT: intent}


def bounds(seen: Sequence[Seen], limits: dict[Danger, float]) -> tuple[float, float, float]:
    """What is found, by its worth, of what there is; share of look-alikes flagged; flags an hour of ordinary calls."""

    def flagged(one: Seen) -> bool:
        return any(sure >= limits[kind] for kind, sure in one.most.items())

    dangerous = [(worth(one.statement.kinds), flagged(one)) for one in seen if one.statement.kinds]
    alike = [flagged(one) for one in seen if not one.statement.kinds and one.statement.why != "calls"]
    calls = [one for one in seen if one.statement.why == "calls"]
    hours = sum(one.hours for one in calls)
    found = sum(worth_ for worth_, found in dangerous if found) / sum(worth_ for worth_, _ in dangerous)
    return found, float(np.mean(alike)), sum(map(flagged, calls)) / max(hours, 1e-9)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--authors", nargs="+", default=[CALIBRATES])
    asked.add_argument("--harmless", type=float, default=0.03)
    asked.add_argument("--an-hour", type=float, default=3.5)
    asked.add_argument("--out", type=Path, default=LEARNT)
    given = asked.parse_args()
    meaning = LearntMeaning(given.out)
    known = [one for author in given.authors for one in statements(author)]
    known += calls_kept()
    seen = [look(one, meaning) for one in known]
    within = [
        (found, limits, alike, an_hour)
        for now, intent, others in product(GRID, repeat=3)
        if now <= others <= intent
        for limits in [groups_with(now, intent, others)]
        for found, alike, an_hour in [bounds(seen, limits)]
        if alike <= given.harmless and an_hour <= given.an_hour
    ]
    found, limits, alike, an_hour = max(within, key=lambda one: one[0])
    lets_stand = min(limits.values()) / 4
    sys.stdout.write(f"found {found:.3f}, look-alikes flagged {alike:.3f}, flags an hour {an_hour:.2f}\n")
    lines = [
        "# How sure the encoder must be that there is a danger (0 to 1). Made by corpus.calibrate; a clinician may",
        "# raise a limit, or set it above 1 to switch the kind off. The rules of rules.toml hold beside it.",
        f"lets_stand = {lets_stand:.3f}  # for a rule to stand that is not of danger now",
        f"also = {ALSO}          # the share at which a second kind is named as well",
        f"understood = {UNDERSTOOD}    # how far both passes agree on a caller whom they understand",
        f"surer = {SURER}         # where they agree not at all: so much surer, in the logarithm of the odds",
        "",
        "[finds]",
        *(f"{kind} = {limits[kind]:.3f}" for kind in KINDS),
    ]
    (given.out / "limits.toml").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
