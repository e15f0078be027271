"""`wingline backup` and `wingline restore` (docs/backups.md)."""

import json as jsons
from pathlib import Path
from typing import Annotated

import typer

from wingline.backup.restoring import Restored, restore
from wingline.backup.taking import take
from wingline.on_the_site import by_me
from wingline.settings import read_settings
from wingline.site import read_site

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
Keep = Annotated[int | None, typer.Option(min=1, help="In a folder: how many stay, the newest.")]


def backup_command(
    target: Annotated[Path | None, typer.Argument(help="A new file, or a folder; without it WINGLINE_BACKUPS.")] = None,
    *,
    keep: Keep = None,
    json: Json = False,
) -> None:
    """Copy database, site file, secrets and recordings, sealed for the site file's recipients; the line may run."""
    settings = read_settings()
    if target is None:
        settings.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
    taken = take(settings, read_site(settings.site_file), target or settings.backups, keep=keep, by=by_me())
    if json:
        removed = [str(one) for one in taken.removed]
        typer.echo(jsons.dumps({"file": str(taken.file), "bytes": taken.size, "removed": removed}))
        return
    typer.echo(f"{taken.file}: {taken.size} bytes, for the recipients of the site file alone.")
    for one in taken.removed:
        typer.echo(f"removed {one}")


def restore_command(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    *,
    identity: Annotated[Path, typer.Option(help="The secret key, as age-keygen writes it.")],
    replace: Annotated[bool, typer.Option("--replace", help="Move aside what is there.")] = False,
    json: Json = False,
) -> None:
    """Bring a site back; exit code 1 when the audit in it is not whole, or something could not be forgotten."""
    restored = restore(read_settings(), file, identity, replace=replace, by=by_me())
    typer.echo(jsons.dumps(_facts(restored)) if json else "\n".join(_said(restored)))
    raise typer.Exit(bool(restored.wrong or restored.overdue))


def _facts(restored: Restored) -> dict[str, object]:
    return {
        "site": restored.manifest.site,
        "made_at": restored.manifest.made_at,
        "aside": restored.aside,
        "forgotten": restored.forgotten,
        "overdue": restored.overdue,
        "open_escalations": restored.open_escalations,
        "wrong": list(restored.wrong),
    }


def _said(restored: Restored) -> list[str]:
    lines = [f"{restored.manifest.site} is as it was at {restored.manifest.made_at}; what came later is not in it."]
    lines.append(f"{restored.forgotten} rows whose time is over were forgotten at once, {restored.overdue} are left.")
    if restored.open_escalations:
        lines.append(
            f"{restored.open_escalations} escalations were open: staff are rung for them when the line starts."
        )
    lines += [f"WRONG: {one}" for one in restored.wrong] or ["The audit is whole up to then."]
    if restored.aside:
        lines.append(f"What was here is in {restored.aside}: delete it once this is right, it is not sealed.")
    lines.append("Now: look through accounts and tokens that were ended since, and start the line.")
    return lines
