"""Brings the installed release to a line that is up, while calls go on; and waits for a moment without any."""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.errors import AskersFault, WinglineError
from models.migrate import NewerTables, is_known, migrate
from rota.site_rota import By
from wingline.backup.copies import revision_of
from wingline.backup.errors import NoRecipients
from wingline.backup.taking import copy_of_all, note
from wingline.doctor.examination import linked
from wingline.in_between import up_pid
from wingline.leftovers import left_running
from wingline.reloading import reload_site
from wingline.settings import Settings
from wingline.site import read_site
from wingline.watchdog import line_answers

LOOK_SECONDS = 0.2
# The start of the next process, a quiet moment, and the change (wingline/handover.py).
CHANGED_SECONDS = 120.0


class NotUp(AskersFault):
    def __init__(self, data: Path) -> None:
        super().__init__(f"nothing of {data} is up: start it, and it is of the release that is installed now")


class NotChanged(WinglineError):
    def __init__(self, logs: Path) -> None:
        super().__init__(
            "the line was not changed: the new one did not come up, or could not take over. The old one goes on,\n"
            f"  with the tables of the release that is installed. Look at {logs}."
        )


@dataclass(frozen=True, slots=True)
class Upgraded:
    """``backup``: made before; ``wait_for_restart``: configuration that Asterisk reads only when it starts."""

    backup: Path | None
    wait_for_restart: tuple[str, ...]


async def upgrade(settings: Settings, by: By, *, backup: bool) -> Upgraded:
    """Backup, tables, what Asterisk can read again, and then the line itself; if a part fails, the old one goes on."""
    pid = up_pid(settings.data)
    if pid is None:
        raise NotUp(settings.data)
    if (revision := revision_of(settings.database_url)) and not is_known(revision):
        raise NewerTables
    kept = await asyncio.to_thread(_back_up, settings, by) if backup else None
    await asyncio.to_thread(migrate, settings.database_url)
    if kept:
        # This release's entry needs this release's tables.
        await asyncio.to_thread(note, settings, by)
    async with linked(settings) as ami:
        reloaded = await reload_site(settings, ami)
    before = lines(settings)
    os.kill(pid, signal.SIGHUP)
    await _until_changed(settings, before)
    return Upgraded(kept, reloaded.wait_for_restart)


def _back_up(settings: Settings, by: By) -> Path:
    site = read_site(settings.site_file)
    if site.backups is None:
        raise NoRecipients
    settings.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
    return copy_of_all(settings, site, settings.backups, by=by).file


def lines(settings: Settings) -> frozenset[int]:
    """Processes of the line: one, and two for the moments of a change."""
    return frozenset(pid for pid in left_running(settings) if b"wingline.line" in _command(pid))


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


async def _until_changed(settings: Settings, before: frozenset[int]) -> None:
    deadline = asyncio.get_running_loop().time() + CHANGED_SECONDS
    begun: frozenset[int] = frozenset()
    while (now := lines(settings)) & before or not now or not await line_answers(settings):
        following = now - before
        if (begun and not following and now & before) or asyncio.get_running_loop().time() > deadline:
            raise NotChanged(settings.logs)
        begun |= following
        await asyncio.sleep(LOOK_SECONDS)


async def drain(settings: Settings, *, within: float, told: Callable[[int], None]) -> bool:
    """Ends ``wingline up`` in a moment without any call; false when there was none within so many seconds.

    Nobody is refused meanwhile: a caller who dials is answered, and waited for.
    """
    pid = up_pid(settings.data)
    if pid is None:
        raise NotUp(settings.data)
    deadline = asyncio.get_running_loop().time() + within
    async with linked(settings) as ami:
        while live := len(await ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")):
            told(live)
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(LOOK_SECONDS)
        os.kill(pid, signal.SIGTERM)
    return True
