"""A folder into which offices put their CSV files: what is right is taken, what is not comes back with words."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from listeners.apart_store import import_keep_apart
from listeners.csv_file import MOST_BYTES, BadFile, WrongRow, decoded
from listeners.movements_store import Effect, import_movements
from models.database import Database
from models.words import SiteId
from wingline.settings import read_secrets

log = structlog.get_logger()

FOLDER = "drop"
DONE = "done"
REFUSED = "refused"
# A file that changed so lately may still be being written.
STILL_BEING_WRITTEN = timedelta(seconds=2)
# These are copies of what an office has; they hold names, and need not lie here for longer.
KEPT = timedelta(days=7)


class Kind(StrEnum):
    """What a file is, by the beginning of its name."""

    MOVEMENTS = "movements"
    KEEP_APART = "keep-apart"


WHOLE = "keep-apart-whole"


@dataclass(frozen=True, slots=True)
class Taken:
    """One file, without its name: how many rows were right, how many wrong, and what followed."""

    kind: Kind
    right: int
    wrong: int
    effect: Effect


@dataclass(frozen=True, slots=True)
class _Found:
    """What came of one file, or why nothing could."""

    right: int = 0
    wrong: Sequence[WrongRow] = ()
    effect: Effect = field(default_factory=Effect)
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class _Box:
    data: Path
    database: Database
    site: SiteId
    now: datetime

    @property
    def folder(self) -> Path:
        return self.data / FOLDER

    def whole_files(self) -> Iterator[tuple[Path, Kind]]:
        for file in sorted(self.folder.iterdir()):
            name = file.name.casefold()
            kind = next((kind for kind in Kind if name.startswith(kind) and name.endswith(".csv")), None)
            if kind and file.is_file() and not file.is_symlink() and self._has_lain(file, STILL_BEING_WRITTEN):
                yield file, kind

    def take(self, file: Path, kind: Kind) -> _Found:
        try:
            text = decoded(_read(file))
            return self.database.do(lambda session: self._import(session, text, kind, file.name))
        except BadFile as error:
            return _Found(complaint=str(error))

    def put_away(self, file: Path, kind: Kind, found: _Found) -> None:
        """Prison numbers do not stay here once they are read; a file that has to be corrected does, for a while."""
        refused = bool(found.wrong or found.complaint)
        place = self._free(self.folder / (REFUSED if refused else DONE) / file.name)
        if kind is Kind.KEEP_APART and not refused:
            file.unlink()
        else:
            os.utime(file, (self.now.timestamp(), self.now.timestamp()))
            file.rename(place)
            place.chmod(0o600)
        if refused or kind is Kind.KEEP_APART:
            note = place.with_name(f"{place.name}.txt")
            note.write_text("\n".join(_words(found, kind)) + "\n", "utf-8")
            os.utime(note, (self.now.timestamp(), self.now.timestamp()))

    def forget_old(self) -> None:
        for folder in (self.folder / DONE, self.folder / REFUSED):
            for file in folder.iterdir():
                if file.is_file() and self._has_lain(file, KEPT):
                    file.unlink(missing_ok=True)

    def _import(self, session: Session, text: str, kind: Kind, name: str) -> _Found:
        if kind is Kind.MOVEMENTS:
            moved = import_movements(session, self.site, text, now=self.now)
            return _Found(moved.right, moved.wrong, moved.effect)
        key, whole = read_secrets(self.data)["apart"].encode(), name.casefold().startswith(WHOLE)
        apart = import_keep_apart(session, self.site, text, key=key, whole=whole)
        return _Found(apart.right, apart.wrong)

    def _has_lain(self, file: Path, long: timedelta) -> bool:
        """Unchanged for so long; a file whose date lies ahead came so from another machine, and nobody writes it."""
        try:
            return abs(self.now.timestamp() - file.stat().st_mtime) >= long.total_seconds()
        except FileNotFoundError:
            return False

    def _free(self, place: Path) -> Path:
        """Another file of this name may lie there from before."""
        if not place.exists() and not place.with_name(f"{place.name}.txt").exists():
            return place
        return place.with_name(f"{place.stem}-{self.now:%Y%m%dT%H%M%S%f}{place.suffix}")


def take_drops(settings_data: Path, database: Database, site: SiteId, now: datetime) -> tuple[Taken, ...]:
    """Takes every file that is there and whole. What cannot be taken now, such as without a database, waits."""
    box = _Box(settings_data, database, site, now)
    for folder in (box.folder, box.folder / DONE, box.folder / REFUSED):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    box.forget_old()
    taken = []
    for file, kind in box.whole_files():
        try:
            found = box.take(file, kind)
            box.put_away(file, kind, found)
        except (SQLAlchemyError, OSError) as fault:
            # Its own text may hold a row or a name.
            log.warning("drop.waits", kind=kind.value, error=type(fault).__name__)
            continue
        log.info("drop.taken", kind=kind.value, right=found.right, wrong=len(found.wrong))
        taken.append(Taken(kind, found.right, len(found.wrong), found.effect))
    return tuple(taken)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except PermissionError as error:
        raise BadFile("the line may not read it; give it to the user that the line runs as") from error


def _words(found: _Found, kind: Kind) -> Iterator[str]:
    if found.complaint:
        yield found.complaint
        yield "Nothing of it was taken. Correct it and put it into the folder again."
    else:
        yield f"Rows that were taken: {found.right}. Rows that were not: {len(found.wrong)}."
        yield from (f"row {one.row}: {one.advice}" for one in found.wrong)
    if found.wrong:
        yield "Correct these rows and put the file into the folder again: rows that were taken change nothing twice."
    if kind is Kind.KEEP_APART:
        yield (
            f"The file here is deleted after {KEPT.days} days, for it holds prison numbers; sooner is better."
            if found.wrong or found.complaint
            else "The file was deleted here, for it held prison numbers."
        )
