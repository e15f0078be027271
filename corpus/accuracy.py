"""Writes docs/accuracy.md: what the machine hears, measured on authors that it has not learnt from.

make accuracy                             (half an hour on two cores; recordings are made once, below .wingline)
python -m corpus.accuracy --words-alone   (a minute, without recordings)
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from corpus.speak import KOKORO, QUICK, with_noise
from corpus.texts import CALIBRATES, HELD_BACK, PLAIN, Statement, calls_kept, statements
from models.dangers import Danger
from speech.judge import Judge
from wingline.evaluation.bench import bench
from wingline.evaluation.cli import Part, compared, hearing, judge_without
from wingline.evaluation.lines import Line
from wingline.evaluation.sound import evaluate_sound
from wingline.evaluation.text import evaluate_text
from wingline.setup.paths import places

OUT = Path(__file__).parents[1] / "docs" / "accuracy.md"
RECORDINGS = 120
# Ordinary calls, shorter than a conversation. A natural voice needs as long to speak one as we to hear it.
CALLS = {"machines": 100, "natural": 24}
SPEAKERS = {"machines": QUICK, "natural": tuple(KOKORO)}
MOST_WORDS_OF_A_CALL = 120
BENCHED = 20
NOISE_DB = 15
TEST = " and ".join(f"`{author}`" for author in HELD_BACK)
MEASURED = {**{author: (author,) for author in (*HELD_BACK, CALIBRATES)}, "plain": PLAIN}
Figures = dict[str, Any]

OPENING = """# What the machine hears, in figures

Made by `make accuracy`; do not edit. Every statement here was made up (`corpus/README.md`); real callers, real voices
and real cells will differ, and no public recordings of such calls exist. Measure your own with
[`wingline evaluate`](evaluation.md).

