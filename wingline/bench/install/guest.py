"""A machine of its own on this one: Debian's systemd in namespaces, on a tree that stays as it was."""

import asyncio
import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from models.errors import AskersFault, OurFault
from wingline.bench.cluster.hosts import Host

SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "python3-venv", "adduser", "age", "ca-certificates", "debian-archive-keyring"),
    *("iproute2", "libseccomp2", "procps", "util-linux"),
)
BOOTED_SECONDS = 120.0
# What is seen within a test's time is said at once; a package that installs wheels on a busy machine takes minutes.
COMMAND_SECONDS = 1200.0


class NoGuest(AskersFault):
    def __init__(self, why: str) -> None:
        super().__init__(
            f"the installation cannot be tried: {why}.\n"
            "  What to do: run it as root on Debian 12, with debootstrap and iproute2 installed and cgroup2 mounted"
        )


class WentWrong(OurFault):
    def __init__(self, command: tuple[str, ...], code: int | None, said: str) -> None:
        super().__init__(f"{' '.join(command)} ended with {code} on the machine of its own:\n{said[-3000:]}")


def debian(tree: Path) -> None:
    """A small Debian into the folder, once: some minutes, and 300 MB."""
    if (tree / "complete").exists():
        return
    if shutil.which("debootstrap") is None:
        raise NoGuest("there is no debootstrap")
    shutil.rmtree(tree, ignore_errors=True)
    tree.parent.mkdir(parents=True, exist_ok=True)
    wanted = ("debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(tree), MIRROR)
    done = subprocess.run(wanted, capture_output=True, text=True, check=False)
    if done.returncode:
        raise WentWrong(wanted, done.returncode, done.stdout + done.stderr)
    (tree / "complete").touch()


@dataclass(slots=True)
class Guest:
    """``shared`` is its /srv/shared; ``folder`` is where it lies while it runs."""

    host: Host
    tree: Path
    folder: Path
    shared: Path
    _process: asyncio.subprocess.Process | None = field(default=None)

    async def boot(self) -> None:
        boot = str(files("wingline.bench.install") / "boot.sh")
        places = map(str, (self.tree, self.folder, self.shared, self._cgroup))
        self._process = await asyncio.create_subprocess_exec(
            # Not `ip netns exec`, which hides the cgroups.
            *("nsenter", f"--net=/run/netns/{self.host.namespace}", "sh", boot, *places),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        async with asyncio.timeout(BOOTED_SECONDS):
            while await self.says("systemctl", "is-system-running") not in {"running", "degraded"}:
                if self._process.returncode is not None:
                    raise NoGuest("its systemd did not start")
                await asyncio.sleep(0.5)

    async def run(self, *command: str) -> str:
        code, said = await self._run(command)
        if code:
            raise WentWrong(command, code, said)
        return said

    async def says(self, *command: str) -> str:
        """Whatever comes of it."""
        return (await self._run(command))[1]

    async def _run(self, command: tuple[str, ...]) -> tuple[int | None, str]:
        if (init := self.init) is None:
            return None, ""
        inside = ("nsenter", "-t", str(init), "-a", "env", "-i", "PATH=/usr/sbin:/usr/bin", "LC_ALL=C")
        running = await asyncio.create_subprocess_exec(
            *(*inside, "DEBIAN_FRONTEND=noninteractive", *command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(running.communicate(), COMMAND_SECONDS)
        return running.returncode, said.decode(errors="replace").strip()

    @property
    def init(self) -> int | None:
        """Its systemd, when that is what runs already."""
        if self._process is None:
            return None
        here = Path(f"/proc/{self._process.pid}")
        with suppress(OSError, IndexError):
            pid = int((here / "task" / here.name / "children").read_text().split()[0])
            return pid if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd" else None
        return None

    @property
    def _cgroup(self) -> Path:
        unified = Path("/sys/fs/cgroup/unified")
        return (unified if unified.is_dir() else Path("/sys/fs/cgroup")) / f"wingline-guest-{os.getpid()}"

    async def stop(self) -> None:
        """With its systemd the kernel kills all that it has started, and takes its mounts away."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            await asyncio.sleep(1)
        for folder in sorted(self._cgroup.rglob("*/"), reverse=True) if self._cgroup.exists() else ():
            with suppress(OSError):
                folder.rmdir()
        with suppress(OSError):
            self._cgroup.rmdir()
