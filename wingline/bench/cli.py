"""`wingline bench` without a further word, and `wingline bench claims`."""

import json as jsons
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from models.migrate import migrate
from wingline.bench import claims as claims_race
from wingline.bench import load as load_tables
from wingline.bench.load import Table
from wingline.bench.private_postgres import private_postgres
from wingline.setup.steps import step

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
DATABASES = ("sqlite", "postgresql")


def load(
    context: typer.Context,
    *,
    calls: Annotated[
        int, typer.Option("--calls", min=2, max=500, help="At most so many at once; a hundred times as many in a day.")
    ] = 32,
    only: Annotated[list[Table] | None, typer.Option("--only", help="One table; may be repeated.")] = None,
    seconds: Annotated[int, typer.Option("--seconds", min=20, max=86400, help="About; it ends by itself.")] = 900,
    json: Json = False,
) -> None:
    """Measure what this machine can bear: calls set up, bridged, listened to, and days of them."""
    if context.invoked_subcommand is None:
        show(load_tables.run(only or list(Table), calls=calls, seconds=seconds), json=json)


def claims(
    *,
    races: Annotated[int, typer.Option("--races", min=1, max=1_000_000, help="On each database.")] = 10_000,
    processes: Annotated[int, typer.Option("--processes", min=2, max=64, help="Who press for each caller.")] = 4,
    seconds: Annotated[int, typer.Option("--seconds", min=5, help="For each database; it ends by itself.")] = 900,
    json: Json = False,
) -> None:
    """Race the claim of a caller between processes, on SQLite and on PostgreSQL; exit code 1 when one is broken."""
    found: dict[str, Any] = {"processes": processes}
    broken = 0
    for name in DATABASES:
        with step(f"{races} callers, {processes} processes press 1 for each, on {name}"), _fresh(name) as url:
            until = time.monotonic() + seconds
            raced = claims_race.race(url, races=races, processes=processes, until=until)
        found[name] = raced.as_found()
        broken += raced.broken
    show(found, json=json)
    raise typer.Exit(bool(broken))


@contextmanager
def _fresh(name: str) -> Iterator[str]:
    """A database of its own with all tables, gone afterwards."""
    with ExitStack() as held:
        if name == "postgresql":
            url = held.enter_context(private_postgres()).create("bench")
        else:
            folder = held.enter_context(TemporaryDirectory(prefix="wingline-bench-"))
            url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate(url)
        yield url


def show(found: dict[str, Any], *, json: bool) -> None:
    if json:
        typer.echo(jsons.dumps(found))
        return
    for name, value in flat(found):
        typer.echo(f"{name:64}{value}")


def flat(found: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Each figure by its path."""
    for name, value in found.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
