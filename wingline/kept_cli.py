"""`wingline kept`: what is kept about somebody, and the proof that what is over has gone."""

import json as jsons
from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer

from models import overdue
from models.clock import now
from models.database import Database
from models.kept import FIRST, Person, as_text, kept_about
from wingline.in_between import bring_tables
from wingline.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="What is kept, for how long, and the proof of what has gone.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
For = Annotated[Person, typer.Option("--for", help="Who asks.")]


@app.callback()
def kept() -> None:
    """Every column says how long it is kept; both commands read that (docs/kept.md)."""


@app.command("show")
def show(person: For, *, json: Json = False) -> None:
    """One page for whoever asks what is kept about them."""
    if not json:
        typer.echo(as_text(person))
        return
    kept = [asdict(one) for one in kept_about(person)]
    typer.echo(jsons.dumps({"for": person.value, "first": FIRST[person], "kept": kept}))


@app.command("check")
def check(*, json: Json = False) -> None:
    """Count what is still there although its time is over; exit code 1 when there is any."""
    settings = read_settings()
    bring_tables(settings)
    with closing(Database(settings.database_url)) as database, database.transaction() as session:
        # What became due since the last daily purge is not late.
        late = overdue.overdue(session, now() - overdue.NOT_LATE)
        last = overdue.last_purged(session)
    if json:
        purged = last.isoformat() if last else None
        typer.echo(jsons.dumps({"overdue": [asdict(one) for one in late], "last_purged": purged}))
    else:
        typer.echo(f"last purged: {last.isoformat(timespec='minutes') if last else 'never; the line does it daily'}")
        for one in late:
            typer.echo(f"overdue: {one.rows} rows of {one.table} ({one.holds}; {one.kept})")
        if late:
            typer.echo("Start the line (make run), or look into its log for retention.overdue.")
        else:
            typer.echo("Nothing is there whose time is over.")
    raise typer.Exit(bool(late))
