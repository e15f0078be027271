"""`wingline oversight report`: a quarter in numbers for those who watch over the line (docs/kept.md)."""

import json as jsons
from csv import writer
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from console.language import speaking
from console.oversight.pdf import as_pdf
from console.oversight.wording import hidden, in_words, title
from escalation import oversight
from escalation.oversight import Report, quarter_named
from escalation.oversight_store import figures_of
from models.clock import now
from wingline.language_option import Code, InLanguage
from wingline.on_the_site import the_site

app = typer.Typer(no_args_is_help=True, help="What a monitoring board and a Samaritans branch may see.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
Which = Annotated[str, typer.Option("--quarter", help="Like 2026-Q4; only when it is over.")]
Pdf = Annotated[Path | None, typer.Option("--pdf", help="Write the report to this file.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write one CSV file for each table into this folder.")]


@app.callback()
def begin() -> None:
    """Numbers about nobody: small ones are hidden, and cannot be got back."""


@app.command("report")
def report(
    quarter: Which, *, pdf: Pdf = None, csv: Csv = None, json: Json = False, language: InLanguage = Code.EN
) -> None:
    """The report of one quarter; without a file it is printed."""
    which = quarter_named(quarter)
    with the_site() as (session, site):
        made = oversight.report(site.site.name, figures_of(session, site.id, which, now()))
    with speaking(language):
        if pdf:
            pdf.write_bytes(as_pdf(made, now().astimezone(ZoneInfo(site.site.zone)).date()))
        if csv:
            _write_csv(made, csv)
        if not (json or pdf or csv):
            _print(made)
    if json:
        tables = {one.name: {"headings": one.headings, "rows": one.rows} for one in map(in_words, made.tables)}
        typer.echo(
            jsons.dumps({"site": made.site, "quarter": str(which), "hidden": oversight.HIDDEN, "tables": tables})
        )
    elif pdf or csv:
        typer.echo("Written: " + ", ".join(str(one) for one in (pdf, csv) if one))


def _write_csv(made: Report, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for table in map(in_words, made.tables):
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer(file).writerows((table.headings, *table.rows))


def _print(made: Report) -> None:
    typer.echo(f"{title(made)}. {hidden()}")
    for table in map(in_words, made.tables):
        typer.echo(f"\n{table.title}")
        for row in (table.headings, *table.rows):
            typer.echo("  " + " | ".join(row))
