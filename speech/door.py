"""Where the speech process is on this machine, and the secret that opens it: loopback alone would let anybody in."""

import base64
import hmac
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

USER = "wingline"


@dataclass(frozen=True, slots=True)
class Door:
    port: int
    secret: str = field(repr=False)

    def url(self, path: str) -> str:
        """``path``: /flags, or /media with its call."""
        return f"ws://{USER}:{self.secret}@127.0.0.1:{self.port}{path}"

    def admits(self, authorization: str) -> bool:
        """The header as the WebSocket clients of Asterisk and of ``websockets`` send it (RFC 7617)."""
        wanted = base64.b64encode(f"{USER}:{self.secret}".encode())
        return hmac.compare_digest(authorization.encode(), b"Basic " + wanted)


def secret_in(file: Path) -> str:
    """The installation's secrets.toml; read once, at the start. A file without this secret is a KeyError."""
    return str(tomllib.loads(file.read_text())["speech"])
