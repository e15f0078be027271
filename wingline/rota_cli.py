"""`wingline rota …`: the rota of a site, or one that is given as a file."""

import json as jsons
from pathlib import Path
from typing import Annotated

import typer

from rota.answers import answer, in_words
from rota.problem_file import read_problem
from rota.solver import Effort, solve

app = typer.Typer(no_args_is_help=True, help="The rota: made, checked, published, shown, explained.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
Seconds = Annotated[float, typer.Option(min=0.1, help="How long to look for a better one, at most.")]
Gap = Annotated[float, typer.Option(min=0.0, max=1.0, help="How near to the proven bound is good enough: 0.02 is 2 %.")]


@app.command()
def generate(
    *,
    problem: Annotated[Path, typer.Option(help="A problem as in docs/rota-problem.md; no database is used.")],
    json: Json = False,
    seconds: Seconds = 60.0,
    gap: Gap = 0.0,
) -> None:
    """Make a rota."""
    asked = read_problem(problem)
    found = solve(asked, Effort(seconds=seconds, near_enough=gap))
    typer.echo(jsons.dumps(answer(asked, found)) if json else "\n".join(in_words(asked, found)))
