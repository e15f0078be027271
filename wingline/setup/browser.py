"""A Chromium for the tests of the console: the machine's, else installed by root, else unpacked from its own suites."""

import os
import shutil
from pathlib import Path

from wingline.setup.alone import alone_in
from wingline.setup.apt import own_suites, run_apt
from wingline.setup.debian import Tree, machine, unpack_all
from wingline.setup.failure import SetupFailed
from wingline.setup.paths import Places, places
from wingline.setup.steps import step

_NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
# Without any font a page has no text, and Chromium may not even start.
_PACKAGES = ("chromium", "fonts-dejavu-core", "fontconfig-config")

_STARTER = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="{library_path}"
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_PATH="$here/etc/fonts"
export XDG_DATA_DIRS="${{XDG_DATA_DIRS:-/usr/local/share:/usr/share}}:$here/usr/share"
exec "$here/usr/lib/chromium/chromium" "$@"
"""


def browser(where: Places | None = None) -> Path:
    """The program to hand to Playwright as `executable_path`."""
    found = _found(where or places())
    if found is None:
        raise SetupFailed("There is no Chromium.", remedy="run .venv/bin/python -m wingline.setup browser")
    return found


def get_browser(where: Places, *, lock: int) -> None:
    if _found(where):
        return
    if os.geteuid() == 0:
        with step("installing chromium with apt-get") as now:
            run_apt("update", progress=now, lock=lock)
            run_apt("install", "-y", "--no-install-recommends", *_PACKAGES, progress=now, lock=lock)
    else:
        _get_privately(where, lock=lock)


def _found(where: Places) -> Path | None:
    own = next((found for name in _NAMES if (found := shutil.which(name))), None)
    starter = where.chromium / "chromium"
    return Path(own) if own else starter if starter.exists() else None


def _get_privately(where: Places, *, lock: int) -> None:
    folder = where.cache / "chromium"
    with alone_in(folder) as download_lock, step("downloading chromium (about 100 MB)") as now:
        # Libraries cannot come from another suite here: Chromium starts itself again, past any loader we choose.
        packages = own_suites(folder).packages_for(_PACKAGES, now, lock=download_lock)
    unpack_all(packages, Tree(where.chromium), _PACKAGES, lock=lock)
    if not (where.chromium / "usr/lib/chromium/chromium").exists():
        raise SetupFailed(
            "This distribution's package chromium holds no browser (on Ubuntu it only asks for the snap).",
            remedy="have chromium or google-chrome installed; only the console's tests need it.",
        )
    folders = [f"$here/{top}/{machine()[0]}{below}" for top in ("usr/lib", "lib") for below in ("", "/pulseaudio")]
    starter = where.chromium / "chromium"
    starter.write_text(_STARTER.format(library_path=":".join(folders)))
    starter.chmod(0o755)
