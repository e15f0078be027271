"""What a site does in the middle of the day: its configuration is read again, its rota is another."""

import asyncio

from sqlalchemy.exc import OperationalError

from ivr.asterisk_config import RELOADS
from models.clock import now
from models.errors import AsterisksFault
from wingline.chaos.node import Node
from wingline.chaos.prison import PROFILE, Prison
from wingline.demo.prison import site_toml
from wingline.preparing import take_site_file
from wingline.reloading import reload_site
from wingline.site import SiteFile
from wingline.site_rows import apply_site

# Each waits for the database as long as the line does.
TRIES = 3


class Reloaded:
    """Every file that Asterisk can read again counts as changed."""

    who = None

    def __init__(self, node: Node) -> None:
        self._node = node

    async def inject(self) -> bool:
        node = self._node
        for name in RELOADS:
            file = node.settings.data / "asterisk" / "etc" / name
            with file.open("a") as written:
                written.write("; changed by somebody\n")
        try:
            reloaded = await reload_site(node.settings, node.manager)
        except AsterisksFault:
            return False  # there is no Asterisk just now; the next one reads what is written
        return bool(reloaded.read_again)

    async def heal(self) -> None:
        """Nothing was broken."""


class RotaChanged:
    """`wingline site apply` with a rota on which only four are on duty, and later with all again."""

    who = None

    def __init__(self, prison: Prison, node: Node) -> None:
        self._prison, self._node = prison, node

    async def inject(self) -> bool:
        return await self._apply(everybody=False)

    async def heal(self) -> None:
        """Whoever changes it tries again when somebody else holds the database."""
        for _ in range(TRIES):
            if await self._apply(everybody=True):
                return

    async def _apply(self, *, everybody: bool) -> bool:
        given = self._prison.folder / "changed.toml"
        given.write_text(site_toml(now(), profile=str(PROFILE), everybody=everybody) + self._node.site_end)
        site: SiteFile = await asyncio.to_thread(take_site_file, self._node.settings, given)
        try:
            await self._prison.database.run(lambda session: apply_site(session, site))
        except OperationalError:
            return False
        return True
