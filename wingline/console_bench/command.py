"""`wingline bench console`: a year of data, fifty people, fifty boards and a real browser."""

import asyncio
import json as jsons
import os
import platform
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from console.figures.publishing import publish_due
from models.clock import now
from models.database import Database
from models.migrate import migrate
from models.words import AccountRole, SiteId
from wingline.bench.private_postgres import private_postgres
from wingline.console_bench.live import EVENTS, Heard, many_boards
from wingline.console_bench.people import Console, Crowd, many_people, one_by_one
from wingline.console_bench.prison import a_prison, rows_of
from wingline.console_bench.server import Server, serving
from wingline.console_bench.serving import console_of
from wingline.console_bench.year import A_YEAR, a_year
from wingline.setup.steps import step

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
OnPostgres = Annotated[bool, typer.Option("--postgresql", help="On a PostgreSQL of its own; without it on SQLite.")]
People = Annotated[int, typer.Option("--people", min=1, max=500)]
Boards = Annotated[int, typer.Option("--boards", min=1, max=500)]
Seconds = Annotated[float, typer.Option("--seconds", min=1, help="For which people open pages.")]
Pause = Annotated[float, typer.Option("--pause", min=0, help="Seconds in which somebody looks at a page.")]
Days = Annotated[int, typer.Option("--days", min=1, max=700, help="Of data; a year without it.")]
WithBrowser = Annotated[bool, typer.Option("--browser/--no-browser", help="Measure in chromium as well.")]


@dataclass(frozen=True, slots=True)
class Load:
    """What the console has to bear besides people: days of data, open boards and what happens on them, a browser."""

    days: int
    boards: int
    browser: bool
    events: int = EVENTS
    # How often each page is opened when nobody else is there.
    alone: int = 5


def command(  # noqa: PLR0913  each an option of the command line
    *,
    postgresql: OnPostgres = False,
    people: People = 50,
    boards: Boards = 50,
    seconds: Seconds = 60,
    pause: Pause = 3,
    days: Days = A_YEAR,
    browser: WithBrowser = True,
    json: Json = False,
) -> None:
    """Measure how quick the console is: every page, live boards, and its first page in a browser."""
    crowd = Crowd(people, seconds, pause)
    with TemporaryDirectory(prefix="wingline-bench-") as folder, ExitStack() as held:
        own = held.enter_context(private_postgres()).create("bench") if postgresql else ""
        url = own or f"sqlite:///{folder}/bench.db"
        found = asyncio.run(measure(Path(folder), url, crowd, Load(days, boards, browser=browser)))
    typer.echo(jsons.dumps(found) if json else jsons.dumps(found, indent=1))


async def measure(folder: Path, url: str, crowd: Crowd, load: Load) -> dict[str, Any]:
    with closing(Database(url)) as database:
        found: dict[str, Any] = {"machine": _machine(database)}
        with step(f"{load.days} days of data"):
            found["rows"] = await _a_year(folder, url, database, load.days)
        async with serving(folder, url) as server:
            app, _, _ = console_of(folder, database)
            console = Console(server.address, app, database)
            with step("every page, one after the other"):
                found["cpu_ms"] = await one_by_one(console, server, load.alone)
            with step(f"{crowd.people} people open every page for {crowd.seconds:.0f} s"):
                began = time.monotonic()
                times = await many_people(console, crowd)
                took = time.monotonic() - began
            found["pages_ms"] = {route: spread(some) for route, some in sorted(times.items())}
            found["requests_a_second"] = round(sum(map(len, times.values())) / took, 1)
            with step(f"{load.boards} open boards"):
                found["boards_ms"] = _boards(await many_boards(console, server, load.boards, load.events))
            if load.browser:
                with step("chromium"):
                    found |= await _in_chromium(console, server)
    return found


async def _a_year(folder: Path, url: str, database: Database, days: int) -> dict[str, int]:
    migrate(url)
    at = now()
    _, site, _ = a_prison(folder, url, at.date())
    with database.transaction() as session:
        rows_of(session, site)
        made = a_year(session, site, at, days)
    published = await publish_due(database, SiteId(site.id), at)
    return made | {"periods": len(published)}


async def _in_chromium(console: Console, server: Server) -> dict[str, Any]:
    # A tool of developers, which a site does not have.
    from wingline.console_bench.chromium import chromium, events_on_a_board, first_page  # noqa: PLC0415

    async with chromium() as opened:
        pages = [
            await first_page(opened, console, path, role)
            for path, role in (("/sign-in", None), ("/", AccountRole.STAFF), ("/", AccountRole.COORDINATOR))
        ]
        took = await events_on_a_board(opened, console, server)
    return {
        "first_pages": [
            {
                "path": one.path,
                "bytes": one.bytes,
                "requests": one.requests,
                "answered_ms": spread(one.answered),
                "painted_ms": spread(one.painted),
                "loaded_ms": spread(one.loaded),
            }
            for one in pages
        ],
        "event_to_frame_ms": spread(took),
    }


def _boards(heard: Heard) -> dict[str, Any]:
    return {
        "from_before_it_is_written": spread(heard.from_before),
        "from_written": spread(heard.from_written),
        "lost": heard.lost,
    }


def spread(times: Sequence[float]) -> Mapping[str, float | int]:
    """How many, and milliseconds to a tenth: half were quicker than p50, 95 of 100 than p95."""
    if not times:
        return {"count": 0}
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    shown = {"p50": statistics.median(ordered), "p95": p95, "max": ordered[-1]}
    return {"count": len(ordered)} | {name: round(value, 1) for name, value in shown.items()}


def _machine(database: Database) -> dict[str, Any]:
    return {
        "at": now().isoformat(timespec="minutes"),
        "cores": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],
        "python": platform.python_version(),
        "database": database.engine.dialect.name,
    }
