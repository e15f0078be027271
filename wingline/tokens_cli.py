"""`wingline tokens …`: which other systems of the prison may use the API, and for what."""

import json as jsons
from datetime import datetime
from typing import Annotated

import typer

from console.api_tokens import KnownToken, Scope, end_token, make_token, tokens_of
from wingline.on_the_site import by_me, on_the_site

app = typer.Typer(no_args_is_help=True, help="Tokens by which other systems of the prison use the API.")

Name = Annotated[str, typer.Argument(help="Which system it is for, such as prison-records.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]


@app.command()
def make(name: Name, *, scope: Annotated[Scope, typer.Option(help="What it opens.")], json: Json = False) -> None:
    """Make a token; it is shown once."""
    secret = on_the_site(lambda session, site: make_token(session, site, name, scope, by_me()))
    if json:
        typer.echo(jsons.dumps({"name": name, "scope": scope, "token": secret}))
    else:
        typer.echo(f"{secret}\nIt opens {scope} for {name}. It is not kept, and not shown again.")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """Say which there are, and when each was used last."""
    found = on_the_site(tokens_of)
    if json:
        typer.echo(jsons.dumps({"tokens": [_answer(one) for one in found]}))
    else:
        typer.echo("\n".join(_in_words(one) for one in found) or "There are no tokens.")


@app.command()
def end(name: Name, *, json: Json = False) -> None:
    """Let a token open nothing any more."""
    on_the_site(lambda session, site: end_token(session, site, name, by_me()))
    typer.echo(jsons.dumps({"ended": name}) if json else f"{name} opens nothing any more.")


def _answer(one: KnownToken) -> dict[str, str | None]:
    return {
        "name": one.name,
        "scope": one.scope,
        "made_at": _iso(one.made_at),
        "made_by": one.made_by,
        "last_used_at": _iso(one.last_used_at),
        "ended_at": _iso(one.ended_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _in_words(one: KnownToken) -> str:
    used = f"last used {one.last_used_at:%Y-%m-%d %H:%M} UTC" if one.last_used_at else "never used"
    ended = f", ended {one.ended_at:%Y-%m-%d}" if one.ended_at else ""
    return f"{one.name}: {one.scope}, made {one.made_at:%Y-%m-%d} by {one.made_by}, {used}{ended}"
