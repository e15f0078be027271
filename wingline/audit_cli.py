"""`wingline audit …`: who did what, whether anybody has been at it, and the head to pin up or mail."""

import json as jsons
from contextlib import closing
from datetime import datetime, time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from models.audit import Chain, Entry, read_chain
from models.audit_check import Finding, broken
from models.clock import now
from models.database import Database
from models.errors import NotAllowed
from wingline.audit_files import heads_folder, newest_head, own_keys, public_pem, read_heads, read_public, signing_key
from wingline.audit_heads import Head, HeadFinding, Keys, by_fingerprint, days_without, fingerprint, wrong_heads
from wingline.settings import Settings, read_settings
from wingline.site import read_site

app = typer.Typer(no_args_is_help=True, help="Who did what, and whether anybody has been at it (docs/audit.md).")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, as 2026-11-27.")]


@app.callback()
def audit() -> None:
    """An entry says who, what and when; never a word of a caller."""


@app.command()
def verify(
    *,
    heads: Annotated[Path | None, typer.Option(help="A folder of heads; without it, the line's own.")] = None,
    key: Annotated[list[Path] | None, typer.Option(help="A public key, in PEM; without it, this site's own.")] = None,
    json: Json = False,
) -> None:
    """Find every entry that was changed, taken out, put in or moved; exit code 1 when there is one."""
    settings = read_settings()
    if heads is not None and not heads.is_dir():
        raise NotAllowed("check the heads", f"there is no folder {heads}")
    site = read_site(settings.site_file)
    today = now().astimezone(ZoneInfo(site.site.zone)).date()
    chain = _chain(settings)
    kept = read_heads(heads or heads_folder(settings.data))
    against = wrong_heads(kept, chain, site=site.id, keys=_keys(settings, key or []), today=today)
    if heads is None:
        against += days_without(kept.values(), chain, today=today)
    found: list[Finding | HeadFinding] = [*broken(chain), *against]
    if json:
        findings = [{"wrong": one.wrong, "first": one.first, "last": one.last, "what": one.sentence} for one in found]
        answer = {"whole": not found, "entries": len(chain.entries), "heads": len(kept), "findings": findings}
        typer.echo(jsons.dumps({**answer, "start": chain.start.number, "end": _end(chain)}))
    else:
        typer.echo(f"{_extent(chain)} {len(kept)} heads were held against them.")
        for one in found:
            typer.echo(f"WRONG: {one.sentence}")
        typer.echo("Nothing is wrong." if not found else "docs/audit.md says what to do.")
        if not kept:
            typer.echo("Without a head nobody can see that the end was cut off, or all of it made anew.")
        elif not key:
            typer.echo("The key was this machine's own. A board gives its copy with --key.")
    raise typer.Exit(bool(found))


@app.command()
def show(*, since: Day = None, json: Json = False) -> None:
    """List the entries: number, time, who, what, about which id."""
    settings = read_settings()
    zone = ZoneInfo(read_site(settings.site_file).site.zone)
    first = datetime.combine(since, time(), zone) if since else None
    entries = [one for one in _chain(settings).entries if first is None or one.deed.at >= first]
    if json:
        typer.echo(jsons.dumps({"entries": [_facts(one) for one in entries]}))
        return
    for one in entries:
        moment = one.deed.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        typer.echo(f"{one.number:>7}  {moment}  {one.deed.who}: {one.deed.what}  {one.deed.about or ''}".rstrip())


@app.command()
def head(*, date: Day = None, json: Json = False) -> None:
    """Print a day's head, to pin up or to mail; without a date, the newest."""
    folder = heads_folder(read_settings().data)
    wanted = newest_head(folder, now()) if date is None else read_heads(folder).get(f"{date.date()}.head")
    if wanted is None:
        raise NotAllowed("print the head", "there is none of that day; the line writes one after each midnight")
    typer.echo(jsons.dumps(_head_facts(wanted)) if json else f"{wanted.text}\n{_what_it_proves(wanted)}")


@app.command()
def key(*, json: Json = False) -> None:
    """Print the public key, for who checks heads elsewhere."""
    public = signing_key(read_settings().data).public_key()
    if json:
        typer.echo(jsons.dumps({"fingerprint": fingerprint(public), "pem": public_pem(public)}))
        return
    typer.echo(f"{public_pem(public)}\nFingerprint: {fingerprint(public)}")


def _chain(settings: Settings) -> Chain:
    with closing(Database(settings.database_url)) as database, database.transaction() as session:
        return read_chain(session)


def _keys(settings: Settings, given: list[Path]) -> Keys:
    """Without any, the site's own."""
    return by_fingerprint(read_public(file) for file in given) if given else own_keys(settings.data)


def _end(chain: Chain) -> int:
    return chain.entries[-1].number if chain.entries else chain.start.number


def _extent(chain: Chain) -> str:
    gone = f"; those up to {chain.start.number} were two years old and are forgotten" if chain.start.number else ""
    if not chain.entries:
        return f"There is no entry{gone}."
    return f"{len(chain.entries)} entries, {chain.entries[0].number} to {_end(chain)}{gone}."


def _facts(entry: Entry) -> dict[str, object]:
    deed = entry.deed
    told = {"number": entry.number, "at": deed.at.isoformat(), "who": deed.who, "what": deed.what, "about": deed.about}
    return {**told, "previous": entry.previous, "hash": entry.hash}


def _head_facts(head: Head) -> dict[str, object]:
    return {
        "site": head.site,
        "day": head.day.isoformat(),
        "last": head.last.number,
        "hash": head.last.hash,
        "kept": head.kept,
        "signed_at": head.signed_at.isoformat(),
        "key": head.key,
        "signature": head.signature,
        "text": head.text,
    }


def _what_it_proves(head: Head) -> str:
    last = head.last.number
    return (
        f"What this is for: after {head.day} the audit of {head.site} ended with entry {last}. The hash stands for\n"
        "every entry up to it. Keep this sheet, or the file, where nobody who runs the line can change it.\n"
        f"If entry {last} is not there one day, or has another hash, then something up to it was changed, taken out\n"
        "or put in after this was signed. `wingline audit verify --heads FOLDER --key PUBLIC` compares; docs/audit.md\n"
        "says how without Wingline. It says nothing of later entries, nor whether what was written was true."
    )
