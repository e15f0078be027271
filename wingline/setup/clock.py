"""libfaketime: sets the wall clock of one program apart from the machine's, for the clock jumps of `wingline chaos`."""

from pathlib import Path

from wingline.setup.alone import alone_in
from wingline.setup.apt import own_suites
from wingline.setup.debian import Tree, machine, unpack_all
from wingline.setup.failure import SetupFailed
from wingline.setup.paths import Places, places
from wingline.setup.steps import step

_PACKAGES = ("libfaketime",)
# The one for programs with threads.
_LIBRARY = "faketime/libfaketimeMT.so.1"


def clock_library(where: Places | None = None) -> Path:
    """What to preload: the machine's own, else ours; SetupFailed when it was never got."""
    folder = Path("usr/lib") / machine()[0] / _LIBRARY
    for root in (Path("/"), (where or places()).clock):
        if (root / folder).exists():
            return root / folder
    raise SetupFailed("libfaketime is not set up.", remedy="run .venv/bin/python -m wingline.setup clock")


def get_clock(where: Places, *, lock: int) -> None:
    """From the machine's own suites, for it is loaded into the machine's own Python, beside its C library."""
    try:
        clock_library(where)
    except SetupFailed:
        folder = where.cache / "clock"
        with alone_in(folder) as download_lock, step("downloading libfaketime") as now:
            packages = own_suites(folder).packages_for(_PACKAGES, now, lock=download_lock)
        unpack_all(packages, Tree(where.clock), _PACKAGES, lock=lock)
