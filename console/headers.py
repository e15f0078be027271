"""What every answer says to the browser: nothing from elsewhere, nothing inline, and no page is kept."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.cookies import over_tls

SAFE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NOT_KEPT = {"Cache-Control": "no-store"}
# For a year, with whatever stands below its name. Only where people reach it over TLS: elsewhere it says nothing.
TLS_ALONE = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def safe_headers(asked: HTTPConnection) -> Mapping[str, str]:
    """Of every answer to whoever asks in this way."""
    return SAFE_HEADERS | TLS_ALONE if over_tls(asked) else SAFE_HEADERS


class SafeHeaders:
    """Plain ASGI: the middleware classes that wrap answers hold back a live stream."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(safe_headers(HTTPConnection(scope)))
                if not scope["path"].startswith("/assets/"):
                    headers.update(NOT_KEPT)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
