"""A site with something in everything, its recipient's keys, and backups of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyrage
from builders import SITE, a_call, a_small_prison
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
from models.audit import note
from models.backups import last_backup
from models.database import Database
from rota.site_rota import By
from wingline.backup.restoring import Restored, restore
from wingline.backup.taking import Taken, take
from wingline.demo.prison import site_toml
from wingline.settings import Settings
from wingline.site import checked_site

OLD_CALL = "call-that-is-forgotten"
OURS = {
    "secrets.toml": 'ami = "the-ami-secret"',
    "recordings/en/line/name.wav": "a voice of ours",
    "tls/authority.key": "what signs for the phones",
}
NOT_OURS = {
    "log/line.log": "a line of a log",
    "asterisk/etc/pjsip.conf": "the configuration of Asterisk",
    "movements/today.csv": "who moved where",
}


@dataclass(frozen=True, slots=True)
class Backed:
    """``key``: the file that opens its backups; ``elsewhere``: where they lie."""

    settings: Settings
    key: Path
    elsewhere: Path

    def take(self, at: datetime, target: Path | None = None, *, keep: int | None = None) -> Taken:
        site = checked_site(self.settings.site_file.read_text(), "site.toml")
        return take(self.settings, site, target or self.elsewhere, keep=keep, by=By("root", at))

    def restore(self, file: Path, at: datetime, *, key: Path | None = None, replace: bool = True) -> Restored:
        return restore(self.settings, file, key or self.key, replace=replace, by=By("root", at))

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything in the database, by table."""
        with self.database() as database, database.transaction() as session:
            found = {one.name: session.execute(select(one)).all() for one in tables.Base.metadata.sorted_tables}
        return {name: sorted((tuple(row) for row in some), key=repr) for name, some in found.items()}

    def last(self) -> datetime | None:
        with self.database() as database:
            return database.do(last_backup)

    def database(self) -> "_Opened":
        return _Opened(self.settings.database_url)


class _Opened:
    def __init__(self, url: str) -> None:
        self._database = Database(url)

    def __enter__(self) -> Database:
        return self._database

    def __exit__(self, *_: object) -> None:
        self._database.close()


def a_key(file: Path) -> str:
    """Writes a secret key as age-keygen does; the public half."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    file.write_text(f"# created: 2026-11-28\n# public key: {public}\n{identity}\n")
    return public


def a_backed_site(folder: Path, url: str, at: datetime) -> Backed:
    """With a call that ended 89 days ago, somebody signed in, an audit, and things that no backup may hold."""
    settings = Settings(data=folder / "site", database=url)
    settings.data.mkdir()
    elsewhere = folder / "backups"
    elsewhere.mkdir()
    recipient = a_key(folder / "key.txt")
    backups = f'\n[backups]\nrecipients = ["{recipient}"]\nwarn_after_hours = 26\n'
    settings.site_file.write_text(site_toml(at) + backups)
    for name, content in OURS.items() | NOT_OURS.items():
        (settings.data / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.data / name).write_text(content)
    made = Backed(settings, folder / "key.txt", elsewhere)
    with made.database() as database:
        database.do(lambda session: _rows(session, at))
        an_entry(database, "acknowledged", at)
    return made


def _rows(session: Session, at: datetime) -> None:
    a_small_prison(session, "robin")
    session.add(a_call("old", id=OLD_CALL, began_at=at - timedelta(days=89), ended_at=at - timedelta(days=89)))
    session.add(tables.Account(id="acc-1", site_id=SITE, name="Officer Quill", role="staff"))
    session.flush()
    session.add(tables.SignIn(hash="signed-in", account_id="acc-1", began_at=at, seen_at=at, ends_at=at))


def an_entry(database: Database, what: str, at: datetime) -> None:
    database.do(lambda session: note(session, "nurse", what, None, at))
