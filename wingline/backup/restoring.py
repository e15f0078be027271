"""Brings a site back from a backup; nothing of it is served before what is due has been forgotten."""

import os
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models import audit, tables
from models.audit_check import broken
from models.backups import RESTORED
from models.database import Database
from models.migrate import is_known, migrate
from models.overdue import purge
from rota.site_rota import By
from wingline.audit_files import heads_folder, own_keys, read_heads
from wingline.audit_heads import wrong_heads
from wingline.backup import aside, copies
from wingline.backup.contents import Contents, Manifest, is_there, unpack, write_files
from wingline.backup.errors import DataThere, NotOpened, StillRuns
from wingline.backup.sealed import open_sealed, read_identities
from wingline.leftovers import left_running
from wingline.settings import Settings
from wingline.site import checked_site
from wingline.up import only_one


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """``aside``: where what was there before lies. ``wrong``: what is wrong with the audit, as sentences."""

    manifest: Manifest
    aside: str | None
    forgotten: int
    overdue: int
    open_escalations: int
    wrong: tuple[str, ...]


def restore(settings: Settings, file: Path, key: Path, *, replace: bool, by: By) -> Restored:
    contents = _opened(settings, file, key)
    with only_one(settings.data):
        if any(left_running(settings)):
            raise StillRuns(settings.data)
        there = is_there(settings.data) + (["a database"] if copies.has_tables(settings.database_url) else [])
        if there and not replace:
            raise DataThere(", ".join(there))
        stamp = f"{by.at:%Y%m%dt%H%M%Sz}"
        put = _into_sqlite if contents.manifest.dialect == "sqlite" else _into_postgres
        settled = put(settings, contents, stamp, by)
        return Restored(
            manifest=contents.manifest,
            aside=str(aside.folder(settings.data, stamp)) if there else None,
            forgotten=settled.forgotten,
            overdue=settled.overdue,
            open_escalations=settled.open_escalations,
            wrong=_wrong_with_the_audit(settings, contents, by.at),
        )


def _opened(settings: Settings, file: Path, key: Path) -> Contents:
    """Everything that can be found wrong is, before anything is touched."""
    contents = unpack(open_sealed(file, read_identities(key)), file)
    manifest, here = contents.manifest, copies.dialect_of(settings.database_url)
    if manifest.dialect != here:
        raise NotOpened(file, f"its database is {manifest.dialect}, and WINGLINE_DATABASE here is {here}")
    if not is_known(manifest.revision):
        raise NotOpened(file, f"its tables are newer than this release; install Wingline {manifest.version} first")
    checked_site(contents.files.get("site.toml", b"").decode(errors="replace"), "site.toml in the backup")
    return contents


# ---- the two databases


def _into_sqlite(settings: Settings, contents: Contents, stamp: str, by: By) -> "_Settled":
    """Beside the old one until it may be served."""
    final = copies.sqlite_file(settings.database_url)
    fresh = final.with_name(f".restoring-{stamp}.db")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(contents.database)
        settled = _settle(f"sqlite:///{fresh}", contents.manifest, by)
        aside.move(settings, stamp)
        fresh.rename(final)
    finally:
        for left in (fresh, Path(f"{fresh}-wal"), Path(f"{fresh}-shm")):
            with suppress(FileNotFoundError):
                left.unlink()
    write_files(settings.data, contents.files)
    return settled


def _into_postgres(settings: Settings, contents: Contents, stamp: str, by: By) -> "_Settled":
    url = settings.database_url
    with copies.put_into_postgres(url, contents.database, f"{copies.ASIDE}{stamp}"):
        settled = _settle(url, contents.manifest, by)
    aside.move(settings, stamp)
    write_files(settings.data, contents.files)
    return settled


@dataclass(frozen=True, slots=True)
class _Settled:
    forgotten: int
    overdue: int
    open_escalations: int


def _settle(url: str, manifest: Manifest, by: By) -> _Settled:
    migrate(url)
    with closing(Database(url)) as database:
        waiting = database.do(partial(_begin_again, manifest=manifest, by=by))
        purged = purge(database, by.at)
    return _Settled(sum(purged.gone.values()), sum(one.rows for one in purged.overdue), waiting)


def _begin_again(session: Session, manifest: Manifest, by: By) -> int:
    """Whoever was signed in then is not now. How many escalations were open: staff will be rung for them again."""
    session.execute(delete(tables.SignIn))
    audit.note(session, by.who, RESTORED, manifest.made_at, by.at)
    return session.scalar(select(func.count()).where(tables.Escalation.closed_at.is_(None))) or 0


def _wrong_with_the_audit(settings: Settings, contents: Contents, now: datetime) -> tuple[str, ...]:
    with closing(Database(settings.database_url)) as database:
        chain = database.do(audit.read_chain)
    site = checked_site(contents.files["site.toml"].decode(), "site.toml")
    today = now.astimezone(ZoneInfo(site.site.zone)).date()
    heads = read_heads(heads_folder(settings.data))
    against = wrong_heads(heads, chain, site=site.id, keys=own_keys(settings.data), today=today)
    return (*(one.sentence for one in broken(chain)), *(one.sentence for one in against))
