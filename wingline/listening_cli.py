"""`wingline listening …`: whether the listening is turned off; anybody here can turn it off, and nobody on."""

import json as jsons
from typing import Annotated

import typer

from console.listening_wording import WHY
from console.wording import TURNED_OFF_BY
from ivr.listening_switch import From, Hand, Off, WhyOff, off_at, turn_off
from wingline.on_the_site import by_me, on_the_site

app = typer.Typer(no_args_is_help=True, help="Whether the machine may listen at all (docs/listening.md).")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
ONLY_THE_PARTNER = "Only the scheme's partner turns it on again, on the console at /listening."


@app.command()
def show(*, json: Json = False) -> None:
    """Say whether it is turned off, since when and why."""
    off = on_the_site(off_at)
    if json:
        typer.echo(jsons.dumps(_facts(off)))
    elif off:
        typer.echo(f"Off since {off.since:%Y-%m-%d %H:%M} UTC, {TURNED_OFF_BY[off.by]}: {WHY[off.why]}.")
        typer.echo(ONLY_THE_PARTNER)
    else:
        typer.echo("On: the machine listens as the profile says.")


@app.command()
def off(*, why: Annotated[WhyOff, typer.Option(help="Why; it is noted in the audit.")]) -> None:
    """Turn it off for the whole line; calls that are going on are not heard any more within 2 seconds."""
    me = by_me()
    on_the_site(lambda session, site: turn_off(session, site, From.COMMAND_LINE, why, Hand(me.who, me.at)))
    typer.echo(f"The listening is off. {ONLY_THE_PARTNER}")


def _facts(off: Off | None) -> dict[str, str | None]:
    if off is None:
        return {"off_since": None, "off_by": None, "why": None}
    return {"off_since": off.since.isoformat(), "off_by": off.by.value, "why": off.why.value}