{test} are authors held back whole: not learnt from, and no limit was set on them. The limits were set on
`{calibrates}`, who was not learnt from either; nor was `plain`: three authors of short sentences ({plain}), against
whose harmless ones the phrases of the rules were read. *Recall* is the share of dangerous statements with a flag of a
right kind, *any* with a flag of whatever kind; *look-alikes* is the share of harmless statements that were flagged
(all are chosen to look dangerous); *calls* are every fifth of our made-up ordinary telephone calls, in false flags an
hour.
"""


def lines_of(known: Sequence[Statement]) -> list[Line]:
    return [Line(one.id, one.said, one.kinds) for one in known]


def by(authors: Sequence[str]) -> list[Statement]:
    return [one for author in authors for one in statements(author)]


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join('-' if cell is None else str(cell) for cell in row)} |"
    yield ""


def per_cent(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.0f} %"


def text_ladder(judges: dict[str, Judge]) -> Iterator[str]:
    yield "## Written words\n"
    rows = []
    for name, judge in judges.items():
        hours = evaluate_text(lines_of(calls_kept()), judge, _quiet)
        for who, authors in MEASURED.items():
            figures = evaluate_text(lines_of(by(authors)), judge, _quiet)
            rows.append([
                name, who, per_cent(figures["recall"]), per_cent(figures["recall_any"]),
                per_cent(figures["false_flag_share"]), hours["false_flags_per_hour"],
                figures["ms_p50"], figures["ms_p95"],
            ])  # fmt: skip
    heads = ["engine", "author", "recall", "any", "look-alikes", "calls, flags/h", "ms p50", "ms p95"]
    yield from table(heads, rows)
    by_kind = evaluate_text(lines_of(by(HELD_BACK)), judges["both"], _quiet)["recall_by_kind"]
    yield f"By kind, everything together, {TEST}:\n"
    yield from table(["kind", "recall"], [[kind, per_cent(by_kind.get(kind))] for kind in Danger])


def recordings(noise: int | None) -> Path:
    return _spoken("clean", ["--authors", *HELD_BACK, "--count", str(RECORDINGS)], noise)


def ordinary_calls(speakers: str, noise: int | None) -> Path:
    sizes = ["--count", str(CALLS[speakers]), "--most-words", str(MOST_WORDS_OF_A_CALL)]
    return _spoken(f"calls-{speakers}", ["--calls", *sizes, "--voices", *SPEAKERS[speakers]], noise)


def _spoken(name: str, what: Sequence[str], noise: int | None) -> Path:
    """Spoken once; the noisy ones are the same recordings with noise over them."""
    clean = places().home / "accuracy" / name
    if not (clean / "refs.jsonl").exists():
        subprocess.run([sys.executable, "-m", "corpus.speak", str(clean), *what], check=True)
    if noise is None:
        return clean
    folder = clean.with_name(f"{name}-noise-{noise}")
    if not (folder / "refs.jsonl").exists():
        with_noise(clean, folder, noise)
    return folder


def heard(noise: int | None) -> tuple[Figures, list[Figures]]:
    """Statements, and ordinary calls. In a process of its own: the two lines are measured side by side."""
    means, engine = hearing(judge_without([]), one_pass=False)
    of_statements = evaluate_sound(recordings(noise), means, engine, _quiet, voices=True)
    return of_statements, [evaluate_sound(ordinary_calls(one, noise), means, engine, _quiet) for one in CALLS]


def by_telephone() -> Iterator[str]:
    yield "## Through a telephone\n"
    yield (
        f"{RECORDINGS} statements of {TEST}, spoken by twelve synthetic voices through an 8 kHz telephone "
        f"(300 to 3400 Hz, mu-law), without noise and with pink noise {NOISE_DB} dB below the speech. *Calls*: our "
        f"made-up ordinary calls, {CALLS['machines']} by the six voices that are no natural ones, half of which the "
        f"machine hardly understands, and {CALLS['natural']} by the six natural ones. *First pass alone*: its own "
        "flags, where both hear ([what that leaves out](evaluation.md)).\n"
    )
    rows, voices, lateness = [], {}, []
    lines = (None, NOISE_DB)
    recordings(NOISE_DB)
    for speakers in CALLS:
        ordinary_calls(speakers, NOISE_DB)
    with ProcessPoolExecutor(len(lines), mp_context=get_context("spawn")) as pool:
        measured = list(pool.map(heard, lines))
    for noise, (figures, of_calls) in zip(lines, measured, strict=True):
        line = "no noise" if noise is None else f"{noise} dB"
        alone, calls_alone = figures["first_pass_alone"], [one["first_pass_alone"] for one in of_calls]
        rows += [
            [line, "first pass alone", per_cent(figures["wer"]["first"]), *_flagged(alone, calls_alone)],
            [line, "both passes", per_cent(figures["wer"]["second"]), *_flagged(figures, of_calls)],
        ]
        lateness.append([
            line, figures["first_pass_ms_p50"], figures["first_pass_ms_p95"], figures["second_pass_ms_p50"],
            figures["second_pass_ms_p95"], *figures["cpu_s_per_audio_s"].values(),
        ])  # fmt: skip
        voices[line] = figures["voices"]
    heads = ["line", "hears", "word error", "recall", "any", "look-alikes"]
    yield from table([*heads, "calls of machines' voices, flags/h", "of natural voices"], rows)
    yield (
        "From the end of a dangerous statement to its first flag of a right kind, in ms, by the pass that raised it, "
        "and processor seconds for a second of sound:\n"
    )
    heads = ["line", "first p50", "p95", "second p50", "p95", "all", "first", "second"]
    yield from table(heads, lateness)
    yield "By voice (word error of the second pass; recall of both together):\n"
    yield from table(
        ["voice", *(f"{line}: {what}" for line in voices for what in ("word error", "recall", "any"))],
        [
            [voice, *(cell for line in voices for cell in _of_voice(voices[line][voice]))]
            for voice in sorted(next(iter(voices.values())))
        ],
    )


def _flagged(figures: Figures, of_calls: Sequence[Figures]) -> list[str | float | None]:
    shares = [per_cent(figures[share]) for share in ("recall", "recall_any", "false_flag_share")]
    return [*shares, *(one["false_flags_per_hour"] for one in of_calls)]


def _of_voice(figures: Figures) -> tuple[str | None, ...]:
    return per_cent(figures["wer"]["second"]), per_cent(figures["recall"]), per_cent(figures["recall_any"])


def capacity() -> Iterator[str]:
    yield "## How many calls one core can listen to\n"
    figures = bench(recordings(None), compared(), _quiet, most=BENCHED)
    yield (
        f"The first {BENCHED} of the same recordings with as much silence of the caller as speech. `plain_loop` is "
        "what vosk-server does with each sample, with our text engine behind it; with the model as it is published, "
        "and with its graph composed (decisions/0015-one-graph.md), as all the others have it.\n"
    )
    ways = {name: row for name, row in figures.items() if isinstance(row, dict)}
    heads = ["way", "CPU s per s of call", "calls per core", "recall", "any"]
    rows = [
        [name, row["cpu_s_per_call_s"], row["calls_per_core"], per_cent(row["recall"]), per_cent(row["recall_any"])]
        for name, row in ways.items()
    ]
    yield from table(heads, rows)


def _quiet(_done: int, _of: int) -> None:
    """A file is written; nobody watches."""


def main() -> None:
    judges = {
        "rules alone": judge_without([Part.MEANING]),
        "meaning alone": judge_without([Part.RULES]),
        "both": judge_without([]),
    }
    plain = ", ".join(f"`{author}`" for author in PLAIN)
    parts = [OPENING.format(test=TEST, calibrates=CALIBRATES, plain=plain)]
    parts += text_ladder(judges)
    if "--words-alone" not in sys.argv:
        parts += [*by_telephone(), *capacity()]
    OUT.write_text("\n".join(parts), "utf-8")


if __name__ == "__main__":
    main()
