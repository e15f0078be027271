"""A prison whose programs are those of `wingline up`, of a release that can be changed for the next."""

import asyncio
import os
import shutil
import signal
import subprocess
from pathlib import Path

import httpx
import pyrage

from models.database import Database
from models.errors import WinglineError
from wingline.bench.releases import Releases
from wingline.demo.world import World, free_ports
from wingline.leftovers import left_running
from wingline.preparing import Progress
from wingline.service import environment
from wingline.settings import read_secrets
from wingline.setup.paths import places
from wingline.site import read_site
from wingline.up import until_up

START_SECONDS, END_SECONDS = 300.0, 30.0


class WentWrong(WinglineError):
    def __init__(self, words: tuple[str, ...], said: str) -> None:
        super().__init__(f"wingline {' '.join(words)}: {said}")


class Installed(World):
    """``database``: the address of an empty one on PostgreSQL; else it is SQLite.

    ``beside``: another node, with whose site, secrets and database this one works.
    """

    def __init__(
        self, releases: Releases, site_toml: str = "", *, database: str = "", beside: "Installed | None" = None
    ) -> None:
        self.releases = releases
        self.key = pyrage.x25519.Identity.generate()
        super().__init__(f'{site_toml}\n[backups]\nrecipients = ["{self.key.to_public()}"]\nwarn_after_hours = 26\n')
        self._beside = beside
        self.settings.database = beside.settings.database if beside else database
        self.settings.node = "beside" if beside else "line"
        self.settings.backups = self.folder / "backups"
        (self.settings.metrics_port,) = free_ports(1)
        self._up: subprocess.Popen[bytes] | None = None

    async def prepare(self, progress: Progress | None = None) -> None:
        """Nothing but the site's file: the rest is for `wingline up`."""
        del progress
        self.settings.data.mkdir(parents=True, mode=0o700)
        if self._beside:
            for file in (self._beside.settings.site_file, self._beside.settings.secrets_file):
                shutil.copy(file, self.settings.data)
        else:
            self.settings.site_file.write_text(self._site_toml)
            read_secrets(self.settings.data)
        self.site = read_site(self.settings.site_file)
        self.database = Database(self.settings.database_url)

    async def start(self) -> None:
        with self.said.open("ab") as out:
            self._up = subprocess.Popen(  # noqa: ASYNC220  it does not wait
                (self._wingline, "up"), stdout=out, stderr=out, env=self._environment, cwd=self.folder
            )
        await self.answers()

    async def answers(self) -> None:
        """Until everything does; a machine that others use as well may take long."""
        await until_up(self.settings, within=START_SECONDS)
        await self.until_up()

    async def stop(self) -> None:
        await self.unplug_everybody()
        if self._up:
            self._up.terminate()
        try:
            await self.ended()
        finally:
            for pid in left_running(self.settings):
                os.kill(pid, signal.SIGKILL)
            self.database.close()

    async def ended(self) -> None:
        """Waits until `wingline up` has ended."""
        if self._up:
            await asyncio.to_thread(self._up.wait, END_SECONDS)

    def key_file(self) -> Path:
        """The secret half of the key for which backups are sealed."""
        file = self.folder / "key"
        file.write_text(str(self.key))
        return file

    async def types(self, *words: str) -> str:
        """What a command of the release that is installed now says. WentWrong with its words when it refuses."""
        typed = await asyncio.create_subprocess_exec(
            self._wingline, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=self._environment, cwd=self.folder,
        )  # fmt: skip
        said, wrong = await typed.communicate()
        if typed.returncode:
            raise WentWrong(words, (wrong or said).decode())
        return said.decode()

    async def release(self) -> str:
        """Of which the line says that it is."""
        async with httpx.AsyncClient() as asking:
            figures = (await asking.get(f"http://127.0.0.1:{self.settings.metrics_port}/metrics")).text
        return figures.partition('wingline_info{version="')[2].partition('"')[0]

    @property
    def said(self) -> Path:
        """What `wingline up` has said."""
        return self.folder / "out"

    @property
    def _wingline(self) -> str:
        return str(self.releases.current / "bin" / "wingline")

    @property
    def _environment(self) -> dict[str, str]:
        ours = {"WINGLINE_HOME": str(places().home), "WINGLINE_PYTHON": str(self.releases.python)}
        return os.environ | environment(self.settings) | ours
