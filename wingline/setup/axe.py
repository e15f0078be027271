"""axe-core, which looks for what keeps people out of a page: for the tests of the console, and never shipped."""

import shutil

from wingline.setup.alone import alone_in
from wingline.setup.archive import unpack
from wingline.setup.download import download, npm
from wingline.setup.failure import SetupFailed, SourceFailed
from wingline.setup.paths import Places
from wingline.setup.steps import step

# MPL-2.0, by Deque.
_URL = npm("axe-core", "4.14.1")
_CHECKSUM = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"


def get_axe(places: Places) -> None:
    if places.axe.exists():
        return
    archive = places.cache / _URL.rpartition("/")[2]
    fresh = places.axe.with_suffix(".unpacking")
    try:
        with step("axe-core, 3 MB") as now:
            with alone_in(places.cache):
                download(_URL, archive, now, checksum=_CHECKSUM)
            shutil.rmtree(fresh, ignore_errors=True)
            unpack(archive, "package", fresh)
            fresh.rename(places.axe)
    except SourceFailed as failure:
        raise SetupFailed(str(failure), remedy="check the network and start again; only tests need it.") from failure
