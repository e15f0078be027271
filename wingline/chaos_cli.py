"""`wingline chaos`: a prison of its own, people who call, parts that break, and then whether every promise was kept."""

import asyncio
import json as jsons
import signal
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
from wingline.chaos.plan import Plan, plan
from wingline.chaos.report import as_found, write
from wingline.chaos.run import Seen, run
from wingline.chaos.told import tell

PRIVATE = "private"

Seed = Annotated[int, typer.Option("--seed", help="The same seed plans the same people, keys and faults.")]
Calls = Annotated[int, typer.Option("--calls", help="How many callers; four at a time, about 45 s for each four.")]
Only = Annotated[str, typer.Option("--only", help="Kinds of faults, with commas; the others are left out.")]
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
    database: Url = "",
    here: Here = False,
    json: Json = False,
    story: Story = None,
) -> None:
    """Break the line by chance while people call; exit code 1 when a promise was not kept."""
    planned = _with_only(plan(seed, calls), only)
    console = Console(stderr=json)
    began = time.monotonic()
    console.print(f"Seed {seed}: {calls} callers, {len(planned.faults)} faults, about {planned.plays + 40:.0f} s")
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


@contextmanager
def _database(asked: str) -> Iterator[str]:
    if asked != PRIVATE:
        yield asked
        return
    with private_postgres() as server:
        yield server.create("chaos")


async def _until_told_to_end(planned: Plan, database: str, *, everywhere: bool) -> Seen:
    """By Ctrl-C or SIGTERM: no Asterisk, line or phone stays behind."""
    mine = asyncio.current_task()
    for told in (signal.SIGTERM, signal.SIGINT):
        if mine:
            asyncio.get_running_loop().add_signal_handler(told, mine.cancel)
    return await run(planned, database, everywhere=everywhere)


def _with_only(planned: Plan, only: str) -> Plan:
    """For whoever looks for the cause of a failure; the people stay as planned."""
    wanted = {name.strip() for name in only.split(",") if name.strip()}
    return planned.with_only(wanted) if wanted else planned
