"""The virtual environment .venv with the packages of requirements.lock; runs on a bare Python."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from wingline.setup.alone import alone_in
from wingline.setup.failure import SetupFailed
from wingline.setup.paths import SOURCE, places

_USABLE = "import pip, sys; sys.exit(sys.version_info < (3, 11))"


def main() -> int:
    folder = SOURCE / ".venv"
    python = folder / "bin/python"
    began = monotonic()
    try:
        with alone_in(places().home) as lock:
            if not _is_usable(python):
                _say("Making the virtual environment .venv ...\n")
                _make(folder, lock=lock)
            _say("Installing the Python packages of requirements.lock into .venv (under a minute) ...\n")
            # Each file is the one that its hash says, also of what builds packages: pip fetches nothing beside them.
            for packages in ("build.lock", "requirements.lock"):
                _install(python, "--require-hashes", "--requirement", str(SOURCE / packages), lock=lock)
            _install(python, "--no-deps", "--editable", str(SOURCE), lock=lock)
    except SetupFailed as failure:
        _say(f"\nThe set-up stopped: {failure}\n")
        return 1
    except KeyboardInterrupt:
        _say("\nStopped. Start it again and it goes on from where it was.\n")
        return 130
    (folder / "ready").touch()
    _say(f"  {monotonic() - began:.1f} s\n")
    return 0


def _is_usable(python: Path) -> bool:
    return python.exists() and subprocess.run([python, "-c", _USABLE], check=False, capture_output=True).returncode == 0


def _make(folder: Path, *, lock: int) -> None:
    """Anew, since a half-made one is worth nothing."""
    with _lines_of(sys.executable, "-m", "venv", "--clear", str(folder), lock=lock) as (lines, made):
        said = list(lines)
    if made.returncode:
        raise SetupFailed(
            "python3 cannot make a virtual environment:\n    " + "\n    ".join(said[-4:]),
            remedy="install the module venv (Debian, Ubuntu: sudo apt-get install python3-venv), "
            "or name another Python: make PYTHON=/path/to/python3.11 ...",
        )


def _install(python: Path, *what: str, lock: int) -> None:
    environment = {"PIP_CACHE_DIR": str(places().cache / "pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1", **os.environ}
    arguments = [str(python), "-m", "pip", "install", "--progress-bar", "off", "--no-build-isolation", *what]
    said, began, found = [], monotonic(), 0
    with _lines_of(*arguments, lock=lock, environment=environment) as (lines, installed):
        for line in lines:
            said.append(line)
            found += line.startswith("Collecting")
            if sys.stdout.isatty():
                _say(f"\r    {found} packages found, {monotonic() - began:.0f} s ")
    if sys.stdout.isatty():
        _say("\r\033[K")
    if installed.returncode:
        errors = [line for line in said if line.startswith("ERROR")]
        raise SetupFailed(
            "pip could not install the packages:\n    " + "\n    ".join(errors or said[-8:]),
            remedy="check that pypi.org can be reached (https_proxy and PIP_INDEX_URL are honoured), then start again; "
            "what was already downloaded is kept.",
        )


@contextmanager
def _lines_of(
    *arguments: str, lock: int, environment: dict[str, str] | None = None
) -> Iterator[tuple[Iterator[str], "subprocess.Popen[str]"]]:
    with subprocess.Popen(
        arguments, env=environment, pass_fds=(lock,), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        yield (line.rstrip() for line in running.stdout or ()), running


def _say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
