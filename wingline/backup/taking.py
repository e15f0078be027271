"""Takes a backup while the line runs, and forgets the oldest ones of a folder."""

import errno
import os
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from models import audit
from models.backups import BACKED_UP
from models.database import Database
from models.errors import AskersFault
from rota.site_rota import By
from wingline.backup.contents import Contents, Manifest, of_site, pack
from wingline.backup.copies import copy_of, dialect_of, has_tables, revision_of
from wingline.backup.errors import NoRecipients, NotWritten
from wingline.backup.sealed import seal
from wingline.settings import Settings
from wingline.site import SiteFile

ENDING = ".age"


@dataclass(frozen=True, slots=True)
class Taken:
    file: Path
    size: int
    removed: tuple[Path, ...]


def take(settings: Settings, site: SiteFile, target: Path, *, keep: int | None, by: By) -> Taken:
    """``target``: a new file, or a folder, in which the newest ``keep`` stay. NotWritten leaves nothing behind."""
    taken = copy_of_all(settings, site, target, keep=keep, by=by)
    note(settings, by)
    return replace(taken, removed=_rotate(taken.file.parent, site.id, keep)) if keep else taken


def copy_of_all(settings: Settings, site: SiteFile, target: Path, *, keep: int | None = None, by: By) -> Taken:
    """Writes nothing into the database, whose tables may be of a release before. NotWritten leaves nothing behind."""
    if site.backups is None:
        raise NoRecipients
    if not has_tables(settings.database_url):
        raise AskersFault("there is no database yet; start the line once, and then back it up")
    file = _name(target, site.id, keep, by.at)
    sealed = seal(pack(_contents(settings, site, by.at)), site.backups.recipients)
    _write(file, sealed)
    return Taken(file, len(sealed), ())


def note(settings: Settings, by: By) -> None:
    """Only when there is a backup: an entry that says so when there is none would keep the warning away."""
    with closing(Database(settings.database_url)) as database:
        database.do(lambda session: audit.note(session, by.who, BACKED_UP, None, by.at))


def _name(target: Path, site: str, keep: int | None, now: datetime) -> Path:
    if target.is_dir():
        return target / f"{_beginning(site)}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{ENDING}"
    if keep:
        raise AskersFault(f"--keep is for a folder, and {target} is none")
    if target.exists():
        raise AskersFault(f"{target} is there already; name another file, or a folder")
    return target


def _contents(settings: Settings, site: SiteFile, now: datetime) -> Contents:
    url = settings.database_url
    manifest = Manifest(
        site=site.id,
        made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        version=version("wingline"),
        dialect=dialect_of(url),
        revision=revision_of(url),
    )
    return Contents(manifest, copy_of(url), of_site(settings.data))


def _write(file: Path, sealed: bytes) -> None:
    """Whole or not at all, on the disk, and read again."""
    part = file.with_name(f".{file.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(sealed)
            out.flush()
            os.fsync(out.fileno())
        _same(part, sealed)
        part.rename(file)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise NotWritten(file, error) from error


def _same(file: Path, sealed: bytes) -> None:
    if file.read_bytes() != sealed:
        raise OSError(errno.EIO, "what was written reads back as something else")


def _rotate(folder: Path, site: str, keep: int) -> tuple[Path, ...]:
    """By the names that we give, which are in the order of time."""
    ours = sorted(folder.glob(f"{_beginning(site)}*{ENDING}"))
    removed = tuple(ours[:-keep])
    for file in removed:
        file.unlink()
    return removed


def _beginning(site: str) -> str:
    return f"wingline-{site}-"
