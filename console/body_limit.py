"""No request says more than a file of movements may: what is larger would go to a disk before anybody looked at it."""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# A file has at most a million bytes (listeners.csv_file); up to here an upload stays in memory.
MOST_BYTES = 1_048_576


class BodyLimit:
    """Plain ASGI. The server itself holds a request to the length that it announced."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = _refused(Headers(scope=scope)) if scope["type"] == "http" else None
        await (refused or self._app)(scope, receive, send)


def _refused(headers: Headers) -> PlainTextResponse | None:
    if "transfer-encoding" in headers:
        return PlainTextResponse("say how long it is (Content-Length)", status_code=411)
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return PlainTextResponse(f"it is larger than {MOST_BYTES // 1000} kB; split it", status_code=413)
    return None
