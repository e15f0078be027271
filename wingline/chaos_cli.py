"""`wingline chaos`: a prison of its own, people who call, parts that break, and then whether every promise was kept."""

import asyncio
import json as jsons
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.errors import WinglineError
from wingline.bench.private_postgres import private_postgres
from wingline.chaos.invariants import everything_broken
from wingline.chaos.kinds import FaultKind
from wingline.chaos.plan import Plan, plan
from wingline.chaos.report import as_found, write
from wingline.chaos.run import Seen, run
from wingline.chaos.told import tell
from wingline.ending import cancelled_when_told
from wingline.setup.clock import clock_library
from wingline.setup.failure import SetupFailed

PRIVATE = "private"

Seed = Annotated[int, typer.Option("--seed", help="The same seed plans the same people, keys and faults.")]
Calls = Annotated[int, typer.Option("--calls", help="How many callers; four at a time, about 45 s for each four.")]
Only = Annotated[str, typer.Option("--only", help="Kinds of faults, with commas; the others are left out.")]
Instead = Annotated[
    str, typer.Option("--instead", help="Kinds of faults, with commas, that come at the times of the planned ones.")
]
Here = Annotated[
    bool, typer.Option("--here", help="Look for words only where the run itself writes, which is quicker.")
]
Url = Annotated[
    str, typer.Option("--database", help=f"An empty PostgreSQL, or '{PRIVATE}' for one of our own; else SQLite.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
Story = Annotated[Path | None, typer.Option("--story", help="A file for everything that was planned and seen.")]


def command(  # noqa: PLR0913  each an option
    *,
    seed: Seed = 1,
    calls: Calls = 6,
    only: Only = "",
    instead: Instead = "",
    database: Url = "",
    here: Here = False,
    json: Json = False,
    story: Story = None,
) -> None:
    """Break the line by chance while people call; exit code 1 when a promise was not kept."""
    planned = _with_kinds(plan(seed, calls), only, instead)
    console = Console(stderr=json)
    began = time.monotonic()
    console.print(f"Seed {seed}: {calls} callers, {len(planned.faults)} faults, about {planned.plays + 40:.0f} s")
    if FaultKind.CLOCK_JUMPED in {fault.kind for fault in planned.faults}:
        _say_whether_clocks_can_be_set(console)
    try:
        with _database(database) as url:
            seen = asyncio.run(_until_told_to_end(planned, url, everywhere=not here))
    except asyncio.CancelledError as ended:
        console.print("\nEnded before its time; all that it had started is ended too.")
        raise typer.Exit(1) from ended
    except WinglineError as error:
        console.print(f"\n{error}", style="bold red")
        raise typer.Exit(1) from error
    broken = everything_broken(seen.history, seen.bounds)
    found = as_found(planned, seen, broken, time.monotonic() - began)
    if story:
        story.write_text(tell(planned, seen))
    write(console, found, broken)
    if json:
        sys.stdout.write(f"{jsons.dumps(found)}\n")
    raise typer.Exit(1 if broken else 0)


def _say_whether_clocks_can_be_set(console: Console) -> None:
    try:
        clock_library()
    except SetupFailed as missing:
        console.print(f"No clock will jump: {missing}", highlight=False)


@contextmanager
def _database(asked: str) -> Iterator[str]:
    if asked != PRIVATE:
        yield asked
        return
    with private_postgres() as server:
        yield server.create("chaos")


async def _until_told_to_end(planned: Plan, database: str, *, everywhere: bool) -> Seen:
    """No Asterisk, line or phone stays behind."""
    cancelled_when_told()
    return await run(planned, database, everywhere=everywhere)


def _with_kinds(planned: Plan, only: str, instead: str) -> Plan:
    """For whoever looks for the cause of a failure, or has one kind in mind; the people stay as planned."""
    if wanted := _named(only):
        planned = planned.with_only(wanted)
    if others := _named(instead):
        planned = planned.with_instead(others)
    return planned


def _named(kinds: str) -> set[str]:
    return {name.strip() for name in kinds.split(",") if name.strip()}
