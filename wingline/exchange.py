"""The Asterisk of this installation: its configuration from the site, its start, and what changed since."""

import wave
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.asterisk_config import Exchange, Folders, PhoneLine, Tls, Trunk, write
from models import tables
from models.clock import now
from models.database import Database
from models.words import Language, PhoneId, PhoneKind, Post
from wingline import nightly_site
from wingline.certificates import tls_files
from wingline.settings import Settings, read_secrets
from wingline.setup.programs import programs
from wingline.site import SiteFile
from wingline.site_profiles import profile_of

RATE = 8000


def exchange_of(settings: Settings, site: SiteFile, database: Database) -> Exchange:
    found = programs()
    secrets = read_secrets(settings.data)
    with database.transaction() as session:
        phones, duty = _phones(session, site)
        waiting = profile_of(session, site, now()).waiting
    trunk = Trunk(site.trunk.number, site.trunk.contact, secrets["trunk"], secure=site.trunk_is_secure)
    run = settings.data / "asterisk"
    return Exchange(
        folders=Folders(run / "etc", run / "run", found.asterisk_modules(), found.asterisk_shared(), settings.prompts),
        ports=settings.ports,
        sip_host=settings.sip_host,
        ami_secret=secrets["ami"],
        agi_secret=secrets["agi"],
        speech_secret=secrets["speech"],
        short_code=site.site.short_code,
        duty_code=site.site.duty_code,
        own_code=site.site.own_code,
        wait_code=site.site.wait_code,
        staff_code=site.site.staff_code,
        kept_code=site.site.kept_code,
        language=Language(site.site.language),
        phones=phones,
        duty_phones=duty,
        trunk=trunk,
        tls=_tls(settings, site) if trunk.secure or any(phone.secure for phone in phones) else None,
        networks=[str(network) for network in site.phones.networks],
        asked_in_calls=site.phones.asked_in_calls,
        sip_proxy=settings.sip_proxy,
        listener_seconds=waiting.listener_seconds,
        outside_seconds=waiting.outside_seconds,
        duty_seconds=waiting.duty_office_seconds,
    )


def _phones(session: Session, site: SiteFile) -> tuple[list[PhoneLine], list[PhoneId]]:
    found = session.execute(
        select(tables.Phone, tables.Cell.location)
        .outerjoin(tables.Cell, tables.Cell.id == tables.Phone.cell_id)
        .where(tables.Phone.site_id == site.id)
        .order_by(tables.Phone.id)
    ).all()
    rows = [row for row, _ in found]
    phones = [
        PhoneLine(PhoneId(row.id), PhoneKind(row.kind), row.secret, secure=site.phones.is_secure(cell or row.post))
        for row, cell in found
    ]
    if site.nightly is not None:
        nightly_site.prepare(session, site)
        phones += nightly_site.phone_lines(session, site.id)
    # A site without a duty office has at least some post that a caller can be put through to.
    offices = [row.id for row in rows if row.post == Post.DUTY_OFFICE] or [row.id for row in rows if row.post]
    return phones, [PhoneId(one) for one in offices]


def _tls(settings: Settings, site: SiteFile) -> Tls:
    files = tls_files(settings, site.phones)
    return Tls(files.certificate, files.key, site.phones.authority)


def prepare(exchange: Exchange) -> tuple[str, ...]:
    """Writes what Asterisk reads; returns the configuration files that changed."""
    run = exchange.folders.run
    for folder in (run, run / "log", run / "lib", run / "cache", run / "spool"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return write(exchange)


def command(exchange: Exchange) -> list[str]:
    return [*programs().command("asterisk"), "-C", str(exchange.folders.etc / "asterisk.conf"), "-f"]


def write_tones(prompts: Path) -> None:
    """The soft tone before a prompt to the Listener, and silence where Asterisk would speak by itself."""
    seconds = np.arange(int(0.18 * RATE)) / RATE
    swell = np.sin(np.pi * seconds / seconds[-1])
    _wav(prompts / "tone.wav", 0.12 * swell * np.sin(2 * np.pi * 660 * seconds))
    _wav(prompts / "silence.wav", np.zeros(RATE // 50))


def _wav(path: Path, samples: "np.typing.NDArray[np.float64]") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
