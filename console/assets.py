"""Styles and scripts of the pages: compressed once, and kept by browsers, since their address changes with them."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

router = APIRouter()

_FOLDER = Path(__file__).parent / "pages" / "assets"
_FOR_A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, plain and compressed."""

    plain: bytes
    packed: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    files = sorted(path for path in _FOLDER.rglob("*") if path.is_file())
    return {str(path.relative_to(_FOLDER)): _read(path) for path in files}


@cache
def version() -> str:
    """Of all of them together: a style may name a picture, and a script another script."""
    whole = hashlib.sha256()
    for name, asset in assets().items():
        whole.update(name.encode() + asset.plain)
    return whole.hexdigest()[:12]


def address(name: str) -> str:
    """Where a page finds it; a name that is not there fails the page, in every test that opens it."""
    if name not in assets():
        raise FileNotFoundError(name)
    return f"/assets/{version()}/{name}"


@router.get("/assets/{of}/{name:path}", include_in_schema=False)
def asset(request: Request, of: str, name: str) -> Response:
    found = assets().get(name)
    if found is None:
        return PlainTextResponse("There is no such file.", status_code=404)
    # A page that was opened before an update still works; what it gets is not kept.
    headers = {"Cache-Control": _FOR_A_YEAR if of == version() else "no-store"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        packed = headers | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(found.packed, media_type=found.media_type, headers=packed)
    return Response(found.plain, media_type=found.media_type, headers=headers)


def _read(path: Path) -> Asset:
    plain = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "text/plain"
    # Starlette says it of what begins with text/ by itself.
    named = f"{kind}; charset=utf-8" if kind.endswith("+xml") else kind
    return Asset(plain, gzip.compress(plain, mtime=0), named)
