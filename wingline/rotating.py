"""New secrets in a running line: what each opens, and what must be started again to ask for it."""

import os
import secrets
import signal
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.accounts_totp import Seal
from models import audit, tables
from models.database import Database
from models.errors import UnknownName
from models.words import SiteId
from rota.site_rota import By
from wingline.doctor.examination import linked
from wingline.leftovers import left_running
from wingline.phone_book import Plugged, phones_of
from wingline.reloading import reload_site
from wingline.settings import Settings, read_secrets, renew_secrets
from wingline.site import read_site
from wingline.watchdog import asterisk_answers

SECRET_BYTES = 12


class Opens(StrEnum):
    """By its name in secrets.toml. "apart" is not here: with another one no keep-apart pair would be found again."""

    AMI = "ami"
    AGI = "agi"
    SPEECH = "speech"
    CONSOLE = "console"
    TRUNK = "trunk"


WHAT_IT_OPENS: Mapping[Opens, str] = {
    Opens.AMI: "Asterisk's manager interface",
    Opens.AGI: "the line, to Asterisk",
    Opens.SPEECH: "speech, to Asterisk and the line",
    Opens.CONSOLE: "the console's cookies and forms, and the seal of authenticator apps",
    Opens.TRUNK: "the outside helpline's stand-in phone",
}
# Programs that hold it; Asterisk reads its own again while calls go on.
HELD_BY: Mapping[Opens, tuple[str, ...]] = {
    Opens.AMI: ("line",),
    Opens.AGI: ("line",),
    Opens.SPEECH: ("speech", "line"),
    Opens.CONSOLE: ("line",),
    Opens.TRUNK: (),
}
_COMMANDS = {"line": b"\0wingline.line\0", "speech": b"\0speech\0"}


@dataclass(frozen=True, slots=True)
class Rotated:
    """``asterisk_told``: it reads the new ones already; else they count from its next start."""

    names: tuple[Opens, ...]
    asterisk_told: bool
    started_again: tuple[str, ...]


async def rotate(settings: Settings, names: Collection[Opens]) -> Rotated:
    """Linked by the old secret, which Asterisk believes until it has read the new one."""
    told = await asterisk_answers(settings)
    if told:
        async with linked(settings) as ami:
            _renew(settings, names)
            await reload_site(settings, ami)
    else:
        _renew(settings, names)
    holders = tuple(name for name in _COMMANDS if any(name in HELD_BY[one] for one in names))
    ended = tuple(name for name in holders if _end(settings, name))
    return Rotated(tuple(names), told, ended)


def new_secrets_for_phones(session: Session, site: SiteId, places: Sequence[str], by: By) -> list[Plugged]:
    """Each of these phones is off the line until somebody has typed its new secret into it."""
    known = {phone.place: phone for phone in phones_of(session, site)}
    for place in places:
        if place not in known:
            raise UnknownName("phone", place)
        session.get_one(tables.Phone, known[place].id).secret = secrets.token_hex(SECRET_BYTES)
        audit.note(session, by.who, "phone_secret_changed", known[place].id, by.at)
    session.flush()
    return [phone for phone in phones_of(session, site) if phone.place in places]


def _renew(settings: Settings, names: Collection[Opens]) -> None:
    """The secrets of authenticator apps are sealed with the console's key, and with the new one from now on."""
    before = read_secrets(settings.data)[Opens.CONSOLE]
    renew_secrets(settings.data, names)
    if Opens.CONSOLE not in names:
        return
    old, new = Seal(before), Seal(read_secrets(settings.data)[Opens.CONSOLE])
    site = read_site(settings.site_file).id
    with closing(Database(settings.database_url)) as database, database.transaction() as session:
        for account in session.scalars(select(tables.Account).where(tables.Account.site_id == site)):
            app = old.open(account.totp) if account.totp else None
            account.totp = new.close(app) if app else account.totp


def _end(settings: Settings, name: str) -> bool:
    """Gently; whoever keeps it running starts it again, and Asterisk carries the calls meanwhile."""
    ours = [pid for pid in left_running(settings) if _COMMANDS[name] in Path(f"/proc/{pid}/cmdline").read_bytes()]
    for pid in ours:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    return bool(ours)
