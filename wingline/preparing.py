"""Makes an installation ready to start: tables, site, prompts, Asterisk's configuration."""

import shutil
from collections.abc import Callable
from pathlib import Path

from ivr.asterisk_config import Exchange
from ivr.prompts.making import make
from ivr.prompts.texts import languages
from models.database import Database
from wingline.exchange import exchange_of, prepare, write_tones
from wingline.own_database import bring_up_to_date
from wingline.settings import Settings
from wingline.setup.programs import programs
from wingline.site import SiteFile, read_site
from wingline.site_rows import apply_site

Progress = Callable[[float, float], None]


def _no_progress(_done: float, _total: float) -> None:
    return


def take_site_file(settings: Settings, given: Path) -> SiteFile:
    """Checks the file before it replaces the one in force."""
    site = read_site(given)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if given.resolve() != settings.site_file.resolve():
        shutil.copyfile(given, settings.site_file)
    return site


def make_ready(settings: Settings, *, progress: Progress = _no_progress) -> Exchange:
    """Everything but starting; what is as it should be already is left alone."""
    site = read_site(settings.site_file)
    bring_up_to_date(settings.database_url, site.id)
    database = Database(settings.database_url)
    try:
        with database.transaction() as session:
            apply_site(session, site)
        exchange = exchange_of(settings, site, database)
    finally:
        database.close()
    own = settings.own_recordings if settings.own_recordings.is_dir() else None
    make(languages(), settings.prompts, espeak=programs().command("espeak-ng"), own=own, progress=progress)
    write_tones(settings.prompts)
    prepare(exchange)
    return exchange
