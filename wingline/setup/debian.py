"""A private tree of Debian programs: unpacked, never installed, and run with its own loader and libraries."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from wingline.setup.alone import alone_in
from wingline.setup.apt import Apt
from wingline.setup.failure import SetupFailed
from wingline.setup.paths import Places
from wingline.setup.steps import Step, step

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

# Machine's name -> folder of its libraries, name of its loader.
_MACHINES = {
    "x86_64": ("x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "aarch64": ("aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
}

# What the machine's own settings may hold is taken away where it would reach beyond our folder or our suite:
# hooks that clean the machine's cache, pins and a default release that name other suites.
_FORKY_SETTINGS = """\
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Default-Release;
APT::Install-Recommends "false";
APT::Update::Error-Mode "any";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "-";
"""


@dataclass(frozen=True, slots=True)
class Tree:
    """An unpacked set of packages at `root`, and how a program in it is started."""

    root: Path

    @property
    def libraries(self) -> Path:
        return self.root / "usr/lib" / machine()[0]

    @property
    def library_path(self) -> str:
        # Pulse's common library lies in a folder of its own, which its installed cache would name.
        return f"{self.libraries}:{self.libraries / 'pulseaudio'}"

    def command(self, program: str) -> list[str] | None:
        """A program of the tree through the tree's own loader, so that the machine's C library does not matter."""
        for folder in ("usr/bin", "usr/sbin"):
            path = self.root / folder / program
            if path.exists():
                loader = self.libraries / machine()[1]
                return [str(loader), "--library-path", self.library_path, "--argv0", program, str(path)]
        return None

    def holds(self, wanted: Iterable[str]) -> bool:
        stamp = self.root / "wanted"
        return stamp.exists() and set(wanted) <= set(stamp.read_text().split())


def machine() -> tuple[str, str]:
    try:
        return _MACHINES[platform.machine()]
    except KeyError:
        raise SetupFailed(
            f"Wingline's private programs exist for amd64 and arm64, and this is {platform.machine()}.",
            remedy="install Asterisk 22.6 or newer, baresip, espeak-ng and flite yourself; they are used when found.",
        ) from None


def get_tree(places: Places, wanted: tuple[str, ...], *, lock: int, tree: Tree | None = None) -> None:
    """Debian's forky suite, whatever the machine runs: bookworm has no Asterisk, and so all machines have the same."""
    tree = tree or Tree(places.debian)
    if tree.holds(wanted):
        return
    machine()
    folder = places.cache / "forky"
    with alone_in(folder) as download_lock:
        apt = forky(folder)
        with step(f"downloading {', '.join(wanted)} from Debian forky (at most 140 MB)") as now:
            packages = apt.packages_for(wanted, now, lock=download_lock)
    unpack_all(packages, tree, wanted, lock=lock)


def forky(folder: Path) -> Apt:
    if not KEYRING.exists():
        raise SetupFailed(
            f"Debian's signing keys are not on this machine ({KEYRING}), so its packages cannot be checked.",
            remedy="have them installed: sudo apt-get install debian-archive-keyring (Ubuntu: from universe).",
        )
    source = f"deb [signed-by={KEYRING}] http://deb.debian.org/debian forky main\n"
    (folder / "sources.list").write_text(source)
    # As if nothing were installed: the tree brings everything, down to the C library.
    (folder / "status").touch()
    return Apt(folder, _FORKY_SETTINGS.format(folder=folder))


def unpack_all(packages: list[Path], tree: Tree, wanted: tuple[str, ...], *, lock: int) -> None:
    """Build the tree beside its place and move it there whole, so that a tree that exists is a complete one."""
    fresh = tree.root.with_suffix(".unpacking")
    with step(f"unpacking {len(packages)} packages") as now:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        _unpack(packages, fresh, now, lock=lock)
        (fresh / "wanted").write_text("\n".join(wanted) + "\n")
        shutil.rmtree(tree.root, ignore_errors=True)
        fresh.rename(tree.root)


def _unpack(packages: list[Path], into: Path, now: Step, *, lock: int) -> None:
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        running = [workers.submit(_unpack_one, package, into, lock=lock) for package in packages]
        for done, one in enumerate(as_completed(running), start=1):
            one.result()
            now.reached(done, len(packages))


def _unpack_one(package: Path, into: Path, *, lock: int) -> None:
    done = subprocess.run(
        ["dpkg-deb", "--extract", str(package), str(into)],
        pass_fds=(lock,),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        # A file that cannot be read is fetched again next time.
        package.unlink(missing_ok=True)
        raise SetupFailed(
            f"{package.name} cannot be unpacked: {done.stderr.strip()}",
            remedy="check that the disk has 1 GB free, then start again.",
        )
