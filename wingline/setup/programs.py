"""How each program of the line is started on this machine: its own where it is good enough, else the private one."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from wingline.setup.debian import Tree, get_tree, machine
from wingline.setup.failure import SetupFailed
from wingline.setup.paths import Places, places

# The first with chan_websocket as the line uses it (WebSocket client, per call).
OLDEST_ASTERISK = (22, 6)


class Program(StrEnum):
    ASTERISK = "asterisk"
    BARESIP = "baresip"
    ESPEAK = "espeak-ng"
    FLITE = "flite"


PACKAGES = {
    Program.ASTERISK: ("asterisk", "asterisk-modules"),
    Program.BARESIP: ("baresip-core",),
    Program.ESPEAK: ("espeak-ng",),
    Program.FLITE: ("flite",),
}


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of one installation; `path` is where the machine's own are looked for."""

    tree: Tree
    path: str

    def command(self, name: str) -> list[str]:
        """How to start a program, up to its first argument."""
        program = Program(name)
        if own := self.on_the_machine(program):
            return [own]
        private = self.tree.command(program)
        if private is None:
            raise SetupFailed(f"{program} is not set up.", remedy="run .venv/bin/python -m wingline.setup line people")
        if program is Program.ESPEAK:
            # Its compiled-in folder of voices is the machine's, not the tree's.
            private.append(f"--path={self.tree.libraries}")
        return private

    def on_the_machine(self, program: Program) -> str | None:
        # An ordinary user's PATH often lacks the folder where Asterisk is.
        found = shutil.which(program, path=f"{self.path}:/usr/sbin:/usr/local/sbin")
        if found and program is Program.ASTERISK and not is_new_enough(_version(found)):
            return None
        return found

    def missing_packages(self) -> tuple[str, ...]:
        """What the private tree is to hold."""
        missing = [PACKAGES[program] for program in Program if not self.on_the_machine(program)]
        return tuple(package for packages in missing for package in packages)

    def asterisk_modules(self) -> Path:
        return self._folder_of(Program.ASTERISK, "asterisk/modules", within=("lib", "lib64"))

    def asterisk_shared(self) -> Path:
        """Asterisk's own sounds, documentation and keys (astdatadir)."""
        return self._folder_of(Program.ASTERISK, "asterisk", within=("share",), also=Path("/var/lib/asterisk"))

    def baresip_modules(self) -> Path:
        return self._folder_of(Program.BARESIP, "baresip/modules", within=("lib", "lib64"))

    def _folder_of(self, program: Program, name: str, *, within: tuple[str, ...], also: Path | None = None) -> Path:
        own = self.on_the_machine(program)
        root = Path(own).resolve().parents[1] if own else self.tree.root / "usr"
        candidates = list(_folders(root, name, within))
        if own and also:
            candidates.append(also)
        for folder in candidates:
            if folder.is_dir():
                return folder
        raise SetupFailed(
            f"{program}'s folder {name} is not below {root}.", remedy=f"check how {program} is installed."
        )


def _folders(root: Path, name: str, within: tuple[str, ...]) -> Iterator[Path]:
    for folder in within:
        yield root / folder / machine()[0] / name
        yield root / folder / name


def is_new_enough(version: str) -> bool:
    found = re.match(r"Asterisk (?:certified[/-])?(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_ASTERISK


def _version(asterisk: str) -> str:
    return subprocess.run([asterisk, "-V"], capture_output=True, text=True, check=False).stdout


def programs(where: Places | None = None) -> Programs:
    return Programs(Tree((where or places()).debian), os.environ.get("PATH", os.defpath))


def command(name: str) -> list[str]:
    """How to start asterisk, baresip, espeak-ng or flite, up to its first argument."""
    return programs().command(name)


def get_programs(where: Places, *, lock: int) -> None:
    """All programs at once, so that every machine that has run the set-up has the same tree."""
    if missing := programs(where).missing_packages():
        get_tree(where, missing, lock=lock)
