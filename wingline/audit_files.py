"""Where the audit's key and heads lie: ``audit-key.pem`` and ``audit/YYYY-MM-DD.head`` in the site's folder."""

import os
import tempfile
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.audit import end_of, read_chain
from models.audit_check import broken
from models.errors import AskersFault
from models.tables import Act
from wingline.audit_heads import Head, Keys, by_fingerprint, read_head, sign

log = structlog.get_logger()

# A head that was signed further in the future was signed while the clock was wrong.
AHEAD = timedelta(hours=1)


class BadKey(AskersFault):
    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is not the public key of an audit; `wingline audit key` prints the one of this site")


def key_file(data: Path) -> Path:
    return data / "audit-key.pem"


def heads_folder(data: Path) -> Path:
    return data / "audit"


def signing_key(data: Path) -> Ed25519PrivateKey:
    """Made once, readable by us alone."""
    file = key_file(data)
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = Ed25519PrivateKey.generate()
        _write_once(file, fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(file)
    return key


def own_keys(data: Path) -> Keys:
    """The site's own; but none is made by looking."""
    return by_fingerprint([signing_key(data).public_key()] if key_file(data).exists() else [])


def public_pem(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def read_public(file: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise BadKey(file) from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadKey(file)
    return key


def read_heads(folder: Path) -> dict[str, Head | None]:
    """By the file's name, in its order; None for a file that is no head."""
    files = sorted(folder.glob("*.head"))
    return {file.name: read_head(file.read_text(encoding="utf-8", errors="replace")) for file in files}


def signed_early(head: Head, now: datetime) -> bool:
    """While the clock was wrong: it says where the chain ended then, and not at the end of the day in its name."""
    return head.signed_at > now + AHEAD


def newest_head(folder: Path, now: datetime) -> Head | None:
    """Of those that can be read and believed."""
    believed = [head for head in read_heads(folder).values() if head is not None and not signed_early(head, now)]
    return max(believed, key=lambda head: head.day, default=None)


def settle_heads(session: Session, data: Path, *, site: str, zone: str, now: datetime) -> list[Head]:
    """Signs a head for each day that is over since the newest; the very first is yesterday's. Call it at any time."""
    folder = heads_folder(data)
    known = read_heads(folder)
    early = {name for name, head in known.items() if head is not None and signed_early(head, now)}
    believed = known.keys() - early
    due = _days_due(believed, now.astimezone(ZoneInfo(zone)).date())
    drafts = [_head(session, site, day, zone, now) for day in due]
    if early and not believed:
        # A clock from before the first entry is itself the wrong one.
        drafts = [draft for draft in drafts if draft.kept]
    if not drafts:
        return []
    newest = next((head for head in reversed(known.values()) if head is not None), None)
    if newest is not None:
        _look_since(session, newest)
    key = signing_key(data)
    folder.mkdir(exist_ok=True)
    heads = [sign(draft, key) for draft in drafts]
    _put_aside(folder, early, now)
    for head in heads:
        _write_once(folder / f"{head.day}.head", head.text.encode())
    log.info("audit.heads", written=len(heads), last=heads[-1].last.number)
    return heads


def _days_due(known: Iterable[str], today: date) -> list[date]:
    """By the names of the files, so that one which cannot be read is not written over."""
    over = [day for day in map(_day_of, known) if day is not None and day < today]
    first = max(over, default=today - timedelta(days=2)) + timedelta(days=1)
    return [first + timedelta(days=n) for n in range((today - first).days)]


def _day_of(name: str) -> date | None:
    try:
        return date.fromisoformat(name.removesuffix(".head"))
    except ValueError:
        return None


def _put_aside(folder: Path, early: Collection[str], now: datetime) -> None:
    """None is thrown away."""
    for name in early:
        with suppress(FileNotFoundError):
            (folder / name).rename(folder / f"{name}.early-{now:%Y%m%dT%H%M%SZ}")
    if early:
        log.warning("audit.heads_put_aside", heads=len(early))


def _look_since(session: Session, newest: Head) -> None:
    """The line's own look, at what has come since the newest head. `wingline audit verify` looks at everything."""
    if end_of(session).number < newest.last.number or broken(read_chain(session, after=newest.last)):
        log.error("audit.broken", since=newest.day.isoformat())


def _head(session: Session, site: str, day: date, zone: str, now: datetime) -> Head:
    over = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    last = end_of(session, before=over)
    kept = session.scalar(select(func.count()).select_from(Act).where(Act.id <= last.number)) or 0
    return Head(site=site, day=day, last=last, kept=kept, signed_at=now, key="")


def _write_once(file: Path, content: bytes) -> None:
    """Whole or not at all, and whoever comes second leaves it as it is."""
    handle, made = tempfile.mkstemp(dir=file.parent, prefix=".audit-")
    try:
        with os.fdopen(handle, "wb") as fresh:
            fresh.write(content)
            fresh.flush()
            os.fsync(fresh.fileno())
        with suppress(FileExistsError):
            os.link(made, file)
    finally:
        Path(made).unlink()
