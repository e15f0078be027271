"""`wingline movements import` and `wingline listeners keep-apart import`: what offices know, from their CSV files."""

import json as jsons
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from listeners import apart_store, movements_store
from listeners.csv_file import BadFile, WrongRow, decoded
from models.clock import now
from rota.shift import Shift
from wingline.on_the_site import on_the_site
from wingline.settings import Settings, read_secrets, read_settings

app = typer.Typer(no_args_is_help=True, help="Transfers, releases, court, hospital, segregation, cell moves.")
keep_apart_app = typer.Typer(no_args_is_help=True, help="Whom a Listener is kept apart from.")

File = Annotated[Path, typer.Argument(help="CSV as in docs/movements-file.md.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
Whole = Annotated[bool, typer.Option("--whole", help="Remove the pairs that are not in the file.")]


@app.callback()
def movements() -> None:
    """Where Listeners go, and so who may be rung and who can be on duty."""


@app.command("import")
def import_movements(file: File, *, json: Json = False) -> None:
    """Take the right rows of a file; exit code 1 when a row is wrong."""
    text = _text(file)
    found = on_the_site(lambda session, site: movements_store.import_movements(session, site, text, now=now()))
    effect = found.effect
    if json:
        answer = {
            "right": found.right,
            "new": found.new,
            "changed": found.changed,
            "freed": [_freed(one) for one in effect.freed],
            "moved": list(effect.moved),
            "stuck": list(effect.stuck),
            "wrong": _wrong(found.wrong),
        }
        typer.echo(jsons.dumps(answer))
    else:
        typer.echo(f"{found.right} rows are right: {found.new} new, {found.changed} changed.")
        for one in effect.freed:
            typer.echo(f"freed: {one.slot or one.id} ({one.cover.value}), which {one.listener} had")
        if effect.freed:
            typer.echo("Who could take these: wingline rota explain")
        for listener in effect.moved:
            typer.echo(f"moved: {listener}, with the phone of the new cell")
        for listener in effect.stuck:
            typer.echo(f"not moved: {listener}; another Listener has the phone of the new cell")
        _say_wrong(found.wrong)
    raise typer.Exit(bool(found.wrong))


@keep_apart_app.callback()
def keep_apart() -> None:
    """Whose calls a Listener never gets, without anybody learning why."""


@keep_apart_app.command("import")
def import_keep_apart(file: File, *, whole: Whole = False, json: Json = False) -> None:
    """Take the right rows of a file in HMPPS's shape; exit code 1 when a row is wrong."""
    text, key = _text(file), apart_key(read_settings())
    found = on_the_site(lambda session, site: apart_store.import_keep_apart(session, site, text, key=key, whole=whole))
    if json:
        counts = {"right": found.right, "new": found.new, "changed": found.changed, "removed": found.removed}
        typer.echo(jsons.dumps({**counts, "wrong": _wrong(found.wrong)}))
    else:
        typer.echo(f"{found.right} rows are right: {found.new} new, {found.changed} changed; {found.removed} removed.")
        if whole and (found.wrong or not found.right):
            typer.echo(
                "Nothing was removed: while a row is wrong, or there is none, a pair that has to stay may be missing."
            )
        _say_wrong(found.wrong)
    raise typer.Exit(bool(found.wrong))


def apart_key(settings: Settings) -> bytes:
    return read_secrets(settings.data)["apart"].encode()


def _text(file: Path) -> str:
    if not file.is_file():
        raise BadFile("there is no such file; docs/movements-file.md shows one")
    return decoded(file.read_bytes())


def _freed(one: Shift) -> dict[str, str | None]:
    return {
        "shift": one.id,
        "listener": one.listener,
        "slot": one.slot,
        "cover": one.cover.value,
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
    }


def _wrong(rows: Sequence[WrongRow]) -> list[dict[str, object]]:
    return [{"row": one.row, "what": one.advice} for one in rows]


def _say_wrong(rows: Sequence[WrongRow]) -> None:
    for one in rows:
        typer.echo(f"row {one.row}: {one.advice}")
