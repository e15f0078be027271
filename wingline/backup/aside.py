"""Where a restore moves what was there: beside the data folder, unsealed, until somebody deletes it."""

from pathlib import Path

from wingline.backup.contents import is_there
from wingline.backup.copies import dialect_of, sqlite_file
from wingline.settings import Settings


def folder(data: Path, stamp: str) -> Path:
    return data.with_name(f"{data.name}-replaced-{stamp}")


def folders(data: Path) -> list[Path]:
    return sorted(data.parent.glob(f"{data.name}-replaced-*"))


def move(settings: Settings, stamp: str) -> None:
    """The site's files, and SQLite's; PostgreSQL's tables went into a schema of the same name."""
    files = [settings.data / name for name in is_there(settings.data)]
    if dialect_of(settings.database_url) == "sqlite":
        database = sqlite_file(settings.database_url)
        files += [path for end in ("", "-wal", "-shm") if (path := Path(f"{database}{end}")).exists()]
    if not files:
        return
    aside = folder(settings.data, stamp)
    aside.mkdir(mode=0o700)
    for path in files:
        path.rename(aside / path.name)
