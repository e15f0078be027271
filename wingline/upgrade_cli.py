"""`wingline upgrade` and `wingline drain` (docs/upgrade.md)."""

import asyncio
import json as jsons
from typing import Annotated

import typer

from wingline.on_the_site import by_me
from wingline.settings import read_settings
from wingline.upgrading import drain, upgrade

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
NoBackup = Annotated[bool, typer.Option("--without-backup", help="Make no backup before; there is no way back.")]
Minutes = Annotated[float, typer.Option(min=0, help="So many minutes it waits for a moment without a call.")]


def upgrade_command(*, without_backup: NoBackup = False, json: Json = False) -> None:
    """Bring the release that is installed now to a line that is up; calls go on."""
    done = asyncio.run(upgrade(read_settings(), by_me(), backup=not without_backup))
    if json:
        kept = str(done.backup) if done.backup else None
        typer.echo(jsons.dumps({"backup": kept, "wait_for_restart": list(done.wait_for_restart)}))
        return
    typer.echo("The line is of the release that is installed now. Calls went on.")
    if done.backup:
        typer.echo(f"The backup from before: {done.backup}")
    if done.wait_for_restart:
        typer.echo(f"Asterisk reads this only when it starts (wingline drain): {', '.join(done.wait_for_restart)}")


def drain_command(*, within: Minutes = 60, json: Json = False) -> None:
    """Wait for a moment without any call, and end `wingline up` then; nobody is refused. Exit code 1: none came."""
    seen: list[int] = []

    def told(live: int) -> None:
        if not json and (not seen or seen[-1] != live):
            typer.echo(f"{live} phones are in calls ...")
        seen.append(live)

    ended = asyncio.run(drain(read_settings(), within=within * 60, told=told))
    if json:
        typer.echo(jsons.dumps({"ended": ended}))
    else:
        typer.echo("Ended, with nobody on the line." if ended else "There was no moment without a call; it goes on.")
    raise typer.Exit(not ended)
