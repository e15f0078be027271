"""`wingline evaluate` and `wingline bench`: what the machine hears, in figures (docs/evaluation.md)."""

import json as json_text
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from speech import recogniser, voice
from speech.judge import Judge, Limits
from speech.listening import Means
from speech.meaning import LearntMeaning
from speech.moonshine import Moonshine
from speech.second import Engine
from wingline.evaluation.bench import Ears
from wingline.evaluation.bench import bench as run_bench
from wingline.evaluation.lines import read_lines
from wingline.evaluation.sound import evaluate_sound
from wingline.evaluation.text import evaluate_text
from wingline.setup.graph import hearing_folder
from wingline.setup.model import MOONSHINE, model_folder
from wingline.setup.paths import places
from wingline.setup.steps import step

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]

evaluate = typer.Typer(no_args_is_help=True, help="Measure what the machine hears, on your own data.")
bench = typer.Typer(help="Measure what this machine can bear.")


class Part(StrEnum):
    """A part of the text engine that can be switched off."""

    RULES = "rules"
    MEANING = "meaning"


Without = Annotated[list[Part] | None, typer.Option("--without", help="Switch a part off; may be repeated.")]


@evaluate.command()
def rules(file: Path, *, without: Without = None, json: Json = False) -> None:
    """The whole text engine over FILE.jsonl."""
    lines = read_lines(file)
    judge = judge_without(without or [])
    with step(f"{len(lines)} calls") as now:
        figures = evaluate_text(lines, judge, now.reached)
    show(figures, json=json)


@evaluate.command()
def speech(
    folder: Path,
    *,
    without: Without = None,
    one_pass: Annotated[bool, typer.Option("--one-pass", help="Without the second recogniser.")] = False,
    voices: Annotated[bool, typer.Option("--voices", help="The same figures for each voice.")] = False,
    json: Json = False,
) -> None:
    """The whole chain over the recordings that FOLDER/refs.jsonl lists."""
    means, engine = hearing(judge_without(without or []), one_pass=one_pass)
    with step(f"recordings of {folder}") as now:
        figures = evaluate_sound(folder, means, engine, now.reached, voices=voices)
    show(figures, json=json)


@bench.command()
def listen(
    folder: Annotated[Path | None, typer.Argument(help="Recordings; without it our own prompts.")] = None,
    *,
    json: Json = False,
) -> None:
    """How many calls one core can listen to in real time, beside a plain recogniser loop."""
    ears = compared()
    with step("listening") as now:
        figures = run_bench(folder, ears, now.reached)
    show(figures, json=json)


def hearing(judge: Judge, *, one_pass: bool) -> tuple[Means, Engine | None]:
    where = places()
    engine = None if one_pass else Moonshine(model_folder(where, MOONSHINE))
    return Means(recogniser.load(hearing_folder(where)), voice.load(), judge), engine


def compared() -> Ears:
    return Ears(*hearing(judge_without([]), one_pass=False), published=recogniser.load(model_folder(places())))


def judge_without(parts: list[Part]) -> Judge:
    meaning = None if Part.MEANING in parts else LearntMeaning()
    return Judge(meaning, Limits.read(), rules=Part.RULES not in parts)


def show(figures: dict[str, Any], *, json: bool) -> None:
    """People get the figures without the long lists of ids."""
    if json:
        sys.stdout.write(json_text.dumps(figures) + "\n")
        return
    for name, value in figures.items():
        if not isinstance(value, list):
            sys.stdout.write(f"{name:24} {value}\n")
