"""Between the installing of a release and `wingline upgrade` the tables are left to the line that runs on them.

Any other command would bring them on without a backup, and the one that the upgrade makes then would be no way back.
When the line itself has to start in between, as after a power cut, it makes that backup if it can.
"""

import fcntl
from pathlib import Path

import structlog

from models.errors import AskersFault, WinglineError
from models.migrate import are_older, migrate
from rota.site_rota import By
from wingline.backup.copies import has_tables
from wingline.backup.taking import copy_of_all
from wingline.settings import Settings
from wingline.site import read_site

log = structlog.get_logger()


class OlderTables(AskersFault):
    def __init__(self) -> None:
        super().__init__(
            "a newer release is installed than the one whose line is up, and its tables are still those of the older.\n"
            "  What to do: wingline upgrade (systemctl reload wingline), which makes a backup first; then this again."
        )


def up_pid(data: Path) -> int | None:
    """The process that holds the lock of ``wingline up``; none when nobody does."""
    try:
        with (data / "up.lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return int((data / "up.lock").read_text())
    except FileNotFoundError:
        return None
    return None


def refuse_in_between(settings: Settings) -> None:
    """OlderTables when a line that is up has tables of a release before this one."""
    url = settings.database_url
    # The lock is looked at last: in that moment no `wingline up` could start.
    if has_tables(url) and are_older(url) and up_pid(settings.data) is not None:
        raise OlderTables


def bring_tables(settings: Settings) -> None:
    """For a command that works on the tables of this release; OlderTables."""
    refuse_in_between(settings)
    migrate(settings.database_url)


def back_up_older(settings: Settings, by: By) -> Path | None:
    """Before a start that brings older tables to this release. Where there can be no backup the line starts as well."""
    url = settings.database_url
    if not (has_tables(url) and are_older(url)):
        return None
    try:
        settings.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
        return copy_of_all(settings, read_site(settings.site_file), settings.backups, by=by).file
    except (WinglineError, OSError) as error:
        log.warning("upgrade.without_backup", why=type(error).__name__)
    return None
