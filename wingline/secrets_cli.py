"""`wingline secrets …`: new ones for what somebody has seen who should not have."""

import asyncio
import json as jsons
from typing import Annotated

import typer

from models import audit
from models.errors import NotAllowed
from wingline.doctor.examination import linked
from wingline.on_the_site import by_me, the_site
from wingline.phone_book import phones_of
from wingline.reloading import reload_site
from wingline.rotating import HELD_BY, WHAT_IT_OPENS, Opens, new_secrets_for_phones, rotate
from wingline.settings import Settings, read_settings
from wingline.watchdog import asterisk_answers

app = typer.Typer(no_args_is_help=True, help="What opens the parts of the line to each other, and phones to it.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """Say which there are and what is started again for a new one; never what they are."""
    if json:
        typer.echo(jsons.dumps({"secrets": [{"name": one, "started_again": HELD_BY[one]} for one in Opens]}))
        return
    for one in Opens:
        again = f" (starts {' and '.join(HELD_BY[one])} again)" if HELD_BY[one] else ""
        typer.echo(f"{one.value:<8} {WHAT_IT_OPENS[one]}{again}")


@app.command(name="rotate")
def rotate_(
    names: Annotated[list[Opens] | None, typer.Argument(help="Which; without it every one of them.")] = None,
    *,
    json: Json = False,
) -> None:
    """Make new ones; conversations go on, and new calls are taken by Asterisk alone for some seconds."""
    chosen = list(dict.fromkeys(names or Opens))
    with the_site() as (session, _):
        me = by_me()
        for one in chosen:
            audit.note(session, me.who, "secret_changed", one.value, me.at)
    done = asyncio.run(rotate(read_settings(), chosen))
    if json:
        facts = {"rotated": done.names, "asterisk_told": done.asterisk_told, "started_again": done.started_again}
        typer.echo(jsons.dumps(facts))
        return
    typer.echo(f"New: {', '.join(done.names)}.")
    typer.echo("Asterisk has read them." if done.asterisk_told else "Asterisk is not up: they count from its start.")
    if done.started_again:
        typer.echo(f"Ended, to be started again by wingline up: {' and '.join(done.started_again)}.")


@app.command()
def phones(
    places: Annotated[list[str] | None, typer.Argument(help="Cells and posts, such as A-1-001 duty_office.")] = None,
    *,
    everybody: Annotated[
        bool, typer.Option("--all", help="Each phone of the prison: none works until it is typed in.")
    ] = False,
    json: Json = False,
) -> None:
    """Make new secrets for phones, and show what to type into each."""
    if bool(places) == everybody:
        raise NotAllowed("change the secrets of phones", "name places, or say --all")
    with the_site() as (session, site):
        chosen = places or [phone.place for phone in phones_of(session, site.id)]
        changed = new_secrets_for_phones(session, site.id, chosen, by_me())
    told = asyncio.run(_reload(read_settings()))
    if json:
        rows = [{"place": one.place, "name": one.id, "secret": one.secret} for one in changed]
        typer.echo(jsons.dumps({"phones": rows, "asterisk_told": told}))
        return
    for one in changed:
        typer.echo(f"{one.place:<18}{one.id}  {one.secret}")
    typer.echo("Asterisk asks for them now." if told else "Asterisk is not up: it asks for them from its start.")


async def _reload(settings: Settings) -> bool:
    told = await asterisk_answers(settings)
    if told:
        async with linked(settings) as ami:
            await reload_site(settings, ami)
    return told
