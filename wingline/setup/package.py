"""One folder of one package from npm, fetched once and checked."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from wingline.setup.alone import alone_in
from wingline.setup.archive import unpack
from wingline.setup.download import download
from wingline.setup.failure import SetupFailed, SourceFailed
from wingline.setup.paths import Places
from wingline.setup.steps import step


@dataclass(frozen=True, slots=True)
class Package:
    title: str
    url: str
    checksum: str
    folder: str
    # What somebody can do, and do without, when it cannot be fetched.
    remedy: str


def get_package(package: Package, target: Path, places: Places) -> None:
    """SetupFailed with the remedy; a target that is there already is left as it is."""
    if target.exists():
        return
    archive = places.cache / package.url.rpartition("/")[2]
    fresh = target.with_suffix(".unpacking")
    try:
        with step(package.title) as now:
            with alone_in(places.cache):
                download(package.url, archive, now, checksum=package.checksum)
            shutil.rmtree(fresh, ignore_errors=True)
            unpack(archive, package.folder, fresh)
            fresh.rename(target)
    except SourceFailed as failure:
        raise SetupFailed(str(failure), remedy=package.remedy) from failure
