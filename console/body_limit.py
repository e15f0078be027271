"""No request says more than a file of movements may: what is larger would go to a disk before anybody looked at it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from console.refusing import refusal

# A file has at most a million bytes (listeners.csv_file); up to here an upload stays in memory.
MOST_BYTES = 1_048_576


class BodyLimit:
    """Plain ASGI. The server itself holds a request to the length that it announced."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = await _refused(Request(scope)) if scope["type"] == "http" else None
        await (refused or self._app)(scope, receive, send)


async def _refused(request: Request) -> Response | None:
    if "transfer-encoding" in request.headers:
        return await refusal(request, 411, "Say how long it is (Content-Length). Nothing was recorded.")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return await refusal(
            request, 413, f"It is larger than {MOST_BYTES // 1000} kB. Nothing was recorded; split it."
        )
    return None
