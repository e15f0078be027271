"""apt-get with a state of its own: it resolves and downloads as anybody, and never touches the machine's packages."""

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from wingline.setup.failure import SetupFailed
from wingline.setup.steps import Step

# Mirrors drop old versions several times a day; an older list is fetched again.
LIST_IS_FRESH_FOR_SECONDS = 24 * 3600
_LOCK_SECONDS = 300

# The machine's own sources and releases, in a folder that is ours.
_OWN_SUITES = """\
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
"""

_INSTALLS = re.compile(r"^Inst (?P<name>\S+) (?:\[\S+\] )?\((?P<version>\S+) .*\[(?P<architecture>\w+)\]\)")
_DOWNLOADED = re.compile(r"^[dp][lm]status:[^:]*:(?P<percent>[\d.]+):")


@dataclass(frozen=True, slots=True)
class Apt:
    """One private state of apt in `folder`; `settings` is its configuration, read after the machine's own."""

    folder: Path
    settings: str

    def packages_for(self, wanted: tuple[str, ...], now: Step, *, lock: int) -> list[Path]:
        """Download `wanted` and all they depend on; the files to unpack."""
        (self.folder / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        (self.folder / "state" / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (self.folder / "apt.conf").write_text(self.settings)
        if not self._list_is_fresh():
            self._update(now, lock=lock)
        try:
            return self._download(wanted, now, lock=lock)
        except SetupFailed:
            # The mirror has moved on since the list was made.
            self._update(now, lock=lock)
            return self._download(wanted, now, lock=lock)

    def _list_is_fresh(self) -> bool:
        made = self.folder / "updated"
        return made.exists() and time.time() - made.stat().st_mtime < LIST_IS_FRESH_FOR_SECONDS

    def _update(self, now: Step, *, lock: int) -> None:
        self._run("update", progress=now, lock=lock)
        (self.folder / "updated").touch()

    def _download(self, wanted: tuple[str, ...], now: Step, *, lock: int) -> list[Path]:
        self._run("install", "--download-only", "-y", *wanted, progress=now, lock=lock)
        plan = self._run("install", "--simulate", *wanted, progress=None, lock=lock)
        return [self.folder / "archives" / name for name in package_files(plan)]

    def _run(self, *arguments: str, progress: Step | None, lock: int) -> list[str]:
        return run_apt("-c", str(self.folder / "apt.conf"), *arguments, progress=progress, lock=lock)


def own_suites(folder: Path) -> Apt:
    """For what runs with the machine's own libraries: from its own suites, and only what it lacks as it is now."""
    shutil.copy("/var/lib/dpkg/status", folder / "status")
    return Apt(folder, _OWN_SUITES.format(folder=folder))


def run_apt(*arguments: str, progress: Step | None, lock: int) -> list[str]:
    """What apt-get said, line by line; `lock` stays held for as long as it lives."""
    apt_get = shutil.which("apt-get")
    if apt_get is None:
        raise SetupFailed(
            "This machine has no apt-get.",
            remedy="on a machine that is not Debian-like use the container in deploy/ (see deploy/README.md), "
            "or install Asterisk 22.6 or newer, baresip, espeak-ng and flite yourself.",
        )
    # A machine that has just been installed looks for updates by itself, and holds dpkg's lock meanwhile.
    options = ("-o", f"DPkg::Lock::Timeout={_LOCK_SECONDS}", *(("-o", "APT::Status-Fd=1") if progress else ()))
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    lines: list[str] = []
    with subprocess.Popen(
        [apt_get, *options, *arguments],
        env=environment,
        pass_fds=(lock,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        for line in running.stdout or ():
            lines.append(line.rstrip())
            if progress and (percent := _DOWNLOADED.match(line)):
                progress.reached(float(percent["percent"]), 100)
    if running.returncode:
        raise _apt_failed(lines)
    return lines


def package_files(plan: list[str]) -> list[str]:
    """The names that apt gives to the files of a simulated installation."""
    found = (_INSTALLS.match(line) for line in plan)
    return [f"{it['name']}_{it['version'].replace(':', '%3a')}_{it['architecture']}.deb" for it in found if it]


def _apt_failed(lines: list[str]) -> SetupFailed:
    said = [line for line in lines if line.startswith(("E:", "Err:", "W:"))] or lines
    return SetupFailed(
        "apt-get failed:\n    " + "\n    ".join(said[-8:]),
        remedy="check that deb.debian.org can be reached (http_proxy is honoured) and that the disk has 1 GB free, "
        "then start again; what was already downloaded is kept.",
    )
