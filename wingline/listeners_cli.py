"""`wingline listeners …`: who the Listeners are, how far each has come, and what ends soon."""

import getpass
import json as jsons
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.orm import Session

from listeners.csv_file import BadFile, decoded
from listeners.entry_store import Import
from listeners.import_store import Imported, import_listeners
from listeners.journey import Lacking, Rules
from listeners.listeners_file import WrongCell
from listeners.overview import Load, Overview, overview
from models.clock import now
from models.words import SiteId
from rota.people import zone_of
from wingline.on_the_site import the_site
from wingline.site_profiles import profile_of

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="The Listeners: taken from a file, and shown.")

File = Annotated[Path, typer.Argument(help="CSV as in docs/listeners-file.md.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
Strict = Annotated[bool, typer.Option("--strict", help="Take nothing when anything is wrong.")]
CodeName = Annotated[str | None, typer.Argument(help="Without it every Listener.")]


@app.command("import")
def import_(file: File, *, strict: Strict = False, json: Json = False) -> None:
    """Take the right rows of a file; exit code 1 when a row is wrong."""
    if not file.is_file():
        raise BadFile("there is no such file; docs/listeners-file.md shows one")
    text, who = decoded(file.read_bytes()), getpass.getuser()

    def take(session: Session, site: SiteId, rules: Rules) -> Imported:
        return import_listeners(session, site, text, Import(who, now(), rules), strict=strict)

    found = _on_the_site(take)
    if json:
        counts = {"new": found.new, "changed": found.changed, "same": found.same}
        typer.echo(jsons.dumps({**counts, "phones": found.phones, "wrong": [_wrong(one) for one in found.wrong]}))
    else:
        typer.echo(f"{found.new} new, {found.changed} changed, {found.same} as they were.")
        if found.phones:
            typer.echo("Phones have changed hands. Next: wingline site reload")
        for one in found.wrong:
            typer.echo(f"row {one.row}, {one.column}: {one.advice}")
    raise typer.Exit(bool(found.wrong))


@app.command()
def show(code_name: CodeName = None, *, json: Json = False) -> None:
    """Say of each Listener how far they have come, what is lacking, what ends soon, and how much they have done."""

    def look(session: Session, site: SiteId, rules: Rules) -> tuple[tuple[Overview, ...], ZoneInfo]:
        return overview(session, site, code_name, now=now(), rules=rules), zone_of(session, site)

    found, zone = _on_the_site(look)
    if json:
        typer.echo(jsons.dumps({"listeners": [_answer(one) for one in found]}))
    else:
        typer.echo("\n".join(line for one in found for line in _in_words(one, zone)))


def _on_the_site(act: Callable[[Session, SiteId, Rules], T]) -> T:
    with the_site() as (session, site):
        return act(session, site.id, profile_of(session, site, now()).welfare)


def _wrong(one: WrongCell) -> dict[str, object]:
    return {"row": one.row, "column": one.column, "what": one.advice}


def _answer(one: Overview) -> dict[str, object]:
    certificate = one.so_far.certificate
    return {
        "code_name": one.code_name,
        "standing": one.so_far.standing,
        "since": _iso(one.since),
        "next": one.following,
        "certified_from": _iso(certificate.since if certificate else None),
        "certified_until": _iso(certificate.until if certificate else None),
        "history": [
            {"at": _iso(each.at), "who": each.who, "why": each.why, "was": each.was, "became": each.became}
            for each in one.history
        ],
        "trainings": [
            {"module": each.module, "done_at": _iso(each.at), "valid_until": _iso(each.until)}
            for each in sorted(one.so_far.trainings.values(), key=lambda each: (each.at, each.module))
        ],
        "shadowed": one.so_far.shadowed,
        "lacking": _lacking(one.lacking),
        "warnings": [{"what": each.due, "at": _iso(each.at), "days_ahead": each.days} for each in one.warnings],
        "resting_until": _iso(one.resting_until),
        "load": {"days_7": _load(one.days_7), "days_28": _load(one.days_28)},
        "wants_debrief": one.wants_debrief,
        "kept_apart": one.kept_apart,
    }


def _lacking(one: Lacking) -> dict[str, object]:
    return {
        "clearance": one.clearance,
        "modules": list(one.modules),
        "shadowed_calls": one.shadowed_calls,
        "certificate": one.certificate,
        "overdue": list(one.overdue),
    }


def _load(one: Load) -> dict[str, int]:
    return {"minutes": one.minutes, "nights": one.nights}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _in_words(one: Overview, zone: ZoneInfo) -> Iterator[str]:
    since = f" since {one.since.astimezone(zone):%Y-%m-%d}" if one.since else ""
    yield f"{one.code_name}: {one.so_far.standing}{since}"
    yield from (f"  {line}" for line in _lines(one, zone))


def _lines(one: Overview, zone: ZoneInfo) -> Iterator[str]:
    if one.lacking:
        yield f"lacking: {'; '.join(one.lacking.in_words())}"
    for warning in one.warnings:
        # The end is the first moment in which it counts no longer.
        last = (warning.at - timedelta(microseconds=1)).astimezone(zone)
        yield f"{warning.due.replace('_', ' ')}: last day {last:%Y-%m-%d}{'' if warning.days else ', which is over'}"
    if one.resting_until:
        yield f"resting until {one.resting_until.astimezone(zone):%H:%M}"
    if one.wants_debrief:
        yield "wants to talk: debrief"
    if one.kept_apart:
        yield "is kept apart from somebody"
    yield f"7 days: {_said(one.days_7)}; 28 days: {_said(one.days_28)}"


def _said(load: Load) -> str:
    return f"{load.minutes} minutes of talk, {load.nights} nights"
