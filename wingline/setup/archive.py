"""Taking one folder out of a .tgz or .zip that we did not pack."""

import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from wingline.setup.failure import SourceFailed


def unpack(archive: Path, folder: str, into: Path) -> None:
    """Put the plain files below `folder` into `into`, with modes and owners of our own."""
    try:
        for name, content in _files(archive):
            path = PurePosixPath(name)
            if not path.is_relative_to(folder) or ".." in path.parts:
                continue
            target = into / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                shutil.copyfileobj(content, file)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        archive.unlink()
        raise SourceFailed(archive.name, reason=f"cannot be unpacked ({error})") from error


def _files(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped:
            for entry in zipped.infolist():
                if not entry.is_dir():
                    with zipped.open(entry) as content:
                        yield entry.filename, content
        return
    with tarfile.open(archive, "r|gz") as tarred:
        for member in tarred:
            if member.isfile() and (unpacked := tarred.extractfile(member)):
                yield member.name, unpacked
