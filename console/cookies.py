"""Cookies of the console: for scripts of no page, and over TLS for no other host.

Over TLS their names begin with ``__Host-``: a browser takes such a cookie from this host alone, for all of its
addresses, and never in the clear (RFC 6265bis, 4.1.3.2). Without TLS, as on loopback, it would not take them at all.
"""

from datetime import timedelta
from typing import Literal

from starlette.requests import HTTPConnection
from starlette.responses import Response

_OVER_TLS = "__Host-"


def over_tls(asked: HTTPConnection) -> bool:
    """As browsers reach us: a proxy on this machine may say so, and where the settings do, it need not."""
    address: str | None = asked.app.state.desk.door.rules.address
    return asked.scope["scheme"] == "https" or (address or "").startswith("https:")


def read(asked: HTTPConnection, name: str) -> str | None:
    return asked.cookies.get(_called(asked, name))


def give(
    asked: HTTPConnection,
    response: Response,
    cookie: tuple[str, str],
    *,
    lasts: timedelta,
    samesite: Literal["lax", "strict"] = "strict",
) -> None:
    """``cookie``: its name and what it holds."""
    name, value = cookie
    response.set_cookie(
        _called(asked, name),
        value,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite=samesite,
        secure=over_tls(asked),
    )


def take_back(asked: HTTPConnection, response: Response, name: str) -> None:
    # A browser ignores a change of a __Host- cookie that is not Secure itself.
    response.delete_cookie(_called(asked, name), httponly=True, samesite="strict", secure=over_tls(asked))


def _called(asked: HTTPConnection, name: str) -> str:
    return f"{_OVER_TLS}{name}" if over_tls(asked) else name
