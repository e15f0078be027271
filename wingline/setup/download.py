"""Getting a file over a bad line: resumed where it stopped, and believed only when its SHA-256 is right."""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Protocol

from wingline.setup.failure import SourceFailed

_BLOCK = 1 << 18
_QUIET_SECONDS = 30
_WAITS = (1.0, 3.0, 9.0)


class Progress(Protocol):
    def reached(self, done: float, total: float) -> None: ...


def npm(package: str, version: str) -> str:
    """The address of a package in the public registry."""
    return f"https://registry.npmjs.org/{package}/-/{package.rpartition('/')[2]}-{version}.tgz"


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(
    url: str, target: Path, progress: Progress, *, checksum: str | None, waits: tuple[float, ...] = _WAITS
) -> None:
    """Leave `url` in `target`. Without a checksum the caller checks what is inside."""
    if target.exists() and checksum in (None, sha256(target)):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    resumed = part.exists()
    _all_of(url, part, progress, waits=waits)
    if checksum not in (None, sha256(part)):
        part.unlink()
        if not resumed:
            raise SourceFailed(url, reason="the file is not the one we know (SHA-256 differs)")
        # The first half may be from another day or another file.
        download(url, target, progress, checksum=checksum, waits=waits)
        return
    part.replace(target)


def _all_of(url: str, part: Path, progress: Progress, *, waits: tuple[float, ...]) -> None:
    for wait in (*waits, None):
        try:
            _rest_of(url, part, progress)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500 or wait is None:
                raise SourceFailed(url, reason=f"the server answers {error.code} {error.reason}") from error
        except (OSError, http.client.HTTPException) as error:
            if wait is None:
                raise SourceFailed(url, reason=str(error) or type(error).__name__) from error
        else:
            return
        time.sleep(wait)


def _rest_of(url: str, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    # S310: only addresses written in this package, never the asker's.
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310
    try:
        answer = urllib.request.urlopen(request, timeout=_QUIET_SECONDS)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        error.close()
        return  # nothing is left to get; the checksum says whether that is right
    with answer:
        goes_on = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        have = have if goes_on else 0
        length = answer.headers.get("Content-Length")
        total = have + int(length) if length else 0
        with part.open("ab" if goes_on else "wb") as file:
            while block := answer.read(_BLOCK):
                file.write(block)
                have += len(block)
                progress.reached(have, total or have)
    if have < total:
        raise ConnectionError(f"the connection ended after {have} of {total} bytes")
