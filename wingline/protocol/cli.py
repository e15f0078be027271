"""`wingline protocol …`: check a profile, and try it out on a clock that a scenario moves."""

import sys
from collections.abc import Iterator, Mapping
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from escalation.profile_file import load, missing_choices, read
from models.errors import BadProfile
from wingline.protocol.scenario import read_scenario
from wingline.protocol.simulation import simulate as play
from wingline.site import read_site

app = typer.Typer(no_args_is_help=True, help="Check a profile and try its protocols out.")

ProfileFile = Annotated[str, typer.Argument(help="A profile as a TOML file, or the name of one that is shipped.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
SiteOption = Annotated[Path | None, typer.Option("--site", help="The site file whose [choices] and posts count.")]

# What the site has not chosen is checked at its most reserved.
RESERVED: Mapping[str, Any] = {
    "attempt_in_progress_refusing": "respect",
    "threat_to_another": "off",
    "who_confirms": "listener",
}


@app.command()
def check(file: ProfileFile, *, site: SiteOption = None, json: Json = False) -> None:
    """Say what is wrong with a profile, and what must still be chosen; exit code 1 when something is wrong."""
    complaints: list[str] = []
    missing: list[str] = []
    warnings: list[str] = []
    try:
        written = read(file)
        chosen = read_site(site).choices if site else {}
        missing = missing_choices(written, chosen)
        profile = load(file, _completed(written, chosen))
        if site:
            posts = {*read_site(site).posts}
            warnings = [
                f"protocols.{name}: {post} has no phone at this site, so it is skipped"
                for name, protocol in profile.protocols.items()
                for post in sorted({post for step in protocol.steps for post in step.posts} - posts)
            ]
    except BadProfile as fault:
        complaints = str(fault).splitlines()
    found = {
        "profile": file,
        "right": not complaints,
        "complaints": complaints,
        "choices": missing,
        "warnings": warnings,
    }
    if json:
        sys.stdout.write(f"{dumps(found, indent=2)}\n")
    else:
        typer.echo("\n".join(_said(found)))
    raise typer.Exit(1 if complaints else 0)


@app.command()
def simulate(
    file: ProfileFile,
    scenario: Annotated[Path, typer.Option("--scenario", help="TOML or JSON: docs/protocol-scenario.md")],
    *,
    site: SiteOption = None,
    json: Json = False,
) -> None:
    """Play a scenario with the real engine: who is told what, and when, in seconds."""
    story = read_scenario(scenario)
    chosen = {**(read_site(site).choices if site else {}), **story.choices}
    found = play(load(file, chosen), story)
    if json:
        sys.stdout.write(f"{dumps(found, indent=2)}\n")
    else:
        typer.echo("\n".join(_told(found)))


def _completed(written: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    listens = {} if "mode" in written.get("hearing", {}) else {"hearing": {"mode": "ask"}}
    return {**listens, **RESERVED, **chosen}


def _said(found: Mapping[str, Any]) -> Iterator[str]:
    yield from found["complaints"] or [f"{found['profile']} is right."]
    if found["choices"]:
        yield "The site must still choose, under [choices] in its site file:"
        yield from found["choices"]
    yield from found["warnings"]


def _told(found: Mapping[str, Any]) -> Iterator[str]:
    for one in found["timeline"]:
        facts = {name: fact for name, fact in one.items() if name not in {"at", "what", "says"}}
        shown = ", ".join(
            f"{name} {' '.join(fact) if isinstance(fact, list) else fact}" for name, fact in facts.items()
        )
        yield f"{one['at']:>9.1f} s  {one['what']:<18}{shown}"
    for one in found["escalations"]:
        state = "open" if one["open"] else f"closed: {one['outcome']}"
        yield f"{one['cause']}: {state}; acknowledged {one['acknowledged_at']}, spoken to {one['spoken_at']}"
