"""`wingline evaluate rules`: the whole text engine over calls that were written down."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from speech.attention import Attention
from speech.judge import Judge
from speech.lookout import Lookout
from wingline.evaluation.figures import Outcome, figures_of, quantiles
from wingline.evaluation.lines import WORDS_A_MINUTE, Line

Progress = Callable[[int, int], None]


def evaluate_text(lines: Sequence[Line], judge: Judge, progress: Progress) -> dict[str, Any]:
    """Each line is a call of its own, spoken at 150 words a minute."""
    took: list[float] = []
    outcomes = []
    for number, line in enumerate(lines):
        progress(number, len(lines))
        outcomes.append(outcome_of(line, judge, took))
    return {**figures_of(outcomes), **quantiles("ms", took)}


def outcome_of(line: Line, judge: Judge, took: list[float]) -> Outcome:
    """`took` gets the milliseconds that each utterance cost."""
    attention, flags, second = Attention(judge, Lookout()), [], 0.0
    for words in line.said:
        second += 60 * len(words.split()) / WORDS_A_MINUTE
        attention.forget_old(second)
        began = time.perf_counter()
        new = attention.heard(words, now=second, second=second, settled=True)
        took.append(1000 * (time.perf_counter() - began))
        flags += [found.danger for found in new]
    return Outcome(line.id, line.expect, line.minutes / 60, tuple(flags), line.voice)
