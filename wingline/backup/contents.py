"""What a backup holds: the database, the site file, secrets and keys, certificates, signed heads and own recordings.

Never logs, never Asterisk's configuration and state, never what others drop into the folder.
"""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from wingline.backup.errors import NotOpened

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "database"
# Below the site's data folder; nothing else in it is taken, and nothing else is written back.
FILES = ("site.toml", "secrets.toml", "audit-key.pem")
FOLDERS = {"audit": (".head",), "recordings": (".wav",), "tls": (".pem", ".key")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """``dialect`` and ``revision`` are of the database; ``made_at`` is ISO 8601, UTC."""

    site: str
    made_at: str
    version: str
    dialect: str
    revision: str
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Contents:
    """``files`` by their path below the data folder."""

    manifest: Manifest
    database: bytes
    files: dict[str, bytes]


def of_site(data: Path) -> dict[str, bytes]:
    return {str(path.relative_to(data)): path.read_bytes() for path in _paths(data)}


def is_there(data: Path) -> list[str]:
    """What a restore would write over."""
    return [name for name in (*FILES, *FOLDERS) if (data / name).exists()]


def _paths(data: Path) -> Iterator[Path]:
    yield from (data / name for name in FILES if (data / name).is_file())
    for folder, endings in FOLDERS.items():
        yield from sorted(path for path in (data / folder).rglob("*") if path.suffix in endings and path.is_file())


def pack(contents: Contents) -> bytes:
    packed = io.BytesIO()
    manifest = json.dumps(asdict(contents.manifest)).encode()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=6) as archive:
        for name, content in ((MANIFEST, manifest), (DATABASE, contents.database)):
            _add(archive, name, content)
        for name, content in contents.files.items():
            _add(archive, f"site/{name}", content)
    return packed.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def unpack(packed: bytes, file: Path) -> Contents:
    """NotOpened names ``file``. Whoever knows the public key can make a backup, so that nothing in it is believed."""
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
            found = {entry.name: _content(archive, entry) for entry in archive}
        manifest = Manifest(**json.loads(found.pop(MANIFEST)))
        database = found.pop(DATABASE)
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError) as error:
        raise NotOpened(file, "it is no backup of Wingline") from error
    if manifest.format != FORMAT:
        raise NotOpened(file, "a newer Wingline made it; install that one first")
    files = {name.removeprefix("site/"): content for name, content in found.items()}
    if strange := [name for name in files if not _is_ours(PurePosixPath(name))]:
        raise NotOpened(file, f"it holds {strange[0]}, which no backup of Wingline does")
    return Contents(manifest, database, files)


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    read = archive.extractfile(entry) if entry.isfile() else None
    if read is None:
        raise ValueError("not a file")
    return read.read()


def _is_ours(name: PurePosixPath) -> bool:
    if str(name) in FILES:
        return True
    return ".." not in name.parts and len(name.parts) > 1 and name.suffix in FOLDERS.get(name.parts[0], ())


def write_files(data: Path, files: dict[str, bytes]) -> None:
    """Readable by us alone, as they were."""
    for name, content in files.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_bytes(content)
