"""Takes a changed site into a running Asterisk: only what changed is read again, and calls go on."""

import asyncio
from contextlib import closing
from dataclasses import dataclass

from ivr.ami import Ami
from ivr.asterisk_config import RELOADS
from models.database import Database
from wingline.exchange import exchange_of, prepare
from wingline.settings import Settings
from wingline.site import read_site


@dataclass(frozen=True, slots=True)
class Reloaded:
    """Which configuration files changed: read again by Asterisk, or waiting for its next start."""

    read_again: tuple[str, ...]
    wait_for_restart: tuple[str, ...]


async def reload_site(settings: Settings, ami: Ami) -> Reloaded:
    """``ami`` is connected: nothing is written that Asterisk could not be told of."""
    await ami.act("Ping")
    changed = await asyncio.to_thread(_write, settings)
    reloaded = tuple(name for name in changed if name in RELOADS)
    for module in dict.fromkeys(RELOADS[name] for name in reloaded):
        await ami.act("Reload", Module=module)
    return Reloaded(reloaded, tuple(name for name in changed if name not in RELOADS))


def _write(settings: Settings) -> tuple[str, ...]:
    with closing(Database(settings.database_url)) as database:
        return prepare(exchange_of(settings, read_site(settings.site_file), database))
