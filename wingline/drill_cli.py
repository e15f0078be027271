"""`wingline drill …` and `wingline nightly …`: start a drill, read what it took, let the line call itself."""

import asyncio
import json as jsons
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from getpass import getuser
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.orm import Session

from console import drills_wording as say
from escalation.drill_report import DrillReport, drill, drills_at
from escalation.drills import ask
from escalation.nightly import Link, begin_by_hand
from models.clock import now
from models.database import Database
from models.errors import NotAllowed, UnknownName
from models.words import SiteId
from wingline.in_between import bring_tables
from wingline.nightly import make
from wingline.nightly_call import Outcome
from wingline.on_the_site import on_the_site
from wingline.settings import read_settings
from wingline.site import read_site

app = typer.Typer(no_args_is_help=True, help="Drills: the whole protocol on the real phones of staff.")
nightly_app = typer.Typer(no_args_is_help=True, help="The line's call to itself, through the whole chain.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
By = Annotated[str, typer.Option("--by", help="Who asks for it; without it, who is signed in on this machine.")]
Which = Annotated[str, typer.Argument(help="A drill; without it the last one.")]


@app.callback()
def drills() -> None:
    """A drill rings staff as a crisis does, and is about nobody (docs/drills.md)."""


@app.command("start")
def start(*, by: By = "", json: Json = False) -> None:
    """Ask for a drill; the running line begins it within seconds, or when no escalation is open."""
    name = (by.strip() or getuser())[:60]
    new = on_the_site(lambda session, site: ask(session, site, name, now()))
    if json:
        typer.echo(jsons.dumps({"drill": new}))
        return
    typer.echo(f"{new} is asked for. The line begins it within seconds, or when no escalation is open.\n{say.NO_PLACE}")
    typer.echo(f"What it took: wingline drill report {new}")


@app.command("report")
def report(which: Which = "", *, json: Json = False) -> None:
    """What a drill took, by step, post and person; exit code 1 when there is something to look at."""
    found = on_the_site(lambda session, site: _find(session, site, which))
    if json:
        typer.echo(jsons.dumps(asdict(found), default=str))
    else:
        zone = ZoneInfo(read_site(read_settings().site_file).site.zone)
        for line in _lines(found, zone):
            typer.echo(line)
    raise typer.Exit(bool(found.findings))


@nightly_app.callback()
def nightly() -> None:
    """It rings nobody but phones of its own (docs/drills.md)."""


@nightly_app.command("run")
def run(*, json: Json = False) -> None:
    """Make one now, about a minute long; exit code 1 when a link is broken. Nobody is told of it but you."""
    settings = read_settings()
    site = read_site(settings.site_file)
    if site.nightly is None:
        do = "write [nightly] with a time into the site file (docs/site-example.toml), and start the line again"
        raise NotAllowed("make the nightly call", f"it has no phones of its own yet; {do}")
    bring_tables(settings)
    with closing(Database(settings.database_url)) as database:
        begun = database.do(lambda session: begin_by_hand(session, site.id, now()))
        outcome = asyncio.run(make(settings, site, database, begun))
    if json:
        typer.echo(jsons.dumps(_as_json(outcome)))
    else:
        for line in _links(outcome):
            typer.echo(line)
    raise typer.Exit(outcome.broken is not None)


def _find(session: Session, site: SiteId, which: str) -> DrillReport:
    if which:
        return drill(session, site, which, now())
    last = next(iter(drills_at(session, site, now(), most=1)), None)
    if last is None:
        raise UnknownName("drill", "the last one")
    return last


def _lines(found: DrillReport, zone: ZoneInfo) -> Iterator[str]:
    asked = found.asked
    yield f"{asked.id}, {say.KINDS[asked.kind]}, asked for by {say.asked_by(found)} at {_clock(found, zone)}"
    yield from (say.FINDINGS[finding] for finding in found.findings)
    if found.began_at is None:
        yield "It has not begun."
        return
    yield f"{'first ring':<40}{say.first_ring(found)}"
    for group in found.acknowledged:
        yield f"{'acknowledged: ' + say.posts(group.of):<40}{say.acknowledged(group)}"
    for name, took in (("at the door", found.at_door), ("spoken", found.spoken), ("closed", found.closed)):
        yield f"{name:<40}{say.took(took)}"
    for step in found.steps:
        yield f"round {step.round}, step {step.step}, after {say.seconds(step.after)}"
        yield from (f"  {say.posts([ring.post]):<38}{say.rang(ring)}" for ring in step.rang)
    yield say.NO_PLACE


def _clock(found: DrillReport, zone: ZoneInfo) -> str:
    return f"{found.asked.at.astimezone(zone):%Y-%m-%d %H:%M}"


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "broken": outcome.broken,
        "links": [asdict(one) for one in outcome.held],
        "left_out": sorted(outcome.left_out),
    }


def _links(outcome: Outcome) -> Iterator[str]:
    held = {one.link: one.seconds for one in outcome.held}
    for link in (link for link in Link if link is not Link.FINISHED or link is outcome.broken):
        if link in held:
            yield f"{held[link]:7.1f} s  {say.LINKS[link]}"
        elif link in outcome.left_out:
            yield f"{'left out':>9}  {say.LINKS[link]}: no machine listens here"
        else:
            yield f"{'BROKEN' if link is outcome.broken else '-':>9}  {say.LINKS[link]}"
